"""`ingest show ID`"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from heapq import merge
from operator import itemgetter
from typing import Final

import click

from ingest.cli.delivery_list import delivery_json, delivery_words
from ingest.cli.finding_list import shown_findings
from ingest.cli.options import PACKAGE_ID, Here, format_option, pass_here
from ingest.cli.packages import shown
from ingest.cli.terminal import say
from ingest.core.checklist import CHECKLIST
from ingest.core.decision import DecisionKind
from ingest.core.finding import Finding, Severity
from ingest.core.kind import Kind
from ingest.core.status import Status
from ingest.flow.views import ChangeLine, DecisionLine, EmailLine, PackageLine, PackageView, UploadLine

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
    with here.views() as views:
        view = views.package(package)
        if output == "json":
            tracks = [asdict(track) for track in views.tracks(package)]
            click.echo(json.dumps(_json(view) | {"tracks": tracks}, indent=2))
        else:
            _print(view, views.facts(package))


def _json(view: PackageView) -> dict[str, object]:
    return {
        **shown(view.package),
        "later_uploads": [asdict(one) for one in view.later],
        "earlier_uploads": [asdict(one) for one in view.earlier],
        "findings": [asdict(finding) for finding in view.findings],
        "changes": [_dated(change) for change in view.changes],
        "decisions": [_dated(decision) for decision in view.decisions],
        "deliveries": [delivery_json(delivery) for delivery in view.deliveries],
        "emails": [
            {**asdict(one), "sent_at": _iso(one.sent_at), "given_up_at": _iso(one.given_up_at)} for one in view.emails
        ],
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _dated(line: ChangeLine | DecisionLine) -> dict[str, object]:
    return {**asdict(line), "at": line.at.isoformat()}


def _print(view: PackageView, facts: Sequence[tuple[str, str]]) -> None:
    row = view.package
    say(f"Package {row.id} · {row.status} · {row.folder}")
    for told in _uploads(view):
        say(told)
    if row.kind not in (None, Kind.NEW_RELEASE):
        click.echo(_purpose(row, row.kind))
    if row.is_on_hold and row.status is Status.INCOMING:
        click.echo("It could not be read through a fault of ours; `ingest retry` reads it again.")
    elif row.is_on_hold:
        click.echo("It is on hold: its files are no longer those that were checked. Ops were told.")
    if measuring := _measuring(row):
        click.echo(measuring)
    for name, value in (*_release(row), *facts):
        say(f"  {name:9} {value}")
    for severity in Severity:
        for finding in shown_findings(view.findings, severity):
            _print_finding(finding)
    _print_history(view)
    if row.status is Status.NEEDS_QC and row.kind not in (Kind.TAKEDOWN, Kind.PURGE):
        click.echo("\nThe cover, to be judged by eye")
        for question in CHECKLIST:
            click.echo(f"  [ ] {question}")


def _uploads(view: PackageView) -> Iterator[str]:
    """The other uploads of the release: the newest later one first, which the label means."""
    by = view.package.superseded_by
    for one in view.later:
        sign = "SUPERSEDED: p" if one.id == by else "P"
        yield f"{sign}ackage {one.id} ({_described(one)}) is a newer upload of this release."
    for one in view.earlier:
        yield f"This is a newer upload of the release of package {one.id} ({_described(one)})."


def _described(one: UploadLine) -> str:
    return f"{', '.join([one.status, *([one.kind] if one.kind not in (None, Kind.NEW_RELEASE) else [])])}, {one.folder}"


def _release(row: PackageLine) -> Iterator[tuple[str, str]]:
    """What is known of the release."""
    named = (
        ("Artist", row.artist),
        ("Title", row.title),
        ("Barcode", row.barcode),
        ("Type", row.release_type),
        ("Released", row.release_date),
    )
    return ((name, value) for name, value in named if value)


def _purpose(row: PackageLine, kind: Kind) -> str:
    """The purpose of the package: the result of a test, or what an approval would do while it can be approved."""
    earlier = "" if row.replaces is None else f" of package {row.replaces}"
    purpose = f"This is {'an' if kind is Kind.UPDATE else 'a'} {kind.value}{earlier}."
    if kind is Kind.TEST and row.status is Status.INCOMING and row.is_checked:
        return f"{purpose} The test passed. It goes no further."
    return purpose + (NEXT[kind] if kind is Kind.TEST or row.status is Status.NEEDS_QC else "")


def _measuring(row: PackageLine) -> str:
    """The progress of reading while there is no verdict yet; empty afterwards."""
    is_over = row.status is not Status.INCOMING or row.is_checked
    if is_over or row.is_on_hold or row.files_in_all is None:
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


def _print_history(view: PackageView) -> None:
    click.echo("\nHistory (UTC)")
    for at, what, note in merge(_changes(view), _retries(view), key=itemgetter(0)):
        say(f"  {at:%Y-%m-%d %H:%M:%S}  {what}")
        for line in note.splitlines():
            say(f"    {line}")
    for delivery in view.deliveries:
        for line in delivery_words(delivery):
            say(f"  {line}")
    for email in view.emails:
        say(f"  email {email.kind} to {', '.join(email.to)}: {_sent(email)}")


def _changes(view: PackageView) -> Iterator[tuple[datetime, str, str]]:
    """When, what, and the note of it."""
    for change in view.changes:
        yield change.at, f"{change.new} ({change.who})", change.note


def _retries(view: PackageView) -> Iterator[tuple[datetime, str, str]]:
    """As `_changes`; approvals and rejections change the status and stand there."""
    for decision in view.decisions:
        if decision.kind is DecisionKind.RETRY:
            yield decision.at, f"retry: {', '.join(decision.details['retried'])} ({decision.who})", decision.note
        elif decision.kind in (DecisionKind.DELIVER, DecisionKind.REDELIVER, DecisionKind.TAKEDOWN):
            dsps = ", ".join([*decision.details["dsps"], *decision.details.get("told", ())])
            yield decision.at, f"{decision.kind}: {dsps} ({decision.who})", decision.note
        elif decision.kind in (DecisionKind.RESEND, DecisionKind.DROP_EMAIL):
            did = "resend" if decision.kind is DecisionKind.RESEND else "drop"
            yield decision.at, f"{did}: email {decision.details['kind']} ({decision.who})", decision.note


def _sent(email: EmailLine) -> str:
    if email.sent_at is not None:
        refused = f", refused by {', '.join(email.refused)}" if email.refused else ""
        return f"sent {email.sent_at:%Y-%m-%d %H:%M:%S}{refused}"
    if email.given_up_at is not None:
        return f"given up (`ingest resend {email.id}`) {email.fault or ''}".rstrip()
    return f"not sent yet {email.fault or ''}".rstrip()
