"""JPEGs that have their end and lack data inside, which decoders fill with grey; and healthy ones of every kind."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from ingest.core.facts import ArtworkFacts, ImageDamage
from ingest.readers.artwork import read_artwork
from ingest.readers.parts import Parts
from tests.good import jpeg, picture, saved

END = b"\xff\xd9"
SMALL = picture(601, 599)


def read(folder: Path, data: bytes) -> ArtworkFacts:
    path = folder / "artwork.jpg"
    path.write_bytes(data)
    return read_artwork(path, path.name, max_pixels=144_000_000)


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def with_header(*segments: bytes) -> bytes:
    return (data := saved(SMALL, "JPEG"))[:2] + b"".join(segments) + data[2:]


def with_thumbnail() -> bytes:
    thumbnail = saved(SMALL.resize((160, 120)), "JPEG")
    return with_header(segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\0" + thumbnail))


LACKING: dict[str, Callable[[bytes], bytes]] = {
    "half of it": lambda data: data[: len(data) // 2] + END,
    "a piece of it": lambda data: data[:400_000] + data[900_000:],
    "a block of it": lambda data: data[:400_000] + data[432_768:],
    "zeros for a piece of it": lambda data: data[:400_000] + bytes(200_000) + data[600_000:],
}
HEALTHY: dict[str, Callable[[], bytes]] = {
    **{f"subsampling {kind}": partial(saved, SMALL, "JPEG", subsampling=kind) for kind in range(3)},
    **{f"quality {value}": partial(saved, SMALL, "JPEG", quality=value) for value in (2, 30, 95, 100)},
    "restart markers in every row": lambda: saved(SMALL, "JPEG", restart_marker_rows=1),
    "restart markers every five blocks": lambda: saved(SMALL, "JPEG", restart_marker_blocks=5),
    "tables made to measure": lambda: saved(SMALL, "JPEG", optimize=True),
    "progressive": lambda: saved(SMALL, "JPEG", progressive=True),
    "grey": lambda: saved(SMALL.convert("L"), "JPEG"),
    "CMYK of Adobe": lambda: saved(SMALL.convert("CMYK"), "JPEG"),
    "colours as they are": lambda: saved(SMALL, "JPEG", keep_rgb=True),
    "white": lambda: saved(Image.new("RGB", (600, 600), "white"), "JPEG", optimize=True),
    "noise": lambda: saved(Image.effect_noise((333, 333), 200), "JPEG", quality=100),
    "one pixel": lambda: saved(SMALL.resize((1, 1)), "JPEG"),
    "a thumbnail inside": with_thumbnail,
    "several pictures": lambda: saved(SMALL, "MPO", save_all=True, append_images=[SMALL.resize((64, 64))]),
    "zeros before its end": lambda: saved(SMALL, "JPEG")[:-2] + bytes(5_000) + END,
    "fill before its end": lambda: saved(SMALL, "JPEG")[:-2] + b"\xff" * 5_000 + END,
}


@pytest.mark.parametrize("lack", LACKING)
def test_a_picture_that_lacks_data_inside_is_incomplete(tmp_path: Path, lack: str) -> None:
    assert read(tmp_path, LACKING[lack](jpeg())).damage is ImageDamage.INCOMPLETE


@pytest.mark.parametrize("kind", HEALTHY)
def test_a_healthy_jpeg_of_any_kind_is_complete(tmp_path: Path, kind: str) -> None:
    assert read(tmp_path, HEALTHY[kind]()).damage is None


def test_bytes_behind_the_end_are_no_lack(tmp_path: Path) -> None:
    facts = read(tmp_path, saved(SMALL, "JPEG") + bytes(range(256)) * 40)
    assert (facts.damage, facts.trailing_bytes) == (ImageDamage.TRAILING_BYTES, 10_240)


@pytest.mark.parametrize("seed", range(12))
def test_any_cut_of_a_thousand_bytes_or_more_is_found(tmp_path: Path, seed: int) -> None:
    chance, data = random.Random(seed), saved(SMALL, "JPEG", quality=80 + seed % 12, subsampling=seed % 3)
    start = data.index(b"\xff\xda") + 14
    lost = chance.randrange(1_000, (len(data) - start) // 2)
    at = chance.randrange(start, len(data) - lost - 2)
    assert read(tmp_path, data[:at] + data[at + lost :]).damage is ImageDamage.INCOMPLETE


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("blocks", [1, 7, 40])
def test_a_cut_that_takes_a_restart_marker_is_found(tmp_path: Path, mode: str, blocks: int) -> None:
    data = saved(SMALL.convert(mode), "JPEG", quality=90, restart_marker_blocks=blocks)
    assert read(tmp_path, data).damage is None
    marks = [one.start() for one in re.finditer(rb"\xff[\xd0-\xd7]", data)]
    at = marks[len(marks) // 3]
    assert read(tmp_path, data[: at - 9] + data[at + 3 :]).damage is ImageDamage.INCOMPLETE
    eighth = marks[len(marks) // 3 + 8]
    assert read(tmp_path, data[:at] + data[eighth:]).damage is ImageDamage.INCOMPLETE


def test_data_that_are_left_over_make_a_picture_incomplete(tmp_path: Path) -> None:
    data = saved(SMALL, "JPEG")
    extra = random.Random(1).randbytes(4_000).replace(b"\xff", b"\xfe")
    assert read(tmp_path, data[:-2] + extra + END).damage is ImageDamage.INCOMPLETE


def test_parts_of_a_file_read_as_one() -> None:
    parts = Parts(b"0123456789", [(0, 3), (5, 5), (6, 9)], b"tail")
    assert [parts.read(size) for size in (2, 4, 9, 2, 9)] == [b"01", b"2", b"678", b"ta", b"il"]
    assert (parts.ran_dry, parts.left) == (False, 0)
    assert (parts.seek(4), parts.left, parts.read(1), parts.tell()) == (4, 2, b"7", 5)
    assert (parts.seek(-1, io.SEEK_END), parts.read(9), parts.read(9), parts.ran_dry) == (9, b"l", b"", True)
