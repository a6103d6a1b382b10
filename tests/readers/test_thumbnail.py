"""Covers made small: what is seen stays, whatever the picture's colours, transparency and orientation."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from ingest.readers.thumbnail import SIDE, make_thumbnail

RED, BLUE = (220, 30, 30), (30, 30, 220)


def halves(mode: str = "RGB", size: tuple[int, int] = (1500, 1500)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image.convert(mode)


def written(path: Path, image: Image.Image, format: str, **how: object) -> Path:
    image.save(path, format, **how)
    return path


def small(path: Path) -> Image.Image:
    digest, data = make_thumbnail(path, path.name, 50_000_000)
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.mode) == ("JPEG", "RGB")
    return image


def is_near(found: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(found, tuple)
    return all(abs(one - other) < 40 for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize(
    ("mode", "format"), [("RGB", "JPEG"), ("CMYK", "JPEG"), ("RGB", "PNG"), ("RGBA", "PNG"), ("P", "PNG")]
)
def test_a_cover_keeps_its_colours_and_its_shape(tmp_path: Path, mode: str, format: str) -> None:
    image = small(written(tmp_path / "cover", halves(mode, (1500, 1000)), format))
    assert image.size == (SIDE, 400)
    assert is_near(image.getpixel((20, 20)), RED) and is_near(image.getpixel((580, 380)), BLUE)


def test_grey_and_16_bits_are_shown(tmp_path: Path) -> None:
    assert small(written(tmp_path / "grey", halves("L"), "PNG")).size == (SIDE, SIDE)
    deep = Image.new("I;16", (800, 800), 65535)
    assert small(written(tmp_path / "deep", deep, "PNG")).size == (SIDE, SIDE)


def test_a_small_cover_is_not_enlarged(tmp_path: Path) -> None:
    assert small(written(tmp_path / "cover", halves(size=(200, 200)), "PNG")).size == (200, 200)


def test_transparent_places_are_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (700, 700), (*RED, 0))
    assert is_near(small(written(tmp_path / "cover", image, "PNG")).getpixel((300, 300)), (255, 255, 255))


def test_an_orientation_is_followed(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees clockwise when it is shown
    image = small(written(tmp_path / "cover", halves(size=(1500, 1000)), "JPEG", exif=exif))
    assert image.size == (400, SIDE)
    assert is_near(image.getpixel((20, 20)), RED) and is_near(image.getpixel((20, 580)), BLUE)


def test_more_pixels_than_are_allowed_are_not_decoded(tmp_path: Path) -> None:
    path = written(tmp_path / "cover", halves(), "PNG")
    with pytest.raises(ValueError, match="too many"):
        make_thumbnail(path, path.name, 1500 * 1500 - 1)
