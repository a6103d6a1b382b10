"""What the pixels of a cover give away: enlarging, blur, bars at the edges, an empty picture. Measures, no verdicts."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.float32]
_TILE = 256
_TILES = 8
_ACTIVE = 1.0
_STEP = np.uint8(4)
_DETAILED = 0.05
_SQUARES = 0.5
_BLOCKS = 0.15
_BINS = 4096
_LONGEST = 32
_STRONG = 0.8
_SAME_PERIOD = 0.05
_MOST_SIDE = 6000
_SMALL = 512
_SAME = 4.0
_MOST_BARS = 0.6
"""The share that bars of the widest films take; a band across more of nothing is a design."""
_FILLED = 0.45
_EVEN = 0.2


def upscale_of(image: Image.Image) -> dict[str, float]:
    """`hf` and `psnr` in dB and `pix`, medians over the eight most active tiles; empty without an active tile.

    A tile is active that changes everywhere, not at a few edges of flat shapes: those say nothing about their making.

    Enlarged and blurred pictures have little between 0.30 and 0.50 cycles a pixel, survive halving, or come in squares.
    """
    tiles = _active_tiles(np.asarray(_central(image), np.uint8))
    if not tiles:
        return {}
    return {
        "hf": round(float(np.median([_fine_detail(tile) for tile in tiles])), 2),
        "psnr": round(float(np.median([_halving(tile) for tile in tiles])), 2),
        "pix": round(sorted(_squares(tile) for tile in tiles)[(len(tiles) - 1) // 2], 1),
    }


def border_of(grey: Grey) -> float | None:
    """Share of the height or width taken by bars at two opposite edges and only there; None without bars.

    Bars are of one tone, the same on both sides, without a letter in them, and end at once where a picture begins that
    goes from edge to edge: gradients, grounds of titles and shapes, and frames are none. `grey` is a `small` picture.
    """
    rows, columns = _bars(grey), _bars(grey.T)
    for bars, others, plane in ((rows, columns, grey), (columns, rows, grey.T)):
        if min(bars) >= 0.02 and max(others) < 0.01 and sum(bars) <= _MOST_BARS and _are_bars(plane, bars):
            return round(bars[0] + bars[1], 3)
    return None


def _bars(grey: Grey) -> tuple[float, float]:
    """Shares of the rows, from the top and from the bottom, that are all of the tone of the outermost ones."""
    first, last = (_rows_of(half, _tone(half)) for half in (grey, grey[::-1]))
    return first / len(grey), last / len(grey)


def _tone(grey: Grey) -> float:
    return float(np.median(grey[: max(len(grey) // 100, 1)]))


def _rows_of(grey: Grey, tone: float) -> int:
    """How many rows from the first on are of one tone, up to a hundredth of each."""
    even = np.mean(np.abs(grey - tone) <= _SAME, axis=1) >= 0.99
    return len(even) if even.all() else int(np.argmin(even))


def _are_bars(grey: Grey, bars: tuple[float, float]) -> bool:
    """Whether both bars are of one tone, most of the first rows within clearly of others, and few of these even."""
    inner = grey[round(bars[0] * len(grey)) : len(grey) - round(bars[1] * len(grey))]
    even = np.mean(np.abs(inner - np.median(inner, axis=1, keepdims=True)) <= _SAME, axis=1) >= 0.95
    if not len(inner) or even.mean() > _EVEN:
        return False
    pieces, tones = [], (_tone(grey), _tone(grey[::-1]))
    for bar, tone, half in zip(bars, tones, (grey, grey[::-1]), strict=True):
        start = round(bar * len(grey))
        inside = half[start + 1 : start + 1 + max(len(grey) // 64, 1)]
        pieces.append(float(np.mean(np.abs(inside - tone) > 2 * _SAME)) if len(inside) else 0.0)
    return abs(tones[0] - tones[1]) <= _SAME and min(pieces) >= _FILLED


def plain_share(grey: Grey) -> float:
    """The share of a `small` picture that is of one tone, give or take four of 255."""
    return round(float(np.mean(np.abs(grey - np.median(grey)) <= _SAME)), 4)


def _central(image: Image.Image) -> Image.Image:
    """At most the middle 6000 × 6000 pixels: memory stays bounded, the tiles are plenty."""
    if max(image.size) <= _MOST_SIDE:
        return image
    left, top = (max((side - _MOST_SIDE) // 2, 0) for side in image.size)
    return image.crop((left, top, left + min(image.width, _MOST_SIDE), top + min(image.height, _MOST_SIDE)))


def small(image: Image.Image) -> Grey:
    """A grey picture, shrunk to at most 512 × 512 pixels."""
    size = (min(image.width, _SMALL), min(image.height, _SMALL))
    return np.asarray(image.resize(size, Image.Resampling.BOX), np.float32)


def _active_tiles(grey: NDArray[np.uint8]) -> list[Grey]:
    """The eight tiles with the greatest mean |dx| + |dy|, of those that have steps in a twentieth of their pixels."""
    ranked = []
    lefts = np.arange(0, grey.shape[1] - _TILE + 1, _TILE)
    for top in range(0, grey.shape[0] - _TILE + 1, _TILE):
        band = grey[top : top + _TILE]
        down, across = _apart(band[1:], band[:-1]), _apart(band[:, 1:], band[:, :-1])
        both = down[:, :-1] + across[:-1]
        # A sum that went over 255 is less than its parts.
        steps = (both >= _STEP) | (both < across[:-1])
        activity = _means(down, lefts, _TILE) + _means(across, lefts, _TILE - 1)
        detailed = (activity >= _ACTIVE) & (_means(steps, lefts, _TILE - 1) >= _DETAILED)
        ranked += [(float(activity[tile]), top, int(lefts[tile])) for tile in np.flatnonzero(detailed)]
    best = sorted(ranked, reverse=True)[:_TILES]
    return [grey[top : top + _TILE, left : left + _TILE].astype(np.float32) for _, top, left in best]


def _apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(np.maximum(one, other) - np.minimum(one, other))


def _means(values: NDArray[Any], lefts: NDArray[np.intp], width: int) -> NDArray[np.float64]:
    """Means over `width` columns from each of `lefts`; a column of at most 256 values of 8 bits sums up in 16."""
    columns = np.add.reduce(values, axis=0, dtype=np.uint16)
    return np.array([float(columns[left : left + width].sum()) for left in lefts]) / (width * len(values))


def _fine_detail(tile: Grey) -> float:
    """Mean power of the finest detail against that of coarse shapes, in dB."""
    window, radius, times = _rings()
    power = np.abs(np.fft.rfft2((tile - tile.mean()) * window)) ** 2
    fine, coarse = (
        float(np.average(power[ring], weights=times[ring]))
        for ring in ((radius >= 0.30) & (radius < 0.50), (radius >= 0.04) & (radius < 0.12))
    )
    return float(10 * np.log10((fine + 1e-3) / (coarse + 1e-3)))


@cache
def _rings() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """A tile's window, and the cycles a pixel of each frequency with how often it stands in the whole plane."""
    window, across = np.hanning(_TILE), np.fft.rfftfreq(_TILE)
    radius = np.hypot(np.fft.fftfreq(_TILE)[:, None], across)
    times = np.broadcast_to(np.where((across == 0.0) | (across == 0.5), 1.0, 2.0), radius.shape)
    return window[:, None] * window, radius, times


