"""`ingest token`: short-lived tokens of labels' users for the REST API."""

from __future__ import annotations

import json
import re
import sys
from typing import Final

import click

from ingest.cli.errors import NO
from ingest.cli.options import Here, format_option, pass_here
from ingest.core.visible import visible
from ingest.flow.api_tokens import USUAL_SECONDS

UNITS: Final = {"s": 1, "m": 60, "h": 3600}
TIME: Final = re.compile(r"([0-9]{1,6})([smh])")


class Seconds(click.ParamType[int]):
    """A time as `90s`, `15m` or `1h`, in seconds."""

    name = "time"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = TIME.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is no time: write 90s, 15m or 1h", parameter, context)
        return int(found[1]) * UNITS[found[2]]


@click.group("token", short_help="Issue short-lived tokens of labels' users.")
def command() -> None:
    """Let a user of a label read in a frontend, where a key must not be.

    A token reads what belongs to its user, for an hour at most. The label's own system gets tokens by POST /v1/token;
    this command is for trying things out.
    """


@command.command("create", short_help="Issue a token, and print it once.")
@click.argument("label")
@click.option("--user", required=True, help="The label's own id of the user, as in `userId` of its releases.")
@click.option(
    "--ttl", "seconds", type=Seconds(), default=USUAL_SECONDS, help="How long it is valid.  [default: 15m; at most 1h]"
)
@format_option
@pass_here
def create(here: Here, label: str, user: str, seconds: int, output: str) -> None:
    """Issue a token for a user of LABEL and print it, once; it is sent as `Authorization: Bearer`."""
    with here.app() as app:
        made = app.api_tokens.issue(label, user, seconds)
    if output == "json":
        told = {"token": made.secret, "id": made.id, "user_id": user, "expires_at": made.expires_at.isoformat()}
        click.echo(json.dumps(told, indent=2))
        return
    click.echo(f"token: {made.secret}")
    click.echo(f"of {visible(user)}, until {made.expires_at:%Y-%m-%d %H:%M:%S} UTC")


@command.command("verify", short_help="Tell whom a token or key belongs to.")
@format_option
@pass_here
def verify(here: Here, output: str) -> None:
    """Read a token or key on standard input and tell whom it belongs to. Exit status 1 where it is refused.

    It is not given as an argument, which the shell and other users would see.
    """
    secret = sys.stdin.readline().strip()
    with here.app() as app:
        caller = app.callers.verify(secret)
    if output == "json":
        known = {} if caller is None else {"label": caller.label_name, "id": caller.key_id, "user_id": caller.user_id}
        click.echo(json.dumps({"is_valid": caller is not None, **known}, indent=2))
    elif caller is None:
        click.echo("refused: unknown, revoked, expired, or of a disabled label")
    else:
        of_user = f", user {visible(caller.user_id)}" if caller.user_id else ""
        click.echo(f"{caller.key_id} of {caller.label_name}{of_user}; may {', '.join(sorted(caller.scopes))}")
    if caller is None:
        raise SystemExit(NO)
