"""Healthy covers of the kinds that measures easily misjudge. Each maker takes a seed and gives a square picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIDE: Final = 640
Cover = Callable[[int], Image.Image]
Plane = NDArray[np.float64]


def colours(seed: int, count: int = 3) -> NDArray[np.float64]:
    return np.random.default_rng(seed).uniform(10, 245, (count, 3))


def clouds(seed: int, slope: float = 1.1, height: int = SIDE, width: int = SIDE) -> Plane:
    """Noise from 0 to 1 whose detail falls with frequency, as that of photographs."""
    rng = np.random.default_rng(seed)
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)) + 1 / max(height, width)
    plane = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((height, width))) / radius**slope, (height, width))
    low, high = np.percentile(plane, (0.5, 99.5))
    return np.asarray(((plane - low) / (high - low)).clip(0, 1))


def toned(plane: Plane, seed: int) -> Image.Image:
    """Between two colours, with the grain of a sensor."""
    first, last = colours(seed, 2)
    tones = first + plane[:, :, None] * (last - first)
    tones = tones + np.random.default_rng(seed).normal(0, 3, tones.shape)
    return Image.fromarray(tones.round().clip(0, 255).astype(np.uint8))


def photograph(seed: int) -> Image.Image:
    return toned(clouds(seed, 1.0 + 0.03 * seed), seed)


def plain(seed: int) -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), tuple(int(c) for c in colours(seed, 1)[0]))


def written(image: Image.Image, text: str, size: int, middle: tuple[float, float], seed: int) -> Image.Image:
    """With words centred at a place given in shares of the sides."""
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size)
    ink = (250, 250, 250) if np.asarray(image.resize((1, 1))).mean() < 128 else (15, 15, 15)
    draw.text((middle[0] * image.width, middle[1] * image.height), text, ink, font, "mm")
    return image


def gradient(seed: int) -> Image.Image:
    """Sky over ground, or any two or three colours that run into each other from the top down."""
    stops = colours(seed, 2 + seed % 2)
    places = np.linspace(0, 1, len(stops))
    down = np.linspace(0, 1, SIDE) ** (1 + seed % 3 * 0.5)
    rows = np.stack([np.interp(down, places, stops[:, channel]) for channel in range(3)], axis=1)
    picture = np.repeat(rows[:, None], SIDE, axis=1) + np.random.default_rng(seed).normal(0, seed % 2, (SIDE, SIDE, 3))
    return Image.fromarray(picture.round().clip(0, 255).astype(np.uint8)).rotate(90 * (seed % 4))


def gradient_with_word(seed: int) -> Image.Image:
    return written(gradient(seed), ("NIGHT", "Slow", "II")[seed % 3], 60 + 20 * (seed % 5), (0.5, 0.5), seed)


def horizon(seed: int) -> Image.Image:
    """A gradient over a gradient, with a band of detail where they meet."""
    image = gradient(seed - seed % 4)
    height = 60 + 20 * (seed % 5)
    image.paste(toned(clouds(seed, 1.1, height, SIDE), seed + 1), (0, SIDE // 2 - height // 2))
    return image


def titles(seed: int) -> Image.Image:
    """A picture as wide as the cover with the artist above it and the title below."""
    image = plain(seed)
    height = 380 - 12 * (seed % 5)
    top = (SIDE - height) // 2
    image.paste(toned(clouds(seed, 1.1, height, SIDE), seed + 1), (0, top))
    size = 24 + 4 * (seed % 4)
    written(image, "THE FIVE RIVERS", size, (0.5, top / SIDE / 2), seed)
    return written(image, "Songs of a long night", size, (0.5, 1 - top / SIDE / 2), seed)


def title_below(seed: int) -> Image.Image:
    """A picture down to a band of one tone with the title in it, at the bottom or at one side."""
    image, band = plain(seed), 70 + 12 * (seed % 8)
    image.paste(toned(clouds(seed, 1.1, SIDE - band, SIDE), seed + 1), (0, 0))
    return written(image, "Low Tide", 36, (0.5, 1 - band / SIDE / 2), seed).rotate(90 * (seed % 4))


def framed(seed: int) -> Image.Image:
    """A picture with a margin of the same tone on all sides."""
    image, margin = plain(seed), 30 + 12 * (seed % 12)
    inner = SIDE - 2 * margin
    image.paste(toned(clouds(seed, 1.1, inner, inner), seed + 1), (margin, margin))
    return image


def minimal(seed: int) -> Image.Image:
    """One shape on a plain ground, in the middle or off it, now and then up to an edge."""
    image = plain(seed)
    draw, ink = ImageDraw.Draw(image), tuple(int(c) for c in colours(seed + 31, 1)[0])
    left, top = 60 + 30 * (seed % 4), 80 + 40 * (seed % 3)
    shapes: tuple[Callable[[], None], ...] = (
        lambda: draw.ellipse((left, top, left + 300, top + 300), ink),
        lambda: draw.rectangle((0, top, SIDE, top + 120), ink),
        lambda: draw.line((0, 0, SIDE, SIDE), ink, 12),
        lambda: draw.polygon(((SIDE // 2, 100), (100, 520), (540, 520)), ink),
        lambda: draw.rectangle((left, top, left + 200, SIDE), ink),
    )
    shapes[seed % len(shapes)]()
    return image


def stripes(seed: int) -> Image.Image:
    """Bands of plain colours from edge to edge."""
    image = plain(seed)
    draw, tones = ImageDraw.Draw(image), colours(seed + 7, 6)
    for number in range(2 + seed % 5):
        top = int((0.2 + 0.6 * number / (2 + seed % 5)) * SIDE)
        draw.rectangle((0, top, SIDE, top + 40 + 10 * (seed % 4)), tuple(int(c) for c in tones[number % 6]))
    return image.rotate(90 * (seed % 2))


def words_only(seed: int) -> Image.Image:
    """Large letters over the whole cover."""
    image = plain(seed)
    for line, text in enumerate(("FIVE", "RIVERS", "LIVE", "2026")[: 2 + seed % 3]):
        written(image, text, 120 + 10 * (seed % 5), (0.5, 0.2 + 0.22 * line), seed)
    return image


def faint(seed: int) -> Image.Image:
    """Black on black or white on white: a small logo or a relief that can hardly be seen."""
    ground = (8, 250, 20, 240, 12)[seed % 5]
    relief = clouds(seed, 1.2) * (1.5 + seed % 3) + ground
    image = Image.fromarray(relief.round().clip(0, 255).astype(np.uint8)).convert("RGB")
    return written(image, "sol", 22, (0.5, 0.92), seed) if seed % 2 else image


def soft(seed: int) -> Image.Image:
    """A dreamy background without detail, and sharp letters over it."""
    ground = photograph(seed).filter(ImageFilter.GaussianBlur(30))
    grain = np.random.default_rng(seed).normal(0, 2.5, (SIDE, SIDE, 3))
    image = Image.fromarray((np.asarray(ground, np.float64) + grain).round().clip(0, 255).astype(np.uint8))
    return written(image, "DREAM", 90, (0.5, 0.4), seed)


def night_film(seed: int) -> Image.Image:
    """A dark photograph that brightens towards its middle: its edges are black, and no bars."""
    light = np.exp(-(((np.arange(SIDE) - SIDE / 2) / (120 + 20 * (seed % 4))) ** 2))[:, None]
    return toned_between(clouds(seed, 1.1) * light, seed)


def toned_between(plane: Plane, seed: int) -> Image.Image:
    tones = plane[:, :, None] * colours(seed, 1)[0] + np.random.default_rng(seed).normal(6, 1.5, (SIDE, SIDE, 3))
    return Image.fromarray(tones.round().clip(0, 255).astype(np.uint8))


def halves(seed: int) -> Image.Image:
    """A photograph between two plain areas of different colours."""
    image, first, last = plain(seed), 90 + 10 * (seed % 12), 470 + 10 * (seed % 4)
    image.paste(tuple(int(c) for c in (255 - colours(seed, 1)[0]) // 2), (0, last, SIDE, SIDE))
    image.paste(toned(clouds(seed, 1.1, last - first, SIDE), seed + 1), (0, first))
    return image


COVERS: Final[dict[str, Cover]] = {
    maker.__name__: maker
    for maker in (
        *(photograph, plain, gradient, gradient_with_word, horizon, titles, title_below, framed, minimal, stripes),
        *(words_only, faint, soft, night_film, halves),
    )
}


def vivid(plane: Plane, seed: int) -> Image.Image:
    """In one colour from dark to light, with grain."""
    tones = 60 + plane[:, :, None] * (90 + 10 * (seed % 10)) * np.array([1.0, 0.9, 0.7])
    tones = tones + np.random.default_rng(seed).normal(0, 3, tones.shape)
    return Image.fromarray(tones.round().clip(0, 255).astype(np.uint8))


def barred(seed: int) -> Image.Image:
    """A fault: a picture of 16 to 9, 3 to 2 or 4 to 3 with bars of one tone above and below, or at both sides."""
    tone = ((0, 0, 0), (255, 255, 255), (12, 12, 12), (20, 30, 60))[seed % 4]
    height = round(SIDE / (16 / 9, 3 / 2, 4 / 3, 5 / 4)[seed % 4])
    image = Image.new("RGB", (SIDE, SIDE), tone)
    image.paste(vivid(clouds(seed, 1.0, height, SIDE), seed), (0, (SIDE - height) // 2))
    return image.rotate(90 * (seed // 4 % 2))


def enlarged(seed: int) -> Image.Image:
    """A fault: three or four times the size it had, by the usual ways."""
    ways = (Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.NEAREST, Image.Resampling.BILINEAR)
    side = 1200 if seed % 4 != 2 else 900
    return vivid(clouds(seed, 1.0, 300, 300), seed).resize((side, side), ways[seed % 4])
