"""The sandbox takes nothing from the readers: they find the same without it, in good files, broken ones and mutants."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.readers.fork_client import Failure, Limits, Request
from ingest.readers.pool import Pool
from ingest.readers.thumbnail import make_thumbnail
from tests.fuzz import media
from tests.packages import BROKEN, Good, write_broken, write_good

LIMITS = Limits(memory_bytes=1_500_000_000, cpu_seconds=60, wall_seconds=100)
SOUND = frozenset({".wav", ".flac", ".aiff", ".aif", ".mp3", ".m4a"})
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".gif", ".tif", ".bmp", ".webp"})
FREE = {"landlock": 0, "seccomp": False}
"""What a keeper of `attacks` takes as: no sandbox but the limits."""

ENDLESS = "AUD-034"
"""The package whose track lasts twelve hours: too long to measure, and to draw within a test's time."""

BATCH = 200


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    opened = Pool(2, "tests.readers.attacks")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def seen() -> set[str]:
    """Files of the same kind and content that were compared already: packages have most of theirs in common."""
    return set()


def requests_of(folder: Path, seen: set[str], is_drawn: bool = True) -> Iterator[Request]:
    """Everything that can be asked of a release folder; its tracks as pictures too if `is_drawn`."""
    place = {"path": str(folder), "name": folder.name, "max_bytes": 20_000_000}
    yield {"read": "folder", "schema": None, "batch": None, **place}
    yield {"read": "readiness", **place}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest = path.suffix + hashlib.sha256(path.read_bytes()).hexdigest()
        if digest in seen:
            continue
        seen.add(digest)
        yield from (one for one in _requests_of_file(path) if is_drawn or one["read"] != "picture")


def _requests_of_file(path: Path) -> Iterator[Request]:
    place = {"path": str(path), "name": path.name}
    if path.suffix.lower() in SOUND:
        limits = {"silence_level": -60.0, "max_duration": 43_200.0}
        yield {"read": "audio", "hashes": ["sha256", "md5", "sha1"], **limits, **place}
        yield {"read": "picture", "title": "Tïtle", "frames": 30 * 44100, **place}
    elif path.suffix.lower() in PICTURES:
        yield {"read": "artwork", "max_pixels": 144_000_000, **place}
        if _opens(path):
            yield {"read": "thumbnail", "max_pixels": 144_000_000, **place}
    else:
        yield {"read": "hash", **place}


def _opens(path: Path) -> bool:
    """Whether a thumbnail can be made of the picture; of one that is broken none is asked for."""
    try:
        make_thumbnail(path, path.name, 144_000_000)
    except (OSError, ValueError, SyntaxError):
        return False
    return True


def compare(pool: Pool, requests: list[Request], limits: Limits) -> None:
    free: list[Any] = pool.read([request | FREE for request in requests], limits)
    confined = pool.read(requests, limits)
    assert [one for one in confined if isinstance(one, Failure)] == []
    assert confined == free


@pytest.mark.slow
@pytest.mark.parametrize("kind", Good)
def test_a_good_package(pool: Pool, tmp_path: Path, seen: set[str], kind: Good) -> None:
    compare(pool, list(requests_of(write_good(tmp_path, kind), seen)), LIMITS)


@pytest.mark.slow
@pytest.mark.parametrize("code", BROKEN)
def test_a_broken_package(pool: Pool, tmp_path: Path, seen: set[str], code: str) -> None:
    compare(pool, list(requests_of(write_broken(tmp_path, code), seen, code != ENDLESS)), LIMITS)


def test_a_few_mutants(pool: Pool, tmp_path: Path) -> None:
    compare(pool, list(media.requests(tmp_path, range(2000, 2060))), media.LIMITS)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 2000, BATCH))
def test_mutants(pool: Pool, tmp_path: Path, start: int) -> None:
    compare(pool, list(media.requests(tmp_path, range(start, start + BATCH))), media.LIMITS)
