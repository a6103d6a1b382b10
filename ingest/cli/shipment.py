"""`ingest shipment ID`"""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from ingest.cli.options import Here, format_option, pass_here
from ingest.cli.terminal import say
from ingest.core.visible import visible
from ingest.flow.shipment_views import ShipmentView

NUMBER = click.IntRange(1, 2**31 - 1)


@click.command("shipment", short_help="Show what a DSP was sent.")
@click.argument("shipment", metavar="ID", type=NUMBER)
@click.option("--message", "is_message", is_flag=True, help="Print the message alone, as it was sent.")
@format_option
@pass_here
def command(here: Here, shipment: int, is_message: bool, output: str) -> None:
    """Show what a DSP was sent: the kind of message, its files, and what changed since the message before.

    `ingest show` names the shipments of a package.
    """
    with here.app() as app:
        view = app.shipment_views.shipment(shipment)
    if is_message:
        click.echo(view.message or "", nl=False)
    elif output == "json":
        sent_at = None if view.sent_at is None else view.sent_at.isoformat()
        dated = {**asdict(view), "created_at": view.created_at.isoformat(), "sent_at": sent_at}
        click.echo(json.dumps(dated, indent=2))
    else:
        _print(view)


def _print(view: ShipmentView) -> None:
    say(f"Shipment {view.number} · {view.kind} to {view.dsp} · package {view.package} · {view.state}")
    sent = "not sent yet" if view.sent_at is None else f"sent {view.sent_at:%Y-%m-%d %H:%M:%S} UTC"
    say(f"  batch {view.batch_id}, message {view.message_id}, made {view.created_at:%Y-%m-%d %H:%M:%S} UTC, {sent}")
    for file in view.files:
        say(f"  {file.path}  {file.size} bytes, of {visible(file.source)}")
    if view.message is None:
        say("  its message is not made yet, or was removed")
    elif view.before is None:
        say("  the first message of this release to this DSP; --message prints it")
    else:
        say(f"\nWhat changed since shipment {view.before}")
        for line in view.difference:
            say(f"  {visible(line)}")
