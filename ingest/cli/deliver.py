"""`ingest deliver RELEASE --dsp NAME`"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from ingest.cli.delivery_list import delivery_words
from ingest.cli.options import Here, as_option, by, not_before_option, pass_here
from ingest.cli.terminal import say


@click.command("deliver", short_help="Deliver an approved release to more DSPs.")
@click.argument("release")
@click.option("--dsp", "dsps", multiple=True, required=True, help="Deliver to this DSP; may be repeated.")
@not_before_option
@click.option("--notes", default="", help="A word for those who look at the delivery later.")
@as_option
@pass_here
def command(here: Here, release: str, dsps: Sequence[str], not_before: datetime | None, notes: str) -> None:
    """Deliver a release to more DSPs. RELEASE is its barcode, its id, its folder's name, or the number of a package.

    One that still waits for QC is held until it is approved, and goes nowhere if it is rejected.
    """
    with here.app() as app:
        ordered = app.delivery_requests.submit(release, dsps, by(), notes, not_before)
    say(f"package {ordered.package}")
    for line in ordered.deliveries:
        for words in delivery_words(line):
            say(f"  {words}")
