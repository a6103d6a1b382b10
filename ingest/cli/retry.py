"""`ingest retry ID`"""

from __future__ import annotations

import click

from ingest.cli.options import PACKAGE_ID, Here, as_option, by, pass_here


@click.command("retry", short_help="Try again what failed through our fault.")
@click.argument("package", metavar="ID", type=PACKAGE_ID)
@as_option
@pass_here
def command(here: Here, package: int) -> None:
    """Try again what failed through our fault: a validation that is on hold, or a delivery that failed."""
    with here.app() as app:
        done = app.review.retry(package, by())
    click.echo(f"package {package}: {', '.join(done)} started again")
