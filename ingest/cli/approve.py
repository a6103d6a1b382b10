"""`ingest approve ID`"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import click

from ingest.cli.errors import FAILED
from ingest.cli.options import PACKAGE_ID, Here, as_option, by, not_before_option, pass_here
from ingest.cli.packages import named_release
from ingest.cli.refusals import words
from ingest.cli.terminal import say
from ingest.core.kind import Kind
from ingest.core.status import Status
from ingest.flow.errors import Code, Conflict

TAKES_DOWN: Final = (
    "package {newer} ({status}) is a newer upload that takes this release down; decide on that one, or say --anyway"
)
NOT_YET: Final[dict[Status, str]] = {
    Status.INCOMING: (
        "package {newer} is a newer upload of this release and still Incoming; wait for it, or say --anyway"
    ),
    Status.INVALID: (
        "package {newer} is a newer upload of this release and Invalid; wait for its correction, or say --anyway"
    ),
    Status.QC_REJECTED: (
        "package {newer} is a newer upload of this release and QC Rejected; wait for its correction, or say --anyway"
    ),
}
"""Why the newer upload cannot be approved instead, by its status."""


@click.command("approve", short_help="Approve a package in Needs QC, for delivery.")
@click.argument("package", metavar="ID", type=PACKAGE_ID)
@click.option("--notes", default="", help="A word to the label, sent with the approval.")
@click.option("--dsp", "dsps", multiple=True, help="Deliver to this DSP instead of the agreed ones; may be repeated.")
@click.option("--anyway", is_flag=True, help="Although the label has uploaded this release again since.")
@not_before_option
@as_option
@pass_here
def command(
    here: Here, package: int, notes: str, dsps: Sequence[str], anyway: bool, not_before: datetime | None
) -> None:
    """Approve a package in Needs QC: it is delivered to the agreed DSPs and the label is told.

    It is refused while there is a newer upload of the same release: the label means that one. `ingest show` names it.
    """
    with here.app() as app:
        try:
            to = app.review.approve(package, by(), notes, dsps, anyway=anyway, not_before=not_before)
        except Conflict as error:
            click.echo(f"ingest: {words(error, _sentence(error))}", err=True)
            raise SystemExit(FAILED) from None
        named = named_release(app.views.package(package).package)
    from_when = "" if not_before is None else f", not before {not_before:%Y-%m-%d %H:%M} UTC"
    say(f"package {package}{named} is QC Approved; it goes to {', '.join(to)}{from_when}")


def _sentence(error: Conflict) -> str:
    """The sentence for a newer upload that cannot be approved in place of this one; empty for the usual one."""
    if error.code is not Code.NEWER_UPLOAD:
        return ""
    if error.values["kind"] in (Kind.TAKEDOWN, Kind.PURGE):
        return TAKES_DOWN
    return NOT_YET.get(Status(str(error.values["status"])), "")
