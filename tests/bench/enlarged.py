"""How well enlarged and blurred covers are told from native ones, on generated art: `python -m tests.bench.enlarged`.

Each line is a way to spoil a picture, each figure the share of pictures that ART-022 remarks on. `native` are false
alarms. Pictures with no detail to judge (flat art) count as not remarked on, and are counted apart.
"""

from __future__ import annotations

import io
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from ingest.core.dossier import Policy
from ingest.readers.artwork import read_artwork
from ingest.rules.artwork.pictures import enlarged

SIDE: Final = 1536
SEEDS: Final = 2
Resampling = Image.Resampling
Plane = NDArray[np.float64]
Painter = Callable[[int, int], Image.Image]


def toned(plane: Plane, rng: np.random.Generator) -> Image.Image:
    """A plane of any range as a picture in three related colours."""
    low, high = np.percentile(plane, (0.5, 99.5))
    grey = ((plane - low) / max(high - low, 1e-9)).clip(0, 1)
    first, last = rng.uniform(0, 120, 3), rng.uniform(140, 255, 3)
    return Image.fromarray((first + grey[:, :, None] * (last - first)).round().astype(np.uint8))


def clouds(side: int, seed: int, slope: float) -> Plane:
    """Noise whose amplitude falls with frequency to the power of `slope`; photographs have about 1."""
    rng = np.random.default_rng(seed)
    radius = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)) + 1 / side
    return np.fft.irfft2(np.fft.rfft2(rng.standard_normal((side, side))) / radius**slope, (side, side))


def grained(image: Image.Image, seed: int, sigma: float) -> Image.Image:
    noise = np.random.default_rng(seed).normal(0, sigma, (image.height, image.width, 3))
    return Image.fromarray((np.asarray(image, np.float64) + noise).round().clip(0, 255).astype(np.uint8))


def texture(side: int, seed: int) -> Image.Image:
    return toned(clouds(side, seed, 1.0), np.random.default_rng(seed))


def photograph(side: int, seed: int) -> Image.Image:
    """Things of every size that hide one another, as a lens and a sensor see them: a little soft, a little grainy."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (2 * side, 2 * side))
    draw = ImageDraw.Draw(image)
    for _ in range(6000):
        radius = min(6 / rng.uniform(0.002, 1) ** 0.5, 250.0) * 2
        x, y = rng.uniform(0, 2 * side, 2)
        tone = tuple(int(one) for one in rng.integers(20, 236, 3))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=tone)
    small = image.resize((side, side), Resampling.BOX).filter(ImageFilter.GaussianBlur(0.5))
    return grained(small, seed, 2.0)


def portrait(side: int, seed: int) -> Image.Image:
    """Soft slopes with grain: a face before a wall."""
    return grained(toned(clouds(side, seed, 1.8), np.random.default_rng(seed)), seed, 3.0)


def painting(side: int, seed: int) -> Image.Image:
    """Strokes in many directions over a coloured ground."""
    rng = np.random.default_rng(seed)
    image = texture(side, seed)
    draw = ImageDraw.Draw(image)
    for _ in range(9000):
        x, y = rng.uniform(0, side, 2)
        angle, length = rng.uniform(0, np.pi), rng.uniform(5, 60)
        tone = tuple(int(one) for one in rng.integers(0, 256, 3))
        end = (x + length * np.cos(angle), y + length * np.sin(angle))
        draw.line((x, y, *end), fill=tone, width=int(rng.integers(1, 4)))
    return image.filter(ImageFilter.GaussianBlur(0.4))


def fractal(side: int, seed: int) -> Image.Image:
    """A Julia set with smooth colouring."""
    rng = np.random.default_rng(seed)
    axis = np.linspace(-1.3, 1.3, side)
    z = axis[None, :] + 1j * axis[:, None]
    angle = rng.uniform(0, 2 * np.pi)
    c = 0.7885 * np.exp(1j * angle)
    count = np.zeros(z.shape)
    for _ in range(60):
        inside = np.abs(z) < 4
        z[inside] = z[inside] ** 2 + c
        count += inside
    return toned(np.log1p(count) + 0.05 * np.sin(np.abs(z).clip(0, 4)), rng)


def gradient(side: int, seed: int) -> Image.Image:
    """A slope of colour with the dither that image programs add."""
    rng = np.random.default_rng(seed)
    axis = np.linspace(0, 1, side)
    slope = np.cos(axis[:, None] * rng.uniform(1, 4)) + np.sin(axis[None, :] * rng.uniform(1, 4))
    return grained(toned(slope, rng), seed, 1.0)


def drawing(side: int, seed: int) -> Image.Image:
    """Vector art: many small shapes with smooth edges."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (3 * side, 3 * side), tuple(int(one) for one in rng.integers(0, 256, 3)))
    draw = ImageDraw.Draw(image)
    for _ in range(500):
        points = rng.uniform(0, 3 * side, 2) + rng.uniform(-120, 120, (int(rng.integers(3, 7)), 2))
        tone = tuple(int(one) for one in rng.integers(0, 256, 3))
        draw.polygon([(float(x), float(y)) for x, y in points], fill=tone)
    return image.resize((side, side), Resampling.BOX)


