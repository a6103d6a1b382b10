"""`ingest webhook`: where labels want webhooks, and what became of those."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from ingest.cli.errors import NO
from ingest.cli.options import Here, as_option, by, format_option, pass_here
from ingest.cli.terminal import say
from ingest.core.visible import visible
from ingest.core.webhook import WebhookEvent
from ingest.flow.webhook_views import AttemptEntry, Endpoint, WebhookDetails, WebhookEntry

EVENTS = click.Choice([event.value for event in WebhookEvent])
CURRENCY = "Three capital letters (ISO 4217), as EUR."
ONCE = "this secret is not shown again: hand it over on a safe way; docs/webhooks.md says how it verifies"


@click.group("webhook", short_help="Add webhook endpoints, try them out, replay.")
def command() -> None:
    """Tell the systems of labels what happens to their releases, as it happens.

    A label names a URL (an endpoint); each event is posted there, signed, and tried again for three days until it is
    taken. `add` prints the secret that verifies the signature, `test` posts a sample, `log` shows what was sent and
    what was answered. docs/webhooks.md is for whoever writes the receiver.
    """


@command.command("add", short_help="Add an endpoint, and print its secret once.")
@click.argument("label")
@click.argument("url")
@click.option(
    "--event", "events", type=EVENTS, multiple=True, help="An event that it gets; may be given again. Else all."
)
@format_option
@as_option
@pass_here
def add(here: Here, label: str, url: str, events: Sequence[str], output: str) -> None:
    """Add an endpoint of LABEL at URL, and print its secret, which is never shown again.

    The URL begins with https:// and leads to a public address; [http] in the configuration allows others for labs.
    """
    with here.app() as app:
        made, secret = app.webhook_endpoints.add(label, url, events, by())
    if output == "json":
        click.echo(json.dumps({"endpoint": _plain(made), "secret": secret}, indent=2))
    else:
        say(f"endpoint {made.id} added: {visible(made.url)}")
        click.echo(f"secret: {secret}")
    click.echo(f"ingest: {ONCE}", err=True)


@command.command("list", short_help="List endpoints.")
@click.argument("label", required=False)
@format_option
@pass_here
def list_(here: Here, label: str | None, output: str) -> None:
    """List the endpoints of LABEL, or of all labels: what each gets, and whether it works."""
    with here.app() as app:
        found = app.webhook_views.every(label)
    if output == "json":
        click.echo(json.dumps({"endpoints": [_plain(one) for one in found]}, indent=2))
    elif not found:
        click.echo("no endpoint; `ingest webhook add` adds one")
    for one in found if output == "text" else ():
        say(_endpoint_line(one))


@command.command("test", short_help="Post a sample to an endpoint now.")
@click.argument("endpoint")
@format_option
@pass_here
def test(here: Here, endpoint: str, output: str) -> None:
    """Post a sample `delivery.update` to ENDPOINT now, and say what it answered.

    It is signed as every webhook, and the ids in it are of nothing. Exit status 1 where it was not taken.
    """
    with here.app() as app:
        exchange = app.webhook_endpoints.test(endpoint)
    if output == "json":
        click.echo(json.dumps({**asdict(exchange), "is_received": exchange.is_received}, indent=2))
    else:
        say(f"{'OK  ' if exchange.is_received else 'FAIL'}  {visible(exchange.failure)}, after {exchange.ms} ms")
        if exchange.reply:
            say(f"      {visible(exchange.reply, 300)}")
    if not exchange.is_received:
        raise SystemExit(NO)


@command.command("log", short_help="Show what was sent to an endpoint, or all of one webhook.")
@click.argument("which", metavar="ENDPOINT|WEBHOOK")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@format_option
@pass_here
def log(here: Here, which: str, limit: int, output: str) -> None:
    """Show the newest webhooks of an endpoint (whk_...), or one webhook (msg_...) with its body and every attempt."""
    with here.app() as app:
        if which.startswith("msg_"):
            _print_details(app.webhook_views.details(which), output)
            return
        found = app.webhook_views.newest(which, limit=limit)
    if output == "json":
        click.echo(json.dumps({"webhooks": [_plain(one) for one in found]}, indent=2))
    elif not found:
        click.echo("nothing was sent to this endpoint yet")
    for one in found if output == "text" else ():
        say(_webhook_line(one))


@command.command("replay", short_help="Send webhooks again.")
@click.argument("which", metavar="WEBHOOK|ENDPOINT")
@click.option(
    "--days", type=click.IntRange(1, 365), default=30, show_default=True, help="Of an endpoint: how far back."
)
@format_option
@as_option
@pass_here
def replay(here: Here, which: str, days: int, output: str) -> None:
    """Send one webhook (msg_...) again, or all of an endpoint (whk_...) that failed or were missed.

    Ids and bodies stay, so that a receiver knows what it has already; the time of the signature is new.
    """
    with here.app() as app:
        if which.startswith("msg_"):
            app.webhook_endpoints.replay(which, by())
            owed: tuple[str, ...] = (which,)
        else:
            owed = app.webhook_endpoints.replay_failed(which, datetime.now(UTC) - timedelta(days=days), by())
    if output == "json":
        click.echo(json.dumps({"owed": owed}, indent=2))
    else:
        click.echo(f"owed again: {', '.join(owed) or 'nothing, for nothing failed'}")


@command.command("enable", short_help="Let a disabled endpoint get webhooks again.")
@click.argument("endpoint")
@as_option
@pass_here
def enable(here: Here, endpoint: str) -> None:
    """Let ENDPOINT get webhooks again. `ingest webhook replay ENDPOINT` sends what it missed."""
    with here.app() as app:
        app.webhook_endpoints.enable(endpoint, by())
    click.echo(f"{endpoint} is enabled")


@command.command("disable", short_help="Send an endpoint nothing for a while.")
@click.argument("endpoint")
@as_option
@pass_here
def disable(here: Here, endpoint: str) -> None:
    """Send ENDPOINT nothing until `ingest webhook enable`; what it misses can be replayed then."""
    with here.app() as app:
        app.webhook_endpoints.disable(endpoint, by())
    click.echo(f"{endpoint} is disabled")


@command.command("rotate", short_help="Give an endpoint a new secret, and print it once.")
@click.argument("endpoint")
@format_option
@as_option
@pass_here
def rotate(here: Here, endpoint: str, output: str) -> None:
    """Give ENDPOINT a new secret and print it once. For 24 hours the old one signs too, so that nothing is missed."""
    with here.app() as app:
        secret = app.webhook_endpoints.rotate(endpoint, by())
    click.echo(
        json.dumps({"endpoint": endpoint, "secret": secret}, indent=2) if output == "json" else f"secret: {secret}"
    )
    click.echo(f"ingest: {ONCE}; the old one signs too for 24 hours", err=True)


@command.command("remove", short_help="Remove an endpoint.")
@click.argument("endpoint")
@as_option
@pass_here
def remove(here: Here, endpoint: str) -> None:
    """Remove ENDPOINT: what is owed to it is not sent any more, and its secret is deleted."""
    with here.app() as app:
        app.webhook_endpoints.remove(endpoint, by())
    click.echo(f"{endpoint} is removed")


@command.command("send", short_help="Tell a label of a payout.")
@click.argument("label")
@click.option("--payout", required=True, help="Its id: each payout is told once.")
@click.option("--amount", type=float, required=True)
@click.option("--currency", required=True, help=CURRENCY)
@format_option
@as_option
@pass_here
def send(here: Here, label: str, payout: str, amount: float, currency: str, output: str) -> None:
    """Send `royalty.credited` to the endpoints of LABEL. Nothing else sends it: royalties are accounted elsewhere.

    Running it again with the same payout sends nothing more.
    """
    with here.app() as app:
        owed = app.webhook_endpoints.send_royalty(label, payout, amount, currency, by())
    if output == "json":
        click.echo(json.dumps({"webhooks": owed}, indent=2))
    else:
        click.echo(f"owed: {', '.join(owed)}")


def _plain(one: Endpoint | WebhookEntry | AttemptEntry) -> dict[str, object]:
    """The fields as JSON has them; times in ISO 8601."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(one).items()}


