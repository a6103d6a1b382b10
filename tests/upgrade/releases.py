"""Small release folders that compress well: sound and pictures that repeat, different for each release."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from PIL import Image
from stdnum import ean

from tests.good import RATE, saved
from tests.messages import Sheet, guide_xml

SECONDS: Final = 10
FRAME: Final = 4096
"""Samples that repeat: as many as a FLAC frame holds, so that every frame of a track has the same bytes."""
SIDE: Final = 3000
TILE: Final = 24
RELEASED: Final = date(2027, 6, 4)


def sheet(number: int, title: str) -> Sheet:
    """A single with a barcode of its own."""
    barcode = f"5034567{number:05}"
    barcode += ean.calc_check_digit(barcode)
    return Sheet(title=title, tracks=(title,), suffix="flac", barcode=barcode, released=RELEASED, seconds=SECONDS)


def release(parent: Path, name: str, number: int, title: str = "", *, text: Callable[[str], str] = str) -> Path:
    """A good single in a folder of this name; `text` changes its message."""
    written = message(parent, name, number, title, text=text)
    one = sheet(number, title or name)
    (written / "artwork.jpg").write_bytes(cover(number))
    (written / one.file(1)).write_bytes(track(number))
    return written


def message(parent: Path, name: str, number: int, title: str = "", *, text: Callable[[str], str] = str) -> Path:
    """The message of that single alone."""
    folder = parent / name
    folder.mkdir(parents=True)
    xml = guide_xml(sheet(number, title or name)).replace("GBDUM26000", f"GBDUM26{number:03}")
    (folder / "metadata.xml").write_text(text(xml), "utf-8")
    return folder


@cache
def track(seed: int, seconds: int = SECONDS) -> bytes:
    """Stereo noise of one frame, over and over, as FLAC with 16 bits."""
    frame = np.random.default_rng(seed).uniform(-0.4, 0.4, (FRAME, 2))
    spectrum = np.fft.rfft(frame, axis=0)
    spectrum[600:] *= 0.02
    frame = np.fft.irfft(spectrum, FRAME, axis=0)
    frame *= 0.6 / np.abs(frame).max()
    whole = np.tile(frame, (-(-seconds * RATE // FRAME), 1))[: seconds * RATE]
    out = BytesIO()
    soundfile.write(out, whole, RATE, subtype="PCM_16", format="FLAC")
    return out.getvalue()


@cache
def cover(seed: int) -> bytes:
    """A tile of coloured grain, over and over, under one large disc."""
    rng = np.random.default_rng(seed)
    tile = rng.integers(90, 150, (TILE // 8, TILE // 8, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    pixels = np.tile(tile, (SIDE // TILE, SIDE // TILE, 1))
    y, x = np.ogrid[:SIDE, :SIDE]
    pixels[(y - 1500) ** 2 + (x - 1500) ** 2 < (900 + 20 * seed) ** 2] = rng.integers(20, 230, 3)
    return saved(Image.fromarray(pixels), "JPEG", quality=70)
