"""`ingest get ID [FOLDER]`"""

from __future__ import annotations

from pathlib import Path

import click

from ingest.cli.options import PACKAGE_ID, Here, pass_here
from ingest.cli.places import folder_to_write, readable
from ingest.cli.terminal import say


@click.command("get", short_help="Copy a package's cover, audio or all its files.")
@click.argument("package", metavar="ID", type=PACKAGE_ID)
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--cover", "part", flag_value="cover", help="Only the cover.")
@click.option("--audio", "part", flag_value="audio", help="Only the audio.")
@click.option("--all", "part", flag_value="all", default="all", help="All files; the default.")
@pass_here
def command(here: Here, package: int, folder: Path | None, part: str) -> None:
    """Copy the files of a package into FOLDER, else into package-ID in the current folder, and print where each lies.

    Where the current folder cannot be written, a folder for temporary files takes its place.
    """
    from ingest.flow.copies import Part

    with here.app() as app:
        target = folder or folder_to_write() / f"package-{package}"
        made = None if target.exists() else target
        copies = app.copies.copy(package, Part(part), target)
    for copy in copies:
        readable(copy, made)
        say(f"{copy}")
