"""`ingest draw ID TRACK`"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ingest.cli.options import PACKAGE_ID, Here, pass_here
from ingest.cli.places import folder_to_write, readable
from ingest.cli.terminal import say
from ingest.host import private


@click.command("draw", short_help="Draw a track for QC: outline and spectrogram.")
@click.argument("package", metavar="ID", type=PACKAGE_ID)
@click.argument("track", type=click.IntRange(1))
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The PNG to write, - for standard output; else package-ID-track-TRACK.png in the current folder.",
)
@pass_here
def command(here: Here, package: int, track: int, output: Path | None) -> None:
    """Draw a track for QC: its outline, red where it reaches full scale, above its spectrogram.

    A master made from a lossy file shows: above the codec's limit, mostly 16 to 20 kHz, the picture is black. Where the
    current folder cannot be written, a folder for temporary files takes its place.
    """
    with here.app() as app:
        picture = app.pictures.draw(package, track)
    if output == Path("-"):
        sys.stdout.buffer.write(picture)
        return
    target = output or folder_to_write() / f"package-{package}-track-{track}.png"
    private.write(target, picture)
    if output is None:
        readable(target)
    say(f"{target}")
