"""A cover that is changed while it is read: facts and digest of the same bytes, or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.core.facts import ArtworkFacts
from ingest.readers import artwork
from ingest.readers.artwork import read_artwork
from ingest.readers.hashes import hashes_of
from ingest.readers.sealed import ChangedWhileRead, stamp_of
from tests.readers.meddling import moments, outcome, replaced, rewritten
from tests.readers.test_artwork import saved, scene

ONE, OTHER = scene(200, seed=1), scene(160, seed=2)
FILES = {
    "a.jpg": (saved(ONE, "JPEG"), saved(OTHER, "JPEG", progressive=True)),
    "a.png": (saved(ONE, "PNG"), saved(OTHER.convert("L"), "PNG")),
    "a.gif": (saved(ONE, "GIF"), saved(OTHER, "PNG")),
    "empty.jpg": (b"", saved(OTHER, "JPEG")),
}


def read(path: Path) -> ArtworkFacts:
    """As a child reads it: hashed, then parsed, both of the stamp that it was listed with."""
    stamp = stamp_of(path.stat())
    digest = hashes_of(path, path.name, stamp, ("sha256",))["sha256"]
    return replace(read_artwork(path, path.name, stamp=stamp, max_pixels=1_000_000), sha256=digest)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("way", [rewritten, replaced])
@pytest.mark.parametrize("is_mapped", [False, True])
def test_facts_and_digest_are_of_the_same_bytes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    way: Callable[[Path, bytes], Callable[[], None]],
    is_mapped: bool,
) -> None:
    if is_mapped:
        monkeypatch.setattr(artwork, "MOST_IN_MEMORY", 0)
    # Of one size: pages that are gone would end the process.
    one, other = (data.ljust(max(map(len, FILES[name])), b"\0") for data in FILES[name])
    path, states = tmp_path / name, []
    for data in (other, one):
        path.write_bytes(data)
        states.append(read(path))
    told = 0
    for moment in moments(lambda: read(path), 45):
        path.write_bytes(one)
        found = outcome(lambda: read(path), way(path, other), moment)
        if isinstance(found, ArtworkFacts):
            assert found in states
        else:
            assert isinstance(found, ChangedWhileRead), found
            told += 1
    assert told