def _endpoint_line(one: Endpoint) -> str:
    gets = ", ".join(one.events) or "every event"
    last = "never took one" if one.last_success_at is None else f"last took one {one.last_success_at:%Y-%m-%d %H:%M}"
    state = one.state.value + (f": {visible(one.reason)}" if one.reason else "")
    return f"{one.id}  {one.label:12} {visible(one.url)}  {gets}; {last}; {state}"


def _webhook_line(one: WebhookEntry) -> str:
    tried = f", attempt {one.attempts}" if one.attempts else ""
    why = f": {visible(one.fault)}" if one.fault else ""
    return f"{one.id}  {one.created_at:%Y-%m-%d %H:%M}  {one.event:16} {one.state.value}{tried}{why}"


def _print_details(found: WebhookDetails, output: str) -> None:
    if output == "json":
        told = {**_plain(found.entry), "body": found.body, "tried": [_plain(one) for one in found.attempts]}
        click.echo(json.dumps(told, indent=2))
        return
    say(_webhook_line(found.entry))
    say(visible(found.body, len(found.body)))
    for one in found.attempts:
        said = f"it answered {one.status}" if one.status is not None else visible(one.error or "")
        reply = f": {visible(one.reply, 300)}" if one.reply else ""
        say(f"  {one.began_at:%Y-%m-%d %H:%M:%S}  attempt {one.attempt} of run {one.run}, {one.ms} ms: {said}{reply}")
