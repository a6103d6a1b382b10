"""Healthy covers of many kinds give neither an error nor an accusation; covers that were spoilt are told of."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from ingest.core.finding import Severity
from ingest.readers.artwork import read_artwork
from ingest.rules import check
from tests.corpora.covers import COVERS, Cover, barred, enlarged, plain
from tests.rules.dossiers import COVER, POLICY, with_cover

VARIATIONS = range(10)


def told(folder: Path, image: Image.Image, quality: int = 92) -> dict[str, Severity]:
    """Codes with their severities, of a cover with these pixels and sides that are as they should be."""
    stream = BytesIO()
    image.save(stream, "JPEG", quality=quality)
    (folder / COVER).write_bytes(stream.getvalue())
    facts = replace(read_artwork(folder / COVER, COVER, max_pixels=10_000_000), width=3000, height=3000)
    return {one.code: one.severity for one in check(with_cover(facts), POLICY)}


@pytest.mark.parametrize("kind", COVERS)
def test_a_healthy_cover_is_not_accused(tmp_path: Path, kind: str) -> None:
    found = {seed: told(tmp_path, COVERS[kind](seed)) for seed in VARIATIONS}
    accused = {seed: codes for seed, codes in found.items() if set(codes.values()) - {Severity.INFO}}
    assert accused == {}


def share(folder: Path, code: str, maker: Cover, count: int = 20) -> float:
    return sum(code in told(folder, maker(seed)) for seed in range(count)) / count


def test_bars_are_told(tmp_path: Path) -> None:
    assert share(tmp_path, "ART-021", barred) >= 0.95


def test_enlarged_covers_are_told(tmp_path: Path) -> None:
    assert share(tmp_path, "ART-022", enlarged) >= 0.95


def test_a_plain_cover_is_a_remark(tmp_path: Path) -> None:
    assert told(tmp_path, plain(1)) == {"ART-020": Severity.INFO}


@pytest.mark.parametrize(("height", "is_told"), [(620, False), (590, True), (270, True), (200, False)])
def test_bars_are_told_of_a_picture_that_films_or_cameras_make(tmp_path: Path, height: int, is_told: bool) -> None:
    image = Image.new("RGB", (640, 640), "black")
    image.paste(barred(0).crop((0, 140, 640, 500)).resize((640, height)), (0, (640 - height) // 2))
    assert ("ART-021" in told(tmp_path, image)) is is_told


@pytest.mark.parametrize("other", ["black", "white"])
def test_bars_are_of_one_tone(tmp_path: Path, other: str) -> None:
    image = barred(0)
    image.paste(Image.new("RGB", (640, 140), other), (0, 500))
    assert ("ART-021" in told(tmp_path, image)) is (other == "black")
