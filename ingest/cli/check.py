"""`ingest check FOLDER`"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from ingest.cli.options import Here, format_option, pass_here
from ingest.core.visible import visible
from ingest.readers.pool import Pool


@click.command("check", short_help="Check a release folder where it lies, without any daemon.")
@click.argument("folder")
@format_option
@pass_here
def command(here: Here, folder: str, output: str) -> None:
    """Check a release folder where it lies, as an upload is checked; no daemon and no configuration are needed.

    A folder whose subfolders are releases is checked release by release. docs/check-json.md explains the JSON.

    Exit status: 0 everything would go to Needs QC, 1 something is Invalid, 2 wrong usage or a failure of ours.
    """
    place = Path(folder)
    if not folder:
        raise click.UsageError("the name of the folder is empty; give the folder of the release")
    if place.is_file():
        raise click.UsageError(f"{visible(folder)} is a file; give the folder of the release")
    if not place.is_dir():
        raise click.UsageError(f"there is no folder {visible(folder)}")
    with closing(Pool()) as pool:
        # The pool's process imports the readers while this one imports the rules.
        pool.start()
        from ingest.cli.checking import check_releases

        status = check_releases(place, here.config_or_defaults, pool, output)
    raise SystemExit(status)
