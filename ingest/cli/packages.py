"""`ingest packages`"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from typing import Final

import click

from ingest.cli.options import Here, format_option, pass_here
from ingest.cli.refusals import words
from ingest.core.kind import Kind
from ingest.core.status import Status
from ingest.core.visible import visible
from ingest.flow.errors import NotFound
from ingest.flow.views import PackageLine

HEADER: Final = ("ID", "STATUS", "RECEIVED (UTC)", "LABEL", "BARCODE", "FOLDER", "RELEASE")
WIDTH: Final = 120
"""The width of lines where output is not a terminal."""

LONGEST_LABEL: Final = 12
NARROWEST: Final = 12
"""The least width of the columns for folder and release."""

BETWEEN: Final = "  "


@click.command("packages")
@click.option("--status", type=click.Choice([status.value for status in Status], case_sensitive=False))
@click.option("--label", default=None, help="Only this label's.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--wide", is_flag=True, help="Cut nothing: lines get as long as they must.")
@format_option
@pass_here
def command(here: Here, status: str | None, label: str | None, limit: int, wide: bool, output: str) -> None:
    """List packages, the newest first.

    `Incoming, aside` is a package that could not be read through a fault of ours and waits for `ingest retry`.
    Updates, takedowns, purges and tests say so beside their status: `Needs QC, takedown`. A test that passed stays
    `Incoming, test`.
    """
    wanted = None if status is None else Status(status)
    with here.views() as views:
        try:
            rows = views.packages(status=wanted, label=label, limit=limit)
        except NotFound as error:
            raise click.UsageError(words(error)) from None
    if output == "json":
        click.echo(json.dumps({"packages": [shown(row) for row in rows]}, indent=2))
    elif not rows:
        click.echo("no packages")
    else:
        for line in table([cells(row) for row in rows], None if wide else _width()):
            click.echo(line)


def _width() -> int:
    return shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH


def cells(row: PackageLine) -> tuple[str, ...]:
    """The cells of a package, in the order of HEADER; `–` for what is unknown."""
    status = ", ".join([row.status, *_marks(row)])
    release = " – ".join(part for part in (row.artist, row.title) if part)
    received = f"{row.received_at:%Y-%m-%d %H:%M}"
    foreign = (row.label, row.barcode or "–", row.folder, release or "–")
    return (str(row.id), status, received, *(visible(one) for one in foreign))


def _marks(row: PackageLine) -> list[str]:
    """What the list shows beside the status: that the package is on hold, and its kind unless it is a new release."""
    on_hold = ["aside"] if row.is_on_hold else []
    return on_hold if row.kind in (None, Kind.NEW_RELEASE) else [*on_hold, str(row.kind)]


def table(rows: Sequence[tuple[str, ...]], width: int | None) -> list[str]:
    """HEADER and the rows as lines of at most `width` columns; None cuts nothing.

    A folder is cut in its middle, because names differ at their ends; a release and a label at their end.
    """
    number, status, received, label, barcode, folder, release = (
        max(len(row[column]) for row in (HEADER, *rows)) for column in range(len(HEADER))
    )
    if width is not None:
        label, barcode = min(label, LONGEST_LABEL), min(barcode, 13)
        left = width - (number + status + received + label + barcode) - len(BETWEEN) * (len(HEADER) - 1)
        release = max(NARROWEST, min(release, left - min(folder, left // 2)))
        folder = max(NARROWEST, min(folder, left - release))
    widths = (number, status, received, label, barcode, folder, release)
    return [_line(row, widths) for row in (HEADER, *rows)]


def _line(row: tuple[str, ...], widths: Sequence[int]) -> str:
    number, status, received, label, barcode, folder, release = row
    parts = (number.rjust(widths[0]), status, received, *(_cut(label, widths[3]), _cut(barcode, widths[4])))
    told = (*parts, _cut_middle(folder, widths[5]), _cut(release, widths[6]))
    return BETWEEN.join(part.ljust(wide) for part, wide in zip(told, widths, strict=True)).rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _cut_middle(text: str, width: int) -> str:
    head = (width - 1) // 2
    return text if len(text) <= width else f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def shown(row: PackageLine) -> dict[str, object]:
    """A package as JSON for machines; times are ISO 8601 in UTC."""
    return {
        "id": row.id,
        "status": row.status,
        "label": row.label,
        "folder": row.folder,
        "title": row.title,
        "artist": row.artist,
        "upc": row.barcode,
        "type": row.release_type,
        "release_date": row.release_date,
        "received_at": row.received_at.isoformat(),
        "kind": row.kind,
        "earlier_package": row.replaces,
        "waits_for_retry": row.is_on_hold,
        "files_read": row.files_read,
        "files": row.files_in_all,
    }
