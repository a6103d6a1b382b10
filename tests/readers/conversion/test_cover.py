"""Covers made into JPEG look as they did, have no profile, orientation or transparency, and keep their size."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from ingest.readers.artwork import read_artwork
from ingest.readers.conversion.answers import Refused
from ingest.readers.conversion.cover import make_cover
from tests import good

RED, BLUE = (220, 30, 30), (30, 30, 220)
MOST = 1_000_000
ADOBE = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))


def made(folder: Path, data: bytes) -> bytes:
    source, target = folder / "source", folder / "target"
    source.write_bytes(data)
    number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        told = make_cover(source, "cover", None, MOST, number)
    finally:
        os.close(number)
    facts = read_artwork(target, "cover.jpg", max_pixels=MOST)
    assert (facts.format, facts.mode, facts.depth, facts.damage) == ("JPEG", "RGB", 8, None)
    assert (facts.has_icc, facts.is_progressive, facts.is_mpo, facts.orientation) == (False, False, False, None)
    assert (facts.width, facts.height) == (told.width, told.height)
    return target.read_bytes()


def pixels(data: bytes) -> NDArray[np.int16]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.int16)


def halves(size: tuple[int, int] = (200, 100)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def is_near(found: NDArray[np.int16], wanted: tuple[int, int, int], most: int = 6) -> bool:
    return bool(np.abs(found - wanted).max() <= most)


def profile(primaries: tuple[tuple[float, float, float], ...] = ADOBE, gamma: float = 2.2) -> bytes:
    """An ICC profile of version 2 with these colorants and one gamma for all colours."""

    def xyz(values: tuple[float, float, float]) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(round(one * 65536).to_bytes(4, "big", signed=True) for one in values)

    curve = b"curv\0\0\0\0" + (1).to_bytes(4, "big") + round(gamma * 256).to_bytes(2, "big") + bytes(2)
    described = b"desc\0\0\0\0" + (5).to_bytes(4, "big") + b"test\0" + bytes(79)
    tags = {
        b"desc": described,
        b"wtpt": xyz((0.9642, 1.0, 0.8249)),
        **dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(xyz, primaries), strict=True)),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    at, table, bodies = 132 + 12 * len(tags), len(tags).to_bytes(4, "big"), b""
    for name, body in tags.items():
        table += name + (at + len(bodies)).to_bytes(4, "big") + len(body).to_bytes(4, "big")
        bodies += body + bytes(-len(body) % 4)
    size = (at + len(bodies)).to_bytes(4, "big")
    head = (
        size + bytes(4) + b"\x02\x10\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28) + xyz((0.9642, 1, 0.8249))[8:]
    )
    return head.ljust(128, b"\0") + table + bodies


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize(
    ("mode", "format"),
    [("RGB", "JPEG"), ("CMYK", "JPEG"), ("RGB", "PNG"), ("RGBA", "PNG"), ("P", "PNG"), ("RGB", "progressive")],
)
def test_a_cover_keeps_its_colours_and_its_size(tmp_path: Path, mode: str, format: str) -> None:
    how = {"format": "JPEG", "progressive": True} if format == "progressive" else {"format": format}
    found = pixels(made(tmp_path, good.saved(halves().quantize(4) if mode == "P" else halves().convert(mode), **how)))
    assert found.shape == (100, 200, 3)
    assert is_near(found[:, :90], RED, 8) and is_near(found[:, 110:], BLUE, 8)


def test_a_plain_jpeg_is_sent_byte_for_byte(tmp_path: Path) -> None:
    for quality in (60, 95):
        data = good.saved(halves(), "JPEG", quality=quality)
        assert made(tmp_path, data) == data


@pytest.mark.parametrize(
    "how",
    [
        {"icc_profile": srgb_profile()},
        {"exif": Image.Exif().tobytes()},
        {"dpi": (300, 300)},
        {"comment": "made by hand"},
        {"xmp": b"<x:xmpmeta/>"},
    ],
    ids=["srgb", "exif", "density", "comment", "xmp"],
)
def test_what_stands_around_a_plain_picture_goes_and_its_pixels_stay(tmp_path: Path, how: dict[str, object]) -> None:
    bare, dressed = (good.saved(good.picture(200, 100), "JPEG", quality=80, **more) for more in ({}, how))
    assert len(dressed) >= len(bare)
    found = made(tmp_path, dressed + b"trailing")
    assert np.array_equal(pixels(found), pixels(dressed))
    for trace in (b"ICC_PROFILE", b"Exif", b"made by hand", b"xmpmeta", b"trailing"):
        assert trace not in found
    assert len(found) <= len(bare)


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_followed(tmp_path: Path, format: str, orientation: int) -> None:
    corners = Image.new("RGB", (64, 32), "white")
    corners.paste("black", (0, 0, 16, 16))
    corners.paste(RED, (48, 0, 64, 16))
    turns = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_270],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_90],
    }
    wanted = corners
    for turn in turns[orientation]:
        wanted = wanted.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    how = {"quality": 100, "subsampling": 0} if format == "JPEG" else {}
    data = good.saved(corners, format, exif=exif.tobytes(), **how)
    found = pixels(made(tmp_path, data))
    assert found.shape[:2] == wanted.size[::-1]
    assert np.abs(found - np.asarray(wanted, np.int16)).max() <= 12


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_colours_of_a_wide_profile_look_the_same(tmp_path: Path, format: str) -> None:
    # 200, 120, 60 in Adobe RGB: its linear light by the gamma of 2.2 lies at 224, 119, 52 in sRGB.
    image = Image.new("RGB", (64, 64), (200, 120, 60))
    how = {"quality": 100, "subsampling": 0} if format == "JPEG" else {}
    found = pixels(made(tmp_path, good.saved(image, format, icc_profile=profile(), **how)))
    light = [(one / 255) ** 2.2 for one in (200, 120, 60)]
    to_xyz = np.array(ADOBE).T
    srgb = np.array(((0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7139))).T
    linear = np.linalg.solve(srgb, to_xyz @ light)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.abs(linear) ** (1 / 2.4) - 0.055)
    wanted = tuple(int(one) for one in np.clip(np.round(255 * coded), 0, 255))
    assert not is_near(found, (200, 120, 60), 15)
    assert is_near(found, (wanted[0], wanted[1], wanted[2]), 3)


def test_a_broken_profile_and_one_of_other_colours_are_passed_over(tmp_path: Path) -> None:
    for of_none in (b"no profile at all", profile().replace(b"mntrRGB ", b"mntrCMYK")):
        found = pixels(made(tmp_path, good.saved(halves(), "PNG", icc_profile=of_none)))
        assert is_near(found[:, :90], RED)


def test_transparent_places_become_white(tmp_path: Path) -> None:
    image = halves().convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 50, 100))
    image.paste((0, 0, 0, 128), (150, 0, 200, 100))
    found = pixels(made(tmp_path, good.saved(image, "PNG")))
    assert is_near(found[:, :42], (255, 255, 255)) and is_near(found[:, 58:92], RED)
    assert is_near(found[:, 158:], (127, 127, 127))
    declared = good.saved(halves(), "PNG", transparency=RED)
    assert is_near(pixels(made(tmp_path, declared))[:, :90], (255, 255, 255))


def test_alpha_and_a_profile_and_an_orientation_go_together(tmp_path: Path) -> None:
    image = Image.new("RGBA", (60, 30), (200, 120, 60, 255))
    image.paste((0, 0, 0, 0), (0, 0, 30, 30))
    exif = Image.Exif()
    exif[0x0112] = 6
    found = pixels(made(tmp_path, good.saved(image, "PNG", exif=exif.tobytes(), icc_profile=profile())))
    assert found.shape == (60, 30, 3)
    assert is_near(found[:20], (255, 255, 255)) and is_near(found[40:], (224, 119, 52), 8)


@pytest.mark.parametrize("mode", ["L", "LA", "1", "I;16"])
def test_grey_becomes_three_equal_colours(tmp_path: Path, mode: str) -> None:
    shades: dict[str, int | tuple[int, ...]] = {"L": 200, "LA": (200, 255), "1": 1, "I;16": 200 * 256 + 17}
    found = pixels(made(tmp_path, good.saved(Image.new(mode, (64, 64), shades[mode]), "PNG")))
    value = 255 if mode == "1" else 200
    assert is_near(found, (value, value, value), 1)


def test_a_grey_jpeg_becomes_colours(tmp_path: Path) -> None:
    found = made(tmp_path, good.saved(halves().convert("L"), "JPEG"))
    assert Image.open(io.BytesIO(found)).mode == "RGB"


def test_what_is_written_anew_is_of_high_quality_and_full_colour(tmp_path: Path) -> None:
    data = made(tmp_path, good.saved(good.picture(200, 200), "PNG"))
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "JPEG"
        # The table of quality 95 has no step over 10 (ITU-T T.81, annex K, scaled by 0.1).
        tables = getattr(image, "quantization")  # noqa: B009 - of JPEG only
        assert max(max(table) for table in tables.values()) <= 12
        assert [component[1:3] for component in getattr(image, "layer")] == [(1, 1)] * 3  # noqa: B009


@pytest.mark.parametrize("damage", ["cut", "empty", "gif", "wrong"])
def test_what_is_no_whole_picture_is_refused(tmp_path: Path, damage: str) -> None:
    whole = good.saved(good.picture(200, 200), "PNG")
    data = {
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "gif": good.saved(halves(), "GIF"),
        "wrong": whole[:60] + bytes(40) + whole[100:],
    }[damage]
    with pytest.raises(Refused):
        made(tmp_path, data)


def test_too_many_pixels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="are too many"):
        made(tmp_path, good.saved(Image.new("L", (1001, 1000)), "PNG"))
    made(tmp_path, good.saved(Image.new("L", (1000, 1000)), "PNG"))