def poster(side: int, seed: int) -> Image.Image:
    """A few large flat shapes: nothing that could be told to be enlarged."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (side, side), (240, 230, 210))
    draw = ImageDraw.Draw(image)
    for _ in range(3):
        left, top = rng.uniform(0, side / 2, 2)
        tone = tuple(int(one) for one in rng.integers(0, 256, 3))
        draw.rectangle((left, top, left + side / 3, top + side / 3), fill=tone)
    return image


def halftone(side: int, seed: int) -> Image.Image:
    """A picture printed in dots."""
    rng = np.random.default_rng(seed)
    axis = np.arange(side)
    angle, pitch = rng.uniform(0.2, 1.2), rng.uniform(6, 14)
    u = axis[None, :] * np.cos(angle) + axis[:, None] * np.sin(angle)
    v = axis[:, None] * np.cos(angle) - axis[None, :] * np.sin(angle)
    screen = np.cos(2 * np.pi * u / pitch) + np.cos(2 * np.pi * v / pitch)
    tone = clouds(side, seed, 1.6)
    return toned((screen / 2 + tone / tone.std() * 0.7).clip(-0.3, 0.3), rng)


PAINTERS: Final[dict[str, Painter]] = {
    one.__name__: one for one in (texture, photograph, portrait, painting, fractal, gradient, drawing, poster, halftone)
}


def spoilt(paint: Painter, seed: int) -> dict[str, Image.Image]:
    """A picture as it is, enlarged from smaller ones to its size, and blurred."""
    native = paint(SIDE, seed)
    made = {"native": native}
    for factor in (1.5, 2, 3):
        small = paint(round(SIDE / factor), seed)
        for how in (Resampling.LANCZOS, Resampling.BICUBIC, Resampling.NEAREST):
            made[f"{factor:g}x {how.name.lower()}"] = small.resize((SIDE, SIDE), how)
    for radius in (2, 4):
        made[f"blur {radius}"] = native.filter(ImageFilter.GaussianBlur(radius))
    return made


def remark(image: Image.Image, folder: Path) -> str:
    """What is said of the picture as a JPEG of quality 92: `remark`, `none`, or `cannot tell`."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    path = folder / "artwork.jpg"
    path.write_bytes(out.getvalue())
    facts = read_artwork(path, path.name, max_pixels=144_000_000)
    if not facts.upscale:
        return "cannot tell"
    return "remark" if list(enlarged(facts, Policy(received=date(2026, 3, 23)))) else "none"


def main() -> None:
    counts: dict[str, dict[str, Counter[str]]] = {}
    with tempfile.TemporaryDirectory() as name:
        for kind, paint in PAINTERS.items():
            for seed in range(SEEDS):
                for way, image in spoilt(paint, seed).items():
                    counts.setdefault(way, {}).setdefault(kind, Counter())[remark(image, Path(name))] += 1
    print(f"{'':14}" + "".join(f"{kind:>11}" for kind in PAINTERS) + f"{'all':>18}")
    for way, kinds in counts.items():
        told = [kinds[kind] for kind in PAINTERS]
        whole = sum(told, Counter())
        cells = "".join(f"{'–' if one['cannot tell'] == SEEDS else one['remark']:>11}" for one in told)
        judged = whole["remark"] + whole["none"]
        print(f"{way:14}{cells}{whole['remark']:>6} of {judged} ({100 * whole['remark'] / max(judged, 1):.0f} %)")


if __name__ == "__main__":
    main()
