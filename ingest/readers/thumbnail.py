"""A cover made small, for people who review a release by email."""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from ingest.readers.artwork import MAX_SIDE
from ingest.readers.sealed import open_sealed

SIDE: Final = 600
"""Pixels of the longer side: shown half as wide, it is sharp on screens with two pixels for one."""
QUALITY: Final = 82
_FORMATS: Final = ("JPEG", "PNG")


def make_thumbnail(path: Path, name: str, max_pixels: int) -> tuple[str, bytes]:
    """The SHA-256 of the picture at `path`, and a JPEG of it of at most SIDE pixels a side.

    Transparent places are white, an orientation in its Exif data is followed. Raises what Pillow raises for a picture
    that cannot be decoded, ValueError for one of more than `max_pixels`, and ChangedWhileRead.
    """
    with open_sealed(path, name) as file:
        data = file.read()
    with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        if image.width * image.height > max_pixels or max(image.size) > MAX_SIDE:
            raise ValueError(f"{image.width} × {image.height} pixels are too many")
        image.draft("RGB", (SIDE, SIDE))
        image.thumbnail((SIDE, SIDE))
        out = io.BytesIO()
        _on_white(ImageOps.exif_transpose(image)).save(out, "JPEG", quality=QUALITY)
    return hashlib.sha256(data).hexdigest(), out.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    ground = Image.new("RGB", seen.size, "white")
    ground.paste(seen, mask=seen.getchannel("A"))
    return ground
