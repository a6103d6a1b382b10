"""`ingest draw ID TRACK`"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, NoReturn

import click

from ingest.app.application import App
from ingest.cli.errors import FAILED
from ingest.cli.options import PACKAGE_ID, Here, pass_here
from ingest.cli.terminal import say, visible
from ingest.core.dossier import Dossier, Track, tracks
from ingest.core.facts import AudioFacts
from ingest.core.relative import relative_parts
from ingest.flow.moves import package_path
from ingest.readers.answers import WrongAnswer
from ingest.readers.fork_client import Failure
from ingest.readers.json_values import from_json
from ingest.store import packages


@click.command("draw", short_help="Draw a track for QC: outline and spectrogram.")
@click.argument("package", metavar="ID", type=PACKAGE_ID)
@click.argument("track", type=click.IntRange(1))
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The PNG to write; else package-ID-track-TRACK.png in the current folder.",
)
@pass_here
def command(here: Here, package: int, track: int, output: Path | None) -> None:
    """Draw a track for QC: its outline, red where it reaches full scale, above its spectrogram.

    A master made from a lossy file shows: above the codec's limit, mostly 16 to 20 kHz, the picture is black.
    """
    target = output or Path(f"package-{package}-track-{track}.png")
    with here.app() as app:
        target.write_bytes(_drawn(app, package, track))
    say(f"{target}")


def _drawn(app: App, package: int, number: int) -> bytes:
    dossier, place = _read(app, package)
    found = next((track for track in tracks(dossier) if track.number == number), None)
    if found is None or found.audio is None or found.audio.measurement is None:
        _refuse(f"package {package} has no track {number} that was measured")
    path = _inside(place, found.audio.file)
    if not path.is_file():
        _refuse(f"the files of package {package} have been removed")
    if changed := app.proof.differs(package):
        _refuse(f"package {package} is not shown: {changed}")
    frames = found.audio.measurement.frames
    request = {"read": "picture", "path": str(path), "name": path.name, "frames": frames}
    reading = app.pipeline.reading
    (answer,) = reading.pool.read([request | {"title": _title(found, found.audio)}], reading.limits)
    if isinstance(answer, Failure) or answer is None:
        _refuse(f"track {number} could not be drawn: {answer.reason if answer else 'it cannot be decoded'}")
    try:
        return base64.b64decode(answer, validate=True)
    except (TypeError, ValueError):
        _refuse(f"track {number} could not be drawn: {WrongAnswer()}")


def _read(app: App, package: int) -> tuple[Dossier, Path]:
    """The dossier of the package, and the folder that its file names are relative to."""
    with app.store.reading() as tx:
        row = packages.get_package(tx, package)
        if row is None:
            _refuse(f"there is no package {package}; `ingest packages` lists them")
        kept: dict[str, Any] | None = packages.get_dossier(tx, package)
        place = package_path(app.config, row)
    if kept is None:
        _refuse(f"package {package} has not been read yet")
    dossier = from_json(Dossier, kept)
    return dossier, place if dossier.folder.nested is None else _inside(place, dossier.folder.nested)


def _inside(place: Path, path: str) -> Path:
    try:
        return place.joinpath(*relative_parts(path))
    except ValueError as error:
        _refuse(f"{error}")


def _title(track: Track, audio: AudioFacts) -> str:
    title = track.recording.title
    name = "" if title is None or title.text is None else f" · {title.text.value}"
    how = f"{audio.container.value}, {(audio.sample_rate or 0) / 1000:g} kHz, {audio.bits} bits"
    return visible(f"{track.number}{name} · {audio.file} · {how}", 180)


def _refuse(text: str) -> NoReturn:
    click.echo(f"ingest: {text}", err=True)
    raise SystemExit(FAILED)
