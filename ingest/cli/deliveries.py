"""`ingest deliveries [RELEASE]`"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import click

from ingest.cli.delivery_list import delivery_json, delivery_words
from ingest.cli.options import Here, format_option, pass_here
from ingest.cli.terminal import say
from ingest.core.delivery_state import Standing
from ingest.core.visible import visible
from ingest.flow.delivery_views import AttemptLine, ListedDelivery


@click.command("deliveries", short_help="List deliveries to DSPs, and how each stands.")
@click.argument("release", metavar="[RELEASE]", required=False)
@click.option("--dsp", default=None, help="Only those to this DSP.")
@click.option("--state", type=click.Choice([one.value for one in Standing]), default=None, help="Only those in it.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Without a RELEASE.")
@format_option
@pass_here
def command(here: Here, release: str | None, dsp: str | None, state: str | None, limit: int, output: str) -> None:
    """List the newest deliveries, or all of a release with their attempts, and how each stands.

    RELEASE is its barcode, its id, its folder's name, or the number of a package. A delivery is queued, held, sending,
    sent, accepted, rejected, failed, superseded or taken down.
    """
    wanted = None if state is None else Standing(state)
    with here.app() as app:
        if release is None:
            found: Sequence[ListedDelivery] = app.delivery_views.newest(dsp=dsp, state=wanted, limit=limit)
            at: dict[str, str] = {}
        else:
            of_release = app.delivery_views.of_release(release)
            at = {name: stands.value for name, stands in of_release.at_dsps.items() if dsp in (None, name)}
            listed = (one for one in of_release.deliveries if dsp in (None, one.line.dsp))
            found = [one for one in listed if wanted in (None, one.line.state)]
    if output == "json":
        click.echo(json.dumps({"deliveries": [_json(one) for one in found], "at_dsps": at}, indent=2))
        return
    for one in found:
        for line in _words(one, with_attempts=release is not None):
            say(line)
    if not found:
        click.echo("no deliveries")
    if at:
        say("At the DSPs now: " + ", ".join(f"{name} {stands}" for name, stands in at.items()))


def _words(one: ListedDelivery, *, with_attempts: bool) -> Iterator[str]:
    line = one.line
    first, *more = delivery_words(line)
    sent = "" if line.delivered_at is None else f" · sent {line.delivered_at:%Y-%m-%d %H:%M:%S}"
    yield f"{line.owed_at:%Y-%m-%d %H:%M:%S}  package {line.package} ({visible(one.folder)}) {first}{sent}"
    yield from (f"    {each}" for each in more)
    for attempt in one.attempts if with_attempts else ():
        reason = "" if attempt.reason is None else f" · {visible(attempt.reason)}"
        seconds = (attempt.ended_at - attempt.began_at).total_seconds()
        tried = f"attempt {attempt.attempt}, {attempt.began_at:%Y-%m-%d %H:%M:%S}, {seconds:.1f} s"
        yield f"    {tried}: {attempt.outcome}{reason}"


def _json(one: ListedDelivery) -> dict[str, object]:
    about = {
        "release": None if one.release is None else str(one.release),
        "label": one.label,
        "folder": one.folder,
        "upc": one.barcode,
        "title": one.title,
        "tried": [_attempt_json(attempt) for attempt in one.attempts],
    }
    return delivery_json(one.line) | about


def _attempt_json(one: AttemptLine) -> dict[str, object]:
    return {
        "run": one.run,
        "attempt": one.attempt,
        "began_at": one.began_at.isoformat(),
        "ended_at": one.ended_at.isoformat(),
        "outcome": one.outcome,
        "reason": one.reason,
    }
