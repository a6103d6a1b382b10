"""A track as a picture for QC: its outline above its spectrogram, with scales to read time, frequency and level by."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ingest.readers.audio.pcm import CHUNK, FULL_SCALE, Encoding, Unpacker
from ingest.readers.audio.reader import decode_audio
from ingest.readers.spectrogram import COLUMNS, FLOOR, ROWS, Gatherer, Spectrogram

LEFT, RIGHT, TOP, BOTTOM = 70, 90, 40, 40
STRIP, GAP = 70, 14
TEXT, LINE, GROUND, WAVE, CLIP = "#e8e8e8", "#606060", "#141418", "#6fb7ff", "#ff5050"
STEPS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600)
MOST_TICKS: Final = 16
LEGEND: Final = 20
COLOURS: Final = (
    (0.0, (0, 0, 0)),
    (0.2, (20, 11, 80)),
    (0.4, (110, 20, 130)),
    (0.6, (205, 55, 85)),
    (0.8, (250, 155, 40)),
    (1.0, (255, 255, 210)),
)
"""From the floor to full scale: each is lighter than the one before, so that it reads in grey too."""


class Undrawable(Exception):
    """The file cannot be decoded."""


def draw_track(path: Path, title: str, frames: int) -> bytes:
    """A PNG of the track at `path`, which has `frames` frames. Raises Undrawable."""
    feeds: list[_Feed] = []

    def made(encoding: Encoding, rate: int) -> _Feed:
        feeds.append(_Feed(encoding, rate, frames))
        return feeds[0]

    if not decode_audio(path, made):
        raise Undrawable
    return _png(_draw(feeds[0].gatherer.finish(), title, frames, feeds[0].rate))


class _Feed:
    """Stored samples on their way into a Gatherer."""

    def __init__(self, encoding: Encoding, rate: int, frames: int) -> None:
        self.rate = rate
        self.gatherer = Gatherer(frames, encoding.channels)
        self._unpacker = Unpacker(encoding)
        self._planes = np.zeros((encoding.channels, CHUNK), np.float32)

    def feed(self, raw: NDArray[np.uint8], frames: int) -> None:
        self._unpacker.unpack(raw, frames, self._planes)
        self.gatherer.feed((self._planes[:, :frames] * np.float32(1 / FULL_SCALE)).T)


def _draw(seen: Spectrogram, title: str, frames: int, rate: int) -> Image.Image:
    channels = len(seen.outline)
    top = TOP + channels * STRIP + GAP
    canvas = Image.new("RGB", (LEFT + COLUMNS + RIGHT, top + ROWS + BOTTOM), GROUND)
    draw = ImageDraw.Draw(canvas)
    draw.font = ImageFont.load_default(14)
    draw.text((LEFT, TOP - 12), title, TEXT, anchor="ls")
    for channel, (least, greatest) in enumerate(seen.outline):
        _outline(draw, TOP + channel * STRIP, least.tolist(), greatest.tolist())
    canvas.paste(_coloured(seen), (LEFT, top))
    _legend(canvas, draw, top)
    _frequencies(draw, top, rate)
    _times(draw, top + ROWS, frames / rate)
    return canvas


def _outline(draw: ImageDraw.ImageDraw, top: int, least: list[float], greatest: list[float]) -> None:
    """One channel: a bar for each column, red where it reaches full scale."""
    middle, half = top + STRIP / 2, STRIP / 2 - 3
    draw.line((LEFT, middle, LEFT + COLUMNS, middle), LINE)
    for column, (low, high) in enumerate(zip(least, greatest, strict=True)):
        colour = CLIP if max(high, -low) >= 0.9999 else WAVE
        low, high = max(low, -1.0), min(high, 1.0)
        draw.line((LEFT + column, middle - high * half, LEFT + column, middle - low * half), colour)


def _coloured(seen: Spectrogram) -> Image.Image:
    shares = np.clip(1 - seen.levels / FLOOR, 0, 1)
    return Image.fromarray(_palette()[(shares * 255).round().astype(np.uint8)])


def _palette() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    at = np.linspace(0, 1, 256)
    stops = [stop for stop, _ in COLOURS]
    planes = [np.interp(at, stops, [colour[plane] for _, colour in COLOURS]) for plane in range(3)]
    return np.stack(planes, axis=1).round().astype(np.uint8)


def _legend(canvas: Image.Image, draw: ImageDraw.ImageDraw, top: int) -> None:
    """What the colours mean, in dBFS."""
    left = LEFT + COLUMNS + 14
    bar = _palette()[np.linspace(255, 0, ROWS).round().astype(np.uint8)]
    canvas.paste(Image.fromarray(np.repeat(bar[:, None], LEGEND, axis=1)), (left, top))
    for level in range(0, int(FLOOR) - 1, -20):
        draw.text((left + LEGEND + 6, top + ROWS * level / FLOOR), f"{level}", TEXT, anchor="lm")
    draw.text((left, top - 8), "dBFS", TEXT, anchor="ls")


def _frequencies(draw: ImageDraw.ImageDraw, top: int, rate: int) -> None:
    highest = rate / 2000
    step = 2 if highest <= 24 else 10
    for kilohertz in range(0, int(highest) + 1, step):
        y = top + ROWS * (1 - kilohertz / highest)
        draw.line((LEFT - 6, y, LEFT, y), TEXT)
        draw.text((LEFT - 10, y), f"{kilohertz}", TEXT, anchor="rm")
    draw.text((6, top + ROWS / 2), "kHz", TEXT, anchor="lm")


def _times(draw: ImageDraw.ImageDraw, top: int, seconds: float) -> None:
    for at in _ticks(seconds):
        x = LEFT + COLUMNS * at / seconds
        draw.line((x, top, x, top + 6), TEXT)
        draw.text((x, top + 10), _clock(at), TEXT, anchor="ma")


def _ticks(seconds: float) -> Iterator[float]:
    """Round times from the start, as close as they can be read."""
    step = next((step for step in STEPS if seconds / step <= MOST_TICKS), STEPS[-1])
    yield from (number * step for number in range(int(seconds / step) + 1))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{minutes:.0f}:{rest:02.0f}" if rest == int(rest) else f"{minutes:.0f}:{rest:04.1f}"


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
