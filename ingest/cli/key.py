"""`ingest key`: the keys with which labels' systems use the REST API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import click

from ingest.cli.options import Here, as_option, by, format_option, pass_here
from ingest.cli.terminal import say
from ingest.core.caller import Scope
from ingest.core.visible import visible
from ingest.flow.api_keys import ApiKeyLine

SCOPES = click.Choice([scope.value for scope in Scope])
ONCE = "this key is not shown again: hand it over on a safe way, and never put it into a browser or an app"


@click.group("key", short_help="Create, list and revoke keys of the REST API.")
def command() -> None:
    """Let the systems of labels use the REST API.

    A key belongs to one label and sees only what that label has. It is sent as `x-api-key` or as `Authorization:
    Bearer`. Keys of sandbox labels begin with isp_test_, all others with isp_live_. Programs that run at people's own
    machines get a token instead: `ingest token`.
    """


@command.command("create", short_help="Create a key, and print it once.")
@click.argument("label")
@click.option("--name", default="", help="What the key is for, as lists show it.")
@click.option(
    "--scope",
    "scopes",
    type=SCOPES,
    multiple=True,
    help="read: look; write: create, change, deliver; moderate: approve, reject, take down. May be given again."
    "  [default: read and write; in a sandbox all]",
)
@click.option("--test", is_flag=True, help="Refuse unless LABEL is a sandbox: a test key must not reach real releases.")
@format_option
@as_option
@pass_here
def create(here: Here, label: str, name: str, scopes: Sequence[str], test: bool, output: str) -> None:
    """Create a key of LABEL and print it, once: only its hash is stored.

    It works at once. Give each system a key of its own, so that one can be revoked without the others.
    """
    with here.app() as app:
        made = app.api_keys.create(label, by(), scopes=[Scope(one) for one in scopes], name=name, test=test)
    if output == "json":
        click.echo(json.dumps({"key": made.secret, **_plain(made.line)}, indent=2))
    else:
        click.echo(f"key: {made.secret}")
        click.echo(f"id: {made.line.id}, may {', '.join(made.line.scopes)}")
    click.echo(f"ingest: {ONCE}", err=True)


@command.command("list", short_help="List the keys of a label.")
@click.argument("label")
@format_option
@pass_here
def list_(here: Here, label: str, output: str) -> None:
    """List the keys of LABEL: how each begins, what it may, when it was last used. Revoked ones stay in the list."""
    with here.app() as app:
        lines = app.api_keys.every(label)
    if output == "json":
        click.echo(json.dumps({"keys": [_plain(one) for one in lines]}, indent=2))
    elif not lines:
        click.echo(f"{visible(label)} has no key; `ingest key create {visible(label)}` makes one")
    for one in lines if output == "text" else ():
        say(_shown(one))


@command.command("revoke", short_help="Revoke a key for good.")
@click.argument("label")
@click.argument("key")
@as_option
@pass_here
def revoke(here: Here, label: str, key: str) -> None:
    """Revoke the key of LABEL with this id (key_...), and the tokens that were issued with it.

    Requests with it are answered 401 within 15 seconds. This cannot be undone: create another key.
    """
    with here.app() as app:
        line = app.api_keys.revoke(label, key, by())
    click.echo(f"{line.id} ({line.start}...) is revoked")


def _plain(line: ApiKeyLine) -> dict[str, object]:
    """The fields as JSON has them; times in ISO 8601."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(line).items()}


def _shown(line: ApiKeyLine) -> str:
    used = "never used" if line.used_at is None else f"last used {line.used_at:%Y-%m-%d %H:%M}"
    state = "" if line.revoked_at is None else f"; revoked {line.revoked_at:%Y-%m-%d %H:%M}"
    name = f"  {visible(line.name)}" if line.name else ""
    return f"{line.id}  {line.start}...  {', '.join(line.scopes)}; {used}{state}{name}"
