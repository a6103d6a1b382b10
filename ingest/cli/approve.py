"""`ingest approve ID`"""

from __future__ import annotations

from collections.abc import Sequence

import click

from ingest.cli.options import PACKAGE_ID, Here, by, pass_here


@click.command("approve", short_help="Approve a package in Needs QC, for delivery.")
@click.argument("package", metavar="ID", type=PACKAGE_ID)
@click.option("--notes", default="", help="A word to the label, sent with the approval.")
@click.option("--dsp", "dsps", multiple=True, help="Deliver to this DSP instead of the agreed ones; may be repeated.")
@pass_here
def command(here: Here, package: int, notes: str, dsps: Sequence[str]) -> None:
    """Approve a package in Needs QC: it is delivered to the agreed DSPs and the label is told."""
    with here.app() as app:
        to = app.review.approve(package, by(), notes, dsps)
    click.echo(f"package {package} is QC Approved; it goes to {', '.join(to)}")