def _halving(tile: Grey) -> float:
    """PSNR of the tile against itself halved and enlarged again; 99 at most."""
    image = Image.fromarray(tile.astype(np.uint8))
    half = image.resize((_TILE // 2, _TILE // 2), Image.Resampling.LANCZOS)
    again = np.asarray(half.resize((_TILE, _TILE), Image.Resampling.LANCZOS), np.float32)
    error = float(np.mean((tile - again)[8:-8, 8:-8] ** 2))
    return min(10 * float(np.log10(255**2 / max(error, 1e-9))), 99.0)


def _squares(tile: Grey) -> float:
    """The side, 2 to 32, of the squares that pixels enlarged without smoothing become; 0 for none.

    Between squares stand columns and rows that change, inside them none does, or a little after JPEG.
    """
    across, down = (_period(np.abs(np.diff(plane, axis=1)).mean(axis=0)) for plane in (tile, tile.T))
    return (across + down) / 2 if min(across, down) and abs(across - down) < _SAME_PERIOD * across else 0.0


def _period(steps: Grey) -> float:
    """The period at which single steps are large and those between are small, in pixels; 0 for none.

    JPEG stores blocks of 8 pixels, so every eighth step may be large in any picture: a period that divides 8 must stand
    out in every turn, and 8 itself far more.
    """
    found = _strongest(steps)
    if found is None:
        return 0.0
    period, first = found
    great = np.round(first + period * np.arange(-1, len(steps) / period + 2)).astype(int)
    great = great[(great >= 0) & (great < len(steps))]
    turns = 8 / period
    is_of_blocks = abs(turns - round(turns)) < _SAME_PERIOD * turns
    groups = [great[great % 8 == place] for place in range(8)] if is_of_blocks else [great]
    greatness = min(steps[group].mean() for group in groups if len(group))
    share = _BLOCKS if is_of_blocks and round(turns) == 1 else _SQUARES
    return period if np.delete(steps, great).mean() < share * greatness else 0.0


def _strongest(steps: Grey) -> tuple[float, float] | None:
    """The longest of the strongest periods of at most 32 steps, and where its first step is; None without any."""
    window = (steps - steps.mean()) * np.hanning(len(steps))
    lowest = _BINS // _LONGEST
    power = np.append(np.abs(np.fft.rfft(window, _BINS))[lowest:], 0.0)
    inner = power[1:-1]
    peaks = np.flatnonzero((inner >= power[:-2]) & (inner >= power[2:]) & (inner > _STRONG * power.max()))
    if not len(peaks):
        return None
    near = (lowest + 1 + peaks[0] + np.linspace(-0.5, 0.5, 9)) / _BINS
    turns = np.exp(-2j * np.pi * near[:, None] * np.arange(len(steps))) @ window
    best = int(np.abs(turns).argmax())
    return float(1 / near[best]), float(-np.angle(turns[best]) / (2 * np.pi * near[best]))
