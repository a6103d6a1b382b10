"""`ingest reject ID`"""

from __future__ import annotations

import click

from ingest.cli.options import PACKAGE_ID, Here, as_option, by, pass_here
from ingest.cli.packages import named_release
from ingest.cli.terminal import say


@click.command("reject", short_help="Reject a package in Needs QC, with notes for the label.")
@click.argument("package", metavar="ID", type=PACKAGE_ID)
@click.option("--notes", required=True, help="What the label must change; sent word for word.")
@as_option
@pass_here
def command(here: Here, package: int, notes: str) -> None:
    """Reject a package in Needs QC; the label gets the notes and uploads a corrected folder."""
    with here.app() as app:
        app.review.reject(package, by(), notes)
        named = named_release(app.views.package(package).package)
    say(f"package {package}{named} is QC Rejected; the label is told")
