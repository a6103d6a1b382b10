"""Sound that is changed while it is read: facts and hashes of the same bytes, or none."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from io import FileIO
from pathlib import Path

import pytest

from ingest.core.facts import AudioFacts
from ingest.readers.audio import read_audio, reader
from ingest.readers.content import Content
from ingest.readers.hashes import hashes_of
from ingest.readers.sealed import ChangedWhileRead, Stamp, open_sealed, stamp_of
from tests import signals
from tests.readers.audio.test_healthy import ID3
from tests.readers.meddling import moments, outcome, replaced, rewritten

RATE, OTHER_RATE = 44100, 48000
ONE, OTHER = signals.music(0.05, RATE, seed=1), signals.music(0.05, RATE, seed=2)
TAGS = {seed: ID3.replace(b"Night", b"Day %d" % seed) for seed in (1, 2)}


def wav(seed: int) -> bytes:
    data = signals.chunk(b"data", signals.packed(signals.integers((ONE, OTHER)[seed - 1], 16), 16))
    return signals.riff(signals.fmt(2, (RATE, OTHER_RATE)[seed - 1], 16), data, TAGS[seed])


FILES = {
    "a.wav": (wav(1), wav(2)),
    "a.aiff": (signals.aiff(ONE, RATE), signals.aiff(OTHER, OTHER_RATE)),
    "a.flac": (signals.flac(ONE, RATE), signals.flac(OTHER, OTHER_RATE)),
    "cut.wav": (wav(1)[:3000], wav(2)[:3000]),
    "a.mp3": (b"ID3" + bytes(300) + b"1" * 100, b"ID3" + bytes(300) + b"2" * 100),
}


def read(path: Path) -> AudioFacts:
    """As a child reads it: hashed, then parsed, both of the stamp that it was listed with."""
    stamp = stamp_of(path.stat())
    hashes = hashes_of(path, path.name, stamp, ("sha256",))
    return replace(read_audio(path, path.name, stamp=stamp), hashes=hashes)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("way", [rewritten, replaced])
def test_facts_and_hashes_are_of_the_same_bytes(tmp_path: Path, name: str, way: type) -> None:
    one, other = FILES[name]
    if len(one) != len(other):  # pages that are gone would end the process
        one, other = (data.ljust(max(len(one), len(other)), b"\0") for data in (one, other))
    path, states = tmp_path / name, []
    for data in (other, one):
        path.write_bytes(data)
        states.append(read(path))
    assert states[0] != states[1]
    told = []
    for moment in moments(lambda: read(path), 45):
        path.write_bytes(one)
        found = outcome(lambda: read(path), way(path, other), moment)
        told.append(isinstance(found, ChangedWhileRead))
        assert told[-1] or found in states, found
    assert told.count(True) > len(told) / 2


@pytest.mark.parametrize("way", [rewritten, replaced])
def test_a_mapped_flac_that_changes_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: type) -> None:
    monkeypatch.setattr(reader, "Content", lambda file, size: Content(file, size, most=0))
    one, other = (data.ljust(8000, b"\0") for data in FILES["a.flac"])
    path, states = tmp_path / "a.flac", []
    for data in (other, one):
        path.write_bytes(data)
        states.append(read(path))
    for moment in moments(lambda: read(path), 45):
        path.write_bytes(one)
        found = outcome(lambda: read(path), way(path, other), moment)
        assert isinstance(found, ChangedWhileRead) or found in states


def test_a_flac_is_opened_once_and_mended_in_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its header gives blocks smaller than those in use."""
    opened: list[Path] = []

    def noted(path: Path, name: str, seen: Stamp | None) -> AbstractContextManager[FileIO]:
        opened.append(path)
        return open_sealed(path, name, seen)

    monkeypatch.setattr(reader, "open_sealed", noted)
    good = signals.flac(ONE, RATE)
    small = good[:8] + (16).to_bytes(2, "big") * 2 + good[12:]
    facts = []
    for data in (good, small):
        (tmp_path / "a.flac").write_bytes(data)
        facts.append(read(tmp_path / "a.flac"))
    assert facts[0].measurement is not None and facts[1].measurement == facts[0].measurement
    assert facts[1].hashes != facts[0].hashes
    assert len(opened) == 2
