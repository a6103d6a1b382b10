"""`ingest show ID`"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

import click
from sqlalchemy.orm import Session

from ingest.app.application import App
from ingest.cli.errors import FAILED
from ingest.cli.options import PACKAGE_ID, Here, format_option, pass_here
from ingest.cli.packages import shown
from ingest.cli.terminal import say
from ingest.core.checklist import CHECKLIST
from ingest.core.finding import Finding
from ingest.core.kind import Kind
from ingest.core.status import Status
from ingest.store import notices, packages
from ingest.store.deliveries import deliveries_of
from ingest.store.models import Package

NEXT: Final = {
    Kind.UPDATE: " Approved, it goes to the agreed DSPs and to all that have the release.",
    Kind.TAKEDOWN: " Approved, it goes to the DSPs that have the release.",
    Kind.PURGE: " Approved, it goes to the DSPs that have the release.",
    Kind.TEST: " It goes no further.",
}


@click.command("show", short_help="Show a package with its findings and its history.")
@click.argument("package", metavar="ID", type=PACKAGE_ID)
@format_option
@pass_here
def command(here: Here, package: int, output: str) -> None:
    """Show a package: status, facts, findings, history, deliveries, emails; in Needs QC also the checklist."""
    with here.app() as app, app.store.reading() as tx:
        row = packages.get_package(tx, package)
        if row is None:
            click.echo(f"ingest: there is no package {package}; `ingest packages` lists them", err=True)
            raise SystemExit(FAILED)
        if output == "json":
            click.echo(json.dumps(_json(tx, row), indent=2))
        else:
            _print(app, tx, row)


def _json(tx: Session, row: Package) -> dict[str, object]:
    return {
        **shown(row),
        "findings": [asdict(finding) for finding in packages.findings_of(tx, row.id)],
        "changes": [
            {"old": one.old, "new": one.new, "who": one.who, "at": one.at.isoformat(), "note": one.note}
            for one in packages.changes_of(tx, row.id)
        ],
        "deliveries": [
            {"dsp": one.dsp, "state": one.state, "attempts": one.attempts, "fault": one.fault}
            for one in deliveries_of(tx, row.id)
        ],
        "emails": [
            {
                "kind": one.kind,
                "to": one.recipients,
                "message_id": one.message_id,
                "sent_at": None if one.sent_at is None else one.sent_at.isoformat(),
                "fault": one.fault,
            }
            for one in notices.notices_of(tx, row.id)
        ],
    }


def _print(app: App, tx: Session, row: Package) -> None:
    say(f"Package {row.id} · {row.status} · {row.folder}")
    if row.kind not in (None, Kind.NEW_RELEASE.value):
        click.echo(_purpose(row, Kind(row.kind)))
    if row.on_hold_at is not None and row.status == Status.INCOMING.value:
        click.echo("It could not be read through a fault of ours; `ingest retry` reads it again.")
    elif row.on_hold_at is not None:
        click.echo("It is on hold: its files are no longer those that were checked. Ops were told.")
    if measuring := _measuring(row):
        click.echo(measuring)
    for name, value in _release(row):
        if value:
            say(f"  {name:9} {value}")
    for name, value in app.outbox.facts(tx, row):
        say(f"  {name:9} {value}")
    for finding in packages.findings_of(tx, row.id):
        _print_finding(finding)
    _print_history(tx, row.id)
    if row.status == Status.NEEDS_QC.value and row.kind not in (Kind.TAKEDOWN.value, Kind.PURGE.value):
        click.echo("\nThe cover, to be judged by eye")
        for question in CHECKLIST:
            click.echo(f"  [ ] {question}")


def _release(row: Package) -> Iterator[tuple[str, str | None]]:
    yield "Artist", row.artist
    yield "Title", row.title
    yield "Barcode", row.barcode
    yield "Type", row.release_type
    yield "Released", row.release_date


def _purpose(row: Package, kind: Kind) -> str:
    """The purpose of the package: the result of a test, or what an approval would do while it can be approved."""
    earlier = "" if row.replaces_id is None else f" of package {row.replaces_id}"
    purpose = f"This is {'an' if kind is Kind.UPDATE else 'a'} {kind.value}{earlier}."
    if kind is Kind.TEST and row.status == Status.INCOMING.value and row.checked_at is not None:
        return f"{purpose} The test passed. It goes no further."
    return purpose + (NEXT[kind] if kind is Kind.TEST or row.status == Status.NEEDS_QC.value else "")


def _measuring(row: Package) -> str:
    """The progress of reading while there is no verdict yet; empty afterwards."""
    is_over = row.status != Status.INCOMING.value or row.checked_at is not None
    if is_over or row.on_hold_at is not None or row.files_in_all is None:
        return ""
    return f"Measuring: {row.files_read} of {row.files_in_all} files"


def _print_finding(finding: Finding) -> None:
    place = ", ".join(
        part for part in (finding.file, f"line {finding.line}" if finding.line else None) if part is not None
    )
    click.echo()
    say(f"  {finding.severity.value.upper()} {finding.code}" + (f"  {place}" if place else ""))
    say(f"    {finding.text}")
    say(f"    Fix: {finding.fix}")


def _print_history(tx: Session, package: int) -> None:
    click.echo("\nHistory (UTC)")
    for change in packages.changes_of(tx, package):
        say(f"  {change.at:%Y-%m-%d %H:%M:%S}  {change.new} ({change.who})")
        for line in change.note.splitlines():
            say(f"    {line}")
    for delivery in deliveries_of(tx, package):
        failure = f" · {delivery.fault}" if delivery.fault else ""
        say(f"  → {delivery.dsp}: {delivery.state}, attempts {delivery.attempts}{failure}")
    for notice in notices.notices_of(tx, package):
        sent = (
            f"sent {notice.sent_at:%Y-%m-%d %H:%M:%S}"
            if notice.sent_at
            else f"not sent yet {notice.fault or ''}".rstrip()
        )
        say(f"  email {notice.kind} to {', '.join(notice.recipients)}: {sent}")
