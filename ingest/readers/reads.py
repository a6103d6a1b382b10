"""What a child can be asked to read: a request, which is plain JSON, in; facts out, as dataclasses or plain JSON."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy.fft
import numpy.ma  # noqa: F401
from PIL import Image, ImageCms, ImageOps, MpoImagePlugin, TiffImagePlugin  # noqa: F401

from ingest.readers.artwork import read_artwork
from ingest.readers.audio import read_audio
from ingest.readers.contents_reader import read_contents
from ingest.readers.conversion.answers import Made, Refused
from ingest.readers.conversion.cover import make_cover
from ingest.readers.conversion.flac import make_flac
from ingest.readers.conversion.flac_proof import prove_flac
from ingest.readers.dsp_answer import read_dsp_answers
from ingest.readers.hashes import hashes_of
from ingest.readers.output import NotWritten
from ingest.readers.readiness import look
from ingest.readers.sealed import Stamp
from ingest.readers.thumbnail import make_thumbnail
from ingest.readers.track_picture import Undrawable, draw_track

# Like the two modules of numpy above, Pillow's would be imported when they are first used: in every child anew.
Image.preinit()

Request = dict[str, Any]
Read = Callable[[Request], Any]


def _read_folder(request: Request) -> Any:
    schema, batch = (None if request[key] is None else Path(request[key]) for key in ("schema", "batch"))
    contents = read_contents(Path(request["path"]), request["name"], request["max_bytes"], schema, batch)
    return replace(contents, stamps={})  # whoever asked goes by its own listing


def _read_readiness(request: Request) -> Any:
    return look(Path(request["path"]), request["name"], request["max_bytes"])


def _place(request: Request) -> tuple[Path, str, Stamp | None]:
    """Where the file lies, its name in the package, and its stamp when the folder was listed, where that is known."""
    stamp = request.get("stamp")
    return Path(request["path"]), request["name"], None if stamp is None else tuple(stamp)


def _read_audio(request: Request) -> Any:
    path, name, stamp = _place(request)
    return read_audio(
        path,
        name,
        stamp=stamp,
        silence_level=request["silence_level"],
        max_duration=request["max_duration"],
    )


def _read_artwork(request: Request) -> Any:
    path, name, stamp = _place(request)
    return read_artwork(path, name, stamp=stamp, max_pixels=request["max_pixels"])


def _read_hash(request: Request) -> Any:
    return hashes_of(*_place(request), ("sha256",))["sha256"]


def hash_first(request: Request) -> dict[str, str]:
    """The hashes that a request asks for besides facts, to be told before a byte of the file is parsed."""
    return hashes_of(*_place(request), request["hashes"])


def _draw_track(request: Request) -> Any:
    """A PNG in base 64; None where the file cannot be decoded."""
    try:
        picture = draw_track(Path(request["path"]), request["title"], request["frames"])
    except Undrawable:
        return None
    return base64.b64encode(picture).decode("ascii")


def _make_thumbnail(request: Request) -> Any:
    """The SHA-256 of the picture, and a JPEG in base 64 of it made small."""
    digest, picture = make_thumbnail(Path(request["path"]), request["name"], request["max_pixels"])
    return {"sha256": digest, "jpeg": base64.b64encode(picture).decode("ascii")}


def _made(make: Callable[[Request], Made], request: Request) -> Any:
    """What was written, or why nothing was."""
    try:
        return make(request)
    except Refused as refused:
        return Made(refused=str(refused))
    except NotWritten as unwritten:
        return Made(unwritten=str(unwritten))


def _make_flac(request: Request) -> Made:
    return make_flac(*_place(request), request["descriptor"])


def _make_cover(request: Request) -> Made:
    return make_cover(*_place(request), request["max_pixels"], request["descriptor"])


def _read_dsp_answer(request: Request) -> Any:
    return read_dsp_answers(Path(request["path"]), request["name"])


def _prove_flac(request: Request) -> Any:
    return prove_flac(*_place(request))


READS: Final[dict[str, Read]] = {
    "folder": _read_folder,
    "readiness": _read_readiness,
    "audio": _read_audio,
    "artwork": _read_artwork,
    "hash": _read_hash,
    "picture": _draw_track,
    "thumbnail": _make_thumbnail,
    "flac": partial(_made, _make_flac),
    "cover": partial(_made, _make_cover),
    "flac-proof": _prove_flac,
    "dsp-answer": _read_dsp_answer,
}
