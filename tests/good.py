"""Good release folders made in code. Media is made once per process and kept as bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from enum import StrEnum
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from PIL import Image

from tests import shapes, signals
from tests.messages import RELEASED, SECONDS, Sheet, ern_xml, guide_xml

RECEIVED: Final = date(2026, 3, 23)
"""The day on which the good packages give nothing to complain about."""

RATE: Final = 44100
EXAMPLE: Final = Path(__file__).parent / "readers/ern/guide_example.xml"


class Good(StrEnum):
    """The guide's example character for character, then packages that leave nothing to wish for."""

    GUIDE = "guide"
    SINGLE = "single"
    EP = "ep"
    ALBUM = "album"
    AIFF = "aiff"
    FLAC = "flac"
    ERN = "ern"
    DISCS = "discs"
    CLASSICAL = "classical"
    TERRITORIES = "territories"
    PRE_ORDER = "pre-order"


SHEETS: Final = {
    Good.SINGLE: Sheet(),
    Good.EP: Sheet(title="Five Rivers", type="EP", tracks=("Niger", "Benue", "Ogun", "Volta", "Congo")),
    Good.ALBUM: Sheet(
        title="Seven Hills",
        type="Album",
        tracks=("Morning", "Uphill", "Red Road", "Noon", "Shade", "Downhill", "Night"),
    ),
    Good.AIFF: Sheet(suffix="aiff"),
    Good.FLAC: Sheet(suffix="flac"),
    Good.ERN: Sheet(title="Low Tide", type="EP", tracks=("Sand", "Shell", "Salt", "Stone"), suffix="flac"),
}


SHAPES: Final[dict[Good, Callable[[str], str]]] = {
    Good.DISCS: shapes.discs,
    Good.CLASSICAL: shapes.classical,
    Good.TERRITORIES: shapes.territories,
    Good.PRE_ORDER: shapes.pre_order,
}
"""Changes of the message of the good genuine ERN."""


def write_good(parent: Path, kind: Good, released: date = RELEASED) -> Path:
    """Write the good package of this kind; `released` moves its release date (not that of the guide's example)."""
    if kind is Good.GUIDE:
        return _write_guide_example(parent)
    if kind in SHAPES:
        return _reshaped(_write_ern(parent, replace(SHEETS[Good.ERN], released=released)), SHAPES[kind])
    sheet = replace(SHEETS[kind], released=released)
    return _write_ern(parent, sheet) if kind is Good.ERN else _write_flat(parent, sheet)


def _reshaped(folder: Path, shape: Callable[[str], str]) -> Path:
    (message,) = folder.glob("*.xml")
    text = message.read_text("utf-8")
    changed = shape(text)
    assert changed != text
    message.write_text(changed, "utf-8")
    return folder


def _write_guide_example(parent: Path) -> Path:
    folder = parent / "ArtistName_MyAlbumTitle_5034567890123_20260401"
    folder.mkdir(parents=True)
    (folder / "metadata.xml").write_bytes(EXAMPLE.read_bytes())
    (folder / "01_MyTrackTitle.wav").write_bytes(wav(222, bits=16))
    (folder / "artwork.jpg").write_bytes(jpeg())
    return folder


def _write_flat(parent: Path, sheet: Sheet) -> Path:
    folder = parent / sheet.folder
    folder.mkdir(parents=True)
    (folder / "metadata.xml").write_text(guide_xml(sheet), "utf-8")
    (folder / "artwork.jpg").write_bytes(jpeg())
    for number in range(1, len(sheet.tracks) + 1):
        (folder / sheet.file(number)).write_bytes(master(sheet.suffix, sheet.seconds, number))
    return folder


def _write_ern(parent: Path, sheet: Sheet) -> Path:
    folder = parent / sheet.folder
    (folder / "resources").mkdir(parents=True)
    (folder / f"{sheet.barcode}.xml").write_text(ern_xml(sheet), "utf-8")
    (folder / "resources/artwork.jpg").write_bytes(jpeg())
    for number in range(1, len(sheet.tracks) + 1):
        (folder / "resources" / sheet.file(number)).write_bytes(master(sheet.suffix, sheet.seconds, number))
    return folder


def sound(seconds: float, seed: int = 1, peak: float = 0.6, rate: int = RATE) -> signals.Signal:
    """Stereo noise over a chord, different in both channels, sounding from the first sample to the last."""
    rng = np.random.default_rng(seed)
    loop = rng.uniform(-0.5, 0.5, (min(round(seconds * rate), 5 * rate), 2))
    t = np.arange(len(loop))[:, None] / rate
    loop += 0.5 * np.sin(2 * np.pi * t * np.array([220.0, 330.0]))
    repeats = -(-round(seconds * rate) // len(loop))
    whole = np.tile(loop, (repeats, 1))[: round(seconds * rate)]
    return np.asarray(whole * (peak / np.abs(loop).max()))


@cache
def wav(seconds: float, seed: int = 1, bits: int = 24, rate: int = RATE, peak: float = 0.6) -> bytes:
    return signals.wav(sound(seconds, seed, peak, rate), rate, bits)


@cache
def master(suffix: str, seconds: float = SECONDS, seed: int = 1) -> bytes:
    """A good 24-bit master as `wav`, `aiff` or `flac`."""
    if suffix == "wav":
        return wav(seconds, seed)
    out = BytesIO()
    soundfile.write(out, sound(seconds, seed), RATE, subtype="PCM_24", format=suffix.upper())
    return out.getvalue()


def picture(width: int = 3000, height: int = 3000, mode: str = "RGB") -> Image.Image:
    """Coloured grain on a slope: detail everywhere, no border, no repetition."""
    rng = np.random.default_rng(7)
    slope = np.linspace(60, 190, width, dtype=np.float32)[None, :] + np.linspace(-40, 40, height)[:, None]
    grain = rng.integers(0, 2, (height, width), dtype=np.int16) * 24
    layers = np.stack([slope + grain, slope * 0.8 + grain, 230 - slope + grain], axis=2)
    return Image.fromarray(layers.clip(0, 255).astype(np.uint8)).convert(mode)


@cache
def jpeg(width: int = 3000, height: int = 3000, mode: str = "RGB") -> bytes:
    return saved(picture(width, height, mode), "JPEG", quality=80)


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, format, **options)
    return out.getvalue()
