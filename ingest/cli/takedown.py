"""`ingest takedown RELEASE --reason TEXT`"""

from __future__ import annotations

from collections.abc import Sequence

import click

from ingest.cli.delivery_list import delivery_words
from ingest.cli.options import Here, as_option, by, pass_here
from ingest.cli.terminal import say


@click.command("takedown", short_help="Take a release down at DSPs.")
@click.argument("release")
@click.option("--reason", required=True, help="Why: the label and QC read it word for word.")
@click.option("--dsp", "dsps", multiple=True, help="At this DSP instead of all that have it; may be repeated.")
@click.option("--told", multiple=True, help="This DSP was told by a person; for those that get packages as received.")
@as_option
@pass_here
def command(here: Here, release: str, reason: str, dsps: Sequence[str], told: Sequence[str]) -> None:
    """Take a release down, at each DSP in the form that it wants, before anything else that waits for it.

    What a DSP has not got yet is not sent to it. RELEASE is its barcode, its id, its folder's name, or the number of a
    package. Once no DSP has it, its packages are Taken Down; `ingest redeliver` offers it again.
    """
    with here.app() as app:
        done = app.takedowns.takedown(release, by(), reason, dsps, told)
    say(f"package {done.package} is being taken down; its label and QC are told")
    for line in done.deliveries:
        for words in delivery_words(line):
            say(f"  {words}")
    for dsp in done.dropped:
        say(f"  {dsp}: it had nothing of it yet, and gets nothing")
    for dsp in done.told:
        say(f"  {dsp}: told by a person")
