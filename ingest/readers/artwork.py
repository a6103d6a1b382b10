"""One picture -> ArtworkFacts: structure by our own walk, pixels by Pillow once the header has promised a sane size."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from dataclasses import replace
from pathlib import Path
from typing import IO, Final, cast

from PIL import Image, PngImagePlugin

from ingest.core.facts import ArtworkFacts, ImageDamage
from ingest.readers.codes import codes_of
from ingest.readers.colour_profile import space_of
from ingest.readers.content import Content, Held
from ingest.readers.image_structure import LAST, Picture, format_of, walk_image
from ingest.readers.jpeg_data import has_gap_between_restarts, has_gap_in_a_scan
from ingest.readers.parts import Parts
from ingest.readers.pixels import border_of, plain_share, small, upscale_of
from ingest.readers.sealed import Stamp, open_changing, open_sealed

# Our own limit comes first, from the header; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None
# Colour profiles and XMP of megabytes are healthy; Pillow would take a picture with one for a bomb from 1 MB on.
PngImagePlugin.MAX_TEXT_CHUNK = 16 << 20

_ORIENTATION = 0x0112
_DECODED = ("JPEG", "PNG")
FAULTS = (
    *(SyntaxError, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, EOFError),
    *(struct.error, zlib.error, AssertionError, NotImplementedError),
)
"""What Pillow raises on broken pictures; an OSError of the system carries an errno and is passed on."""
MAX_SIDE: Final = 30_000
"""Pixels; a longer side makes rows that cannot be worked on within the limits, however few pixels there are in all."""
PLAIN: Final = 0.99
MOST_IN_MEMORY: Final = 64 << 20
"""Bytes of a picture up to which it is read into memory; the largest of four colours leave little room beside them."""
_MOST_OF_FOUR = 80_000_000
"""Pixels of a progressive JPEG of four colours: 12 bytes each to decode, and the limit of memory is 1.5 GB."""


def read_artwork(path: Path, name: str, *, max_pixels: int, stamp: Stamp | None = None) -> ArtworkFacts:
    """Read and fully decode one picture of at most `max_pixels`; `name` is its path inside the package.

    Broken content becomes `damage`; only OSError and MemoryError of the system and ChangedWhileRead (of a file that has
    another `stamp` too) are raised. A picture that is cut off or too large is described by its header alone.
    """
    with open_sealed(path, name, stamp) as file:
        return _read(Content(file, os.fstat(file.fileno()).st_size, MOST_IN_MEMORY).data, name, max_pixels)


def _read(data: Held, name: str, max_pixels: int) -> ArtworkFacts:
    suffix = Path(name).suffix.lower()
    if not data:
        return ArtworkFacts(name, 0, suffix, "other", damage=ImageDamage.ZERO_LENGTH)
    picture = walk_image(data)
    facts = ArtworkFacts(
        file=name,
        size=len(data),
        suffix=suffix,
        format=picture.format,
        width=picture.width,
        height=picture.height,
        mode=picture.mode,
        depth=picture.depth,
        is_progressive=picture.is_progressive,
        is_animated=picture.is_animated,
        is_mpo=picture.is_mpo,
        damage=_damage(picture, max_pixels),
        trailing_bytes=picture.trailing,
    )
    if picture.format not in _DECODED or facts.damage not in (None, ImageDamage.TRAILING_BYTES) or _is_vast(picture):
        return facts
    facts = _decoded(Parts(data, picture.spans or [(0, len(data))], picture.tail), facts, max_pixels)
    try:
        is_incomplete = facts.damage in (None, ImageDamage.TRAILING_BYTES) and _has_gap(data, picture)
    except FAULTS:
        is_incomplete = True
    return replace(facts, damage=ImageDamage.INCOMPLETE) if is_incomplete else facts


def _has_gap(data: Held, picture: Picture) -> bool:
    """Whether data are missing where a decoder goes on at the next marker of a JPEG."""
    if picture.is_progressive and not picture.interval:
        return has_gap_in_a_scan(data, picture.scans, (picture.width or 0, picture.height or 0))
    if picture.interval and picture.tail:
        return has_gap_between_restarts(data, *picture.scans[0], picture.interval, picture.units, picture.unit)
    return False


def _is_vast(picture: Picture) -> bool:
    pixels = (picture.width or 0) * (picture.height or 0)
    return picture.mode == "CMYK" and picture.is_progressive and pixels > _MOST_OF_FOUR


def is_whole(path: Path) -> bool:
    """Whether the file is not empty and, being a JPEG or a PNG, reaches its end marker; nothing is decoded."""
    with open_changing(path, path.name) as file:
        size = os.fstat(file.fileno()).st_size
        kind = format_of(file.read(1024))
        return size > 0 and (kind not in _DECODED or walk_image(Content(file, size, most=0).data).is_whole)


def _damage(picture: Picture, max_pixels: int) -> ImageDamage | None:
    if picture.format not in _DECODED:
        return None
    if not (picture.width and picture.height):
        return ImageDamage.UNREADABLE if picture.is_whole else ImageDamage.TRUNCATED
    if picture.width * picture.height > max_pixels or max(picture.width, picture.height) > MAX_SIDE:
        return ImageDamage.TOO_MANY_PIXELS
    if not picture.is_whole:
        return ImageDamage.TRUNCATED
    if picture.is_bomb:
        return ImageDamage.UNREADABLE
    if picture.lacks_restarts:
        return ImageDamage.INCOMPLETE
    return ImageDamage.TRAILING_BYTES if picture.trailing else None


def _decoded(parts: Parts, facts: ArtworkFacts, max_pixels: int) -> ArtworkFacts:
    """Everything that needs the pixels, or Pillow's reading of the header."""
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(cast(IO[bytes], parts), formats=_DECODED) as image:
            if image.width * image.height > max_pixels:
                return replace(facts, damage=ImageDamage.TOO_MANY_PIXELS)
            mode = image.mode
            # Of a colour JPEG the grey is stored on its own: its colours are read, but need not be put together.
            image.draft("L", None)
            image.load()
            facts = replace(facts, mode=mode, damage=ImageDamage.INCOMPLETE if _is_left(parts) else facts.damage)
            return _described(image, facts)
    except FAULTS:
        return replace(facts, damage=ImageDamage.UNREADABLE)
    except OSError as error:
        if error.errno is not None:
            raise
        is_short = parts.tail and parts.ran_dry
        return replace(facts, damage=ImageDamage.INCOMPLETE if is_short else ImageDamage.UNREADABLE)


