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
QUEUE_HEADER: Final = ("ID", "STATUS", "RECEIVED (UTC)", "LABEL", "STREET DATE", "WARNINGS", "FOLDER", "RELEASE")
"""For packages in Needs QC alone."""
WIDTH: Final = 120
"""The width of lines where output is not a terminal."""

LONGEST_LABEL: Final = 12
LONGEST_BARCODE: Final = 13
NARROWEST: Final = 12
"""The least width of the columns for folder and release."""

LABEL: Final = HEADER.index("LABEL")
"""The column of the label; barcode or street date follow it."""

BETWEEN: Final = "  "


@click.command("packages", short_help="List packages, or the queue of QC.")
@click.option("--status", type=click.Choice([status.value for status in Status], case_sensitive=False))
@click.option("--label", default=None, help="Only this label's.")
@click.option("--search", default="", metavar="TEXT", help="Only those with this in artist, title, barcode or folder.")
@click.option(
    "--oldest-first/--newest-first",
    default=None,
    help="The order of arrival, or the opposite.  [default: oldest first with --status 'Needs QC', else newest first]",
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--wide", is_flag=True, help="Cut nothing: lines get as long as they must.")
@format_option
@pass_here
def command(
    here: Here,
    status: str | None,
    label: str | None,
    search: str,
    oldest_first: bool | None,
    limit: int,
    wide: bool,
    output: str,
) -> None:
    """List packages, the newest first; with --status 'Needs QC' the queue of QC: the oldest first, with street dates.

    `Incoming, aside` is a package that could not be read through a fault of ours and waits for `ingest retry`.
    Updates, takedowns, purges and tests say so beside their status: `Needs QC, takedown`. A test that passed stays
    `Incoming, test`. `Needs QC, superseded`: the label has uploaded the release again since.
    """
    wanted = None if status is None else Status(status)
    is_queue = wanted is Status.NEEDS_QC
    first = is_queue if oldest_first is None else oldest_first
    with here.views() as views:
        try:
            found = views.packages(status=wanted, label=label, search=search, limit=limit, oldest_first=first)
        except NotFound as error:
            raise click.UsageError(words(error)) from None
    if output == "json":
        click.echo(json.dumps({"packages": [shown(row) for row in found.lines], "total": found.total}, indent=2))
    elif not found.lines:
        click.echo("no packages")
    else:
        header, cells_of = (QUEUE_HEADER, queue_cells) if is_queue else (HEADER, cells)
        for line in table([cells_of(row) for row in found.lines], None if wide else _width(), header):
            click.echo(line)
    if len(found.lines) < found.total:
        told = f"{len(found.lines)} of {found.total} packages are shown; --limit {found.total} shows all, --search some"
        click.echo(f"ingest: {told}", err=True)


def _width() -> int:
    return shutil.get_terminal_size((WIDTH, 24)).columns if sys.stdout.isatty() else WIDTH


def cells(row: PackageLine) -> tuple[str, ...]:
    """The cells of a package, in the order of HEADER; `–` for what is unknown."""
    status = ", ".join([row.status, *_marks(row)])
    release = " – ".join(part for part in (row.artist, row.title) if part)
    received = f"{row.received_at:%Y-%m-%d %H:%M}"
    foreign = (row.label, row.barcode or "–", row.folder, release or "–")
    return (str(row.id), status, received, *(visible(one) for one in foreign))


def queue_cells(row: PackageLine) -> tuple[str, ...]:
    """The cells of a package, in the order of QUEUE_HEADER."""
    number, status, received, label, _, folder, release = cells(row)
    return (number, status, received, label, visible(row.release_date or "–"), str(row.warnings), folder, release)


def named_release(row: PackageLine) -> str:
    """` (Artist – Title)`, to follow a package's number; empty where neither is known."""
    release = " – ".join(part for part in (row.artist, row.title) if part)
    return f" ({release})" if release else ""


def _marks(row: PackageLine) -> list[str]:
    """What the list shows beside the status.

    That the package is on hold, its kind unless it is a new release, and that a newer upload takes its place.
    """
    marks = ["aside"] if row.is_on_hold else []
    if row.kind not in (None, Kind.NEW_RELEASE):
        marks.append(str(row.kind))
    return marks if row.superseded_by is None else [*marks, "superseded"]


def table(rows: Sequence[tuple[str, ...]], width: int | None, header: tuple[str, ...] = HEADER) -> list[str]:
    """The header and the rows as lines of at most `width` columns; None cuts nothing.

    A folder is cut in its middle, because names differ at their ends; a release and a label at their end.
    """
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    if width is not None:
        widths[LABEL] = min(widths[LABEL], LONGEST_LABEL)
        widths[LABEL + 1] = min(widths[LABEL + 1], LONGEST_BARCODE)
        *fixed, folder, release = widths
        left = width - sum(fixed) - len(BETWEEN) * (len(header) - 1)
        release = max(NARROWEST, min(release, left - min(folder, left // 2)))
        widths = [*fixed, max(NARROWEST, min(folder, left - release)), release]
    return [_line(row, widths) for row in (header, *rows)]


def _line(row: tuple[str, ...], widths: Sequence[int]) -> str:
    number, *middle, folder, release = row
    told = [number.rjust(widths[0])]
    told += [_cut(part, wide) for part, wide in zip(middle, widths[1:-2], strict=True)]
    told += [_cut_middle(folder, widths[-2]), _cut(release, widths[-1])]
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
        "warnings": row.warnings,
        "received_at": row.received_at.isoformat(),
        "kind": row.kind,
        "earlier_package": row.replaces,
        "superseded_by": row.superseded_by,
        "waits_for_retry": row.is_on_hold,
        "files_read": row.files_read,
        "files": row.files_in_all,
    }
