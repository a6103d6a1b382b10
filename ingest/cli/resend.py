"""`ingest resend [EMAIL]`"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import click

from ingest.cli.options import EMAIL_ID, PACKAGE_ID, Here, as_option, by, format_option, pass_here
from ingest.cli.terminal import say
from ingest.flow.resend import GivenUp


@click.command("resend", short_help="Send emails again that were given up, or list them.")
@click.argument("email", metavar="[EMAIL]", type=EMAIL_ID, required=False)
@click.option("--package", type=PACKAGE_ID, help="Those about this package instead of one email.")
@click.option("--all", "everything", is_flag=True, help="All that were given up.")
@click.option("--drop", is_flag=True, help="Do not send them: leave them unsent, and do not warn of them any more.")
@format_option
@as_option
@pass_here
def command(here: Here, email: int | None, package: int | None, everything: bool, drop: bool, output: str) -> None:
    """Send emails again that were given up: one by its number, those of a package, or all. Without any, list them.

    They go to today's addresses of the label, of QC or of ops, and not to those who have them already.
    """
    chosen = [one for one in (email, package, everything or None) if one is not None]
    if len(chosen) > 1 or (drop and not chosen):
        raise click.UsageError("Name one email, or --package, or --all.")
    with here.app() as app:
        if not chosen:
            _print(app.resend.given_up(), output)
            return
        numbers = (app.resend.drop if drop else app.resend.send)(by(), email=email, package=package)
    click.echo(f"email {', '.join(map(str, numbers))}: {'dropped' if drop else 'owed again'}")


def _print(emails: Sequence[GivenUp], output: str) -> None:
    if output == "json":
        click.echo(json.dumps({"emails": [_json(one) for one in emails]}, indent=2))
        return
    for one in emails:
        say(_line(one))
    if not emails:
        click.echo("no email was given up")


def _json(one: GivenUp) -> dict[str, object]:
    return {**asdict(one), "given_up_at": one.given_up_at.isoformat()}


def _line(one: GivenUp) -> str:
    about = "" if one.package is None else f" about package {one.package}"
    return f"{one.id:>6}  {one.kind}{about} to {', '.join(one.to)}, {one.given_up_at:%Y-%m-%d %H:%M}: {one.fault or ''}"
