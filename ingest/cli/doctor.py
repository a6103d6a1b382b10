"""`ingest doctor`"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Final

import click

from ingest.cli.errors import NO
from ingest.cli.options import Here, format_option, pass_here
from ingest.doctor import Check, Outcome, examine

COLOURS: Final = {Outcome.OK: "green", Outcome.WARN: "yellow", Outcome.FAIL: "red", Outcome.SKIP: "bright_black"}
NAME_WIDTH: Final = 15


@click.command("doctor", short_help="Check whether the daemon can do its work here.")
@click.option("--deep", is_flag=True, help="Read all of a SQLite database too, for damage: a minute for gigabytes.")
@format_option
@pass_here
def command(here: Here, deep: bool, output: str) -> None:
    """Check whether the daemon can do its work here: one line for each question, and the cure where one fails.

    Run it as the daemon's user (sudo -u ingest ingest doctor), whose rights are the ones that count. It changes
    nothing, and works beside the running daemon.

    Exit status: 0 nothing failed, 1 something did.
    """
    checks = []
    for check in examine(here.path, deep=deep):
        checks.append(check)
        if output == "text":
            click.echo(shown(check))
    if output == "json":
        click.echo(json.dumps({"checks": [asdict(check) for check in checks]}, indent=2))
    if any(check.outcome is Outcome.FAIL for check in checks):
        raise SystemExit(NO)


def shown(check: Check) -> str:
    """`FAIL  spool folder     /srv/spool is not a folder. Cure: …`; colours are dropped where nobody sees them."""
    word = click.style(f"{check.outcome:5}", fg=COLOURS[check.outcome])
    cure = f". {click.style('Cure:', bold=True)} {check.cure}" if check.cure else ""
    return f"{word} {check.name:{NAME_WIDTH}} {check.text}{cure}"
