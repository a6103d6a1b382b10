"""`ingest packages`"""

from __future__ import annotations

import json

import click

from ingest.cli.options import Here, format_option, pass_here
from ingest.core.status import Status
from ingest.store import labels
from ingest.store.models import Package
from ingest.store.packages import list_packages


@click.command("packages")
@click.option("--status", type=click.Choice([status.value for status in Status], case_sensitive=False))
@click.option("--label", default=None, help="Only this label's.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@format_option
@pass_here
def command(here: Here, status: str | None, label: str | None, limit: int, output: str) -> None:
    """List packages, the newest first."""
    wanted = None if status is None else Status(status)
    with here.house() as house, house.store.reading() as tx:
        owner = None if label is None else labels.find_label(tx, label)
        number = None if label is None else (0 if owner is None else owner.id)
        rows = list_packages(tx, status=wanted, label=number, limit=limit)
    if output == "json":
        click.echo(json.dumps({"packages": [shown(row) for row in rows]}, indent=2))
        return
    for row in rows:
        release = " – ".join(part for part in (row.artist, row.title) if part) or row.folder
        aside = "  (waits: ingest retry)" if row.aside_at is not None else ""
        click.echo(
            f"{row.id:>6}  {row.status:18} {row.received_at:%Y-%m-%d %H:%M}  {row.label.name:16} {release}{aside}"
        )


def shown(row: Package) -> dict[str, object]:
    """A package as JSON for machines; times are ISO 8601 in UTC."""
    return {
        "id": row.id,
        "status": row.status,
        "label": row.label.name,
        "folder": row.folder,
        "title": row.title,
        "artist": row.artist,
        "upc": row.barcode,
        "type": row.release_type,
        "release_date": row.release_date,
        "received_at": row.received_at.isoformat(),
        "waits_for_retry": row.aside_at is not None,
    }
