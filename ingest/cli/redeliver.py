"""`ingest redeliver RELEASE`"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from ingest.cli.delivery_list import delivery_words
from ingest.cli.options import Here, as_option, by, not_before_option, pass_here
from ingest.cli.terminal import say


@click.command("redeliver", short_help="Send what changed of a release, or offer it again.")
@click.argument("release")
@click.option("--dsp", "dsps", multiple=True, help="To this DSP instead of all that were sent it; may be repeated.")
@click.option("--whole", is_flag=True, help="Send all of it once more, with all files, although nothing changed.")
@not_before_option
@click.option("--notes", default="", help="A word for those who look at the delivery later.")
@as_option
@pass_here
def command(
    here: Here, release: str, dsps: Sequence[str], whole: bool, not_before: datetime | None, notes: str
) -> None:
    """Send DSPs what has changed of a release since they were sent it; one that was taken down is offered again.

    What a DSP rejected is sent to it again. RELEASE is its barcode, its id, its folder's name, or a package's number.
    """
    with here.app() as app:
        ordered = app.delivery_requests.redeliver(release, by(), dsps, notes, not_before, whole=whole)
    say(f"package {ordered.package}")
    for line in ordered.deliveries:
        for words in delivery_words(line):
            say(f"  {words}")
