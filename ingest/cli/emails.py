"""`ingest emails`"""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from ingest.cli.options import PACKAGE_ID, Here, format_option, pass_here
from ingest.cli.terminal import say
from ingest.flow.emails import EmailEntry


@click.command("emails", short_help="List the emails to labels, QC and ops.")
@click.option("--package", type=PACKAGE_ID, default=None, help="Only those about this package.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@format_option
@pass_here
def command(here: Here, package: int | None, limit: int, output: str) -> None:
    """List emails, the newest first: whether each was sent, is owed, or was given up. `ingest email ID` shows one."""
    with here.app() as app:
        found = app.emails.newest(package=package, limit=limit)
    if output == "json":
        click.echo(json.dumps({"emails": [_json(one) for one in found]}, indent=2))
    elif not found:
        click.echo("no emails")
    for one in found if output == "text" else ():
        say(_line(one))


def _json(one: EmailEntry) -> dict[str, object]:
    times = {"owed_at": one.owed_at, "sent_at": one.sent_at, "given_up_at": one.given_up_at}
    return {**asdict(one), **{name: at and at.isoformat() for name, at in times.items()}}


def _line(one: EmailEntry) -> str:
    about = "" if one.package is None else f"package {one.package}"
    return f"{one.id:>6}  {one.owed_at:%Y-%m-%d %H:%M}  {one.kind:12} {about:14} to {', '.join(one.to)}: {_state(one)}"


def _state(one: EmailEntry) -> str:
    if one.sent_at is not None:
        return "sent"
    if one.given_up_at is not None:
        return f"given up: {one.fault or ''}"
    return f"owed: {one.fault}" if one.fault else "owed"