def _is_left(parts: Parts) -> bool:
    """Whether data are left over that should have been part of the picture; padding is none."""
    return bool(parts.tail) and parts.left >= LAST and not set(parts.read(LAST) or b"") <= {0, 0xFF}


def _described(image: Image.Image, facts: ArtworkFacts) -> ArtworkFacts:
    profile = image.info.get("icc_profile")
    facts = replace(
        facts,
        width=image.width,
        height=image.height,
        is_transparent=_is_transparent(image),
        has_icc=bool(profile),
        icc_space=space_of(profile) if isinstance(profile, bytes) and profile else None,
        orientation=orientation_of(image),
    )
    if image.mode.startswith(("I", "F")):
        return facts
    grey = image.convert("L")
    shrunk = small(grey)
    share = plain_share(shrunk)
    return replace(
        facts,
        upscale=upscale_of(grey),
        border=border_of(shrunk),
        plain_share=share,
        is_plain=share >= PLAIN,
        codes=codes_of(grey),
    )


def _is_transparent(image: Image.Image) -> bool:
    """Whether a pixel is not opaque; a colour that is declared transparent counts, whether it is used or not."""
    if "A" not in image.getbands():
        return "transparency" in image.info
    lowest, _ = image.getchannel("A").getextrema()
    return lowest != 255


def orientation_of(image: Image.Image) -> int | None:
    """The EXIF orientation; None without one, or where the EXIF block is broken."""
    try:
        value = image.getexif().get(_ORIENTATION)
    except (*FAULTS, OSError):
        return None
    return value if isinstance(value, int) else None
