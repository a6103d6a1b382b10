"""A cover that is changed while it is read: facts and digest of the same bytes, or none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.core.facts import ArtworkFacts
from ingest.readers import artwork, sealed
from ingest.readers.artwork import read_artwork
from ingest.readers.sealed import ChangedWhileRead
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
    return read_artwork(path, path.name, max_pixels=1_000_000)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("way", [rewritten, replaced])
@pytest.mark.parametrize("proof", ["bytes", "stamps", "stamps of a mapped file"])
def test_facts_and_digest_are_of_the_same_bytes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    way: Callable[[Path, bytes], Callable[[], None]],
    proof: str,
) -> None:
    """In memory a picture is what it was, even where its file's times told of no change."""
    if proof == "bytes":
        monkeypatch.setattr(sealed, "stamp_of", lambda seen: (0,) * 5)
    elif "mapped" in proof:
        monkeypatch.setattr(artwork, "MOST_IN_MEMORY", 0)
    one, other = FILES[name]
    if "mapped" in proof:  # of one size: pages that are gone would end the process
        one, other = (data.ljust(max(len(one), len(other)), b"\0") for data in (one, other))
    path, states = tmp_path / name, {}
    # The third is found where the change comes between the size and the bytes.
    for data in (other, one, other[: len(one)]):
        path.write_bytes(data)
        states[hashlib.sha256(data).hexdigest()] = read(path)
    told = 0
    for moment in moments(lambda: read(path), 45):
        path.write_bytes(one)
        found = outcome(lambda: read(path), way(path, other), moment)
        if isinstance(found, ArtworkFacts):
            assert found.sha256 is not None and found == states[found.sha256]
        else:
            assert isinstance(found, ChangedWhileRead), found
            told += 1
    assert told or proof == "bytes"
