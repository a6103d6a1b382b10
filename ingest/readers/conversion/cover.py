"""One cover -> a baseline JPEG in sRGB, of the same pixels: without profile, orientation, transparency and metadata."""

from __future__ import annotations

import io
import os
import warnings
from pathlib import Path
from typing import Final

from PIL import Image

from ingest.readers.artwork import FAULTS, MAX_SIDE, MOST_IN_MEMORY, orientation_of
from ingest.readers.content import Content, Held
from ingest.readers.conversion.answers import Made, Refused
from ingest.readers.conversion.jpeg_segments import segments_of
from ingest.readers.conversion.srgb import is_srgb, to_srgb
from ingest.readers.image_structure import walk_image
from ingest.readers.output import write_all
from ingest.readers.sealed import Stamp, open_sealed

QUALITY: Final = 95
_FORMATS: Final = ("JPEG", "PNG")
_UPRIGHT: Final = (None, 1)


def make_cover(path: Path, name: str, stamp: Stamp | None, max_pixels: int, out: int) -> Made:
    """Write the picture at `path`, of at most `max_pixels`, to the descriptor `out`.

    A baseline JPEG in sRGB keeps its data bit by bit; only what stands around them is left out. Raises Refused,
    NotWritten, ChangedWhileRead and OSError.
    """
    with open_sealed(path, name, stamp) as file:
        data = Content(file, os.fstat(file.fileno()).st_size, MOST_IN_MEMORY).data
        picture = walk_image(data)
        if not picture.is_whole or picture.is_bomb:
            raise Refused("it is no whole JPEG or PNG")
        try:
            size, written = _made(data, len(data) - picture.trailing, max_pixels)
        except FAULTS as error:
            raise Refused(f"it cannot be decoded ({type(error).__name__})") from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise Refused("it cannot be decoded, its data are broken") from error
        write_all(out, written)
    return Made(width=size[0], height=size[1])


def _made(data: Held, end: int, max_pixels: int) -> tuple[tuple[int, int], bytes]:
    """Width and height, and the JPEG. Pillow's errors of broken pictures are passed on."""
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data[:end]), formats=_FORMATS) as image:
        if image.width * image.height > max_pixels or max(image.size) > MAX_SIDE:
            raise Refused(f"{image.width} × {image.height} pixels are too many")
        if (kept := _kept(image, data, end)) is not None:
            return image.size, kept
        made = to_srgb(image)
    made.info.clear()
    out = io.BytesIO()
    made.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return made.size, out.getvalue()


def _kept(image: Image.Image, data: Held, end: int) -> bytes | None:
    """The JPEG with its picture as it is; None where the picture must be coded anew."""
    profile = image.info.get("icc_profile")
    segments = segments_of(data) if image.format == "JPEG" else None
    if segments is None or orientation_of(image) not in _UPRIGHT or (profile and not is_srgb(profile)):
        return None
    if segments.is_bare:
        return bytes(data[:end])
    return b"\xff\xd8" + b"".join(segments.kept) + data[segments.scan : end]
