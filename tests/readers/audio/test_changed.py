"""Sound that is changed while it is read: facts and hashes of the same bytes, or none."""

from __future__ import annotations

from contextlib import AbstractContextManager
from io import FileIO
from pathlib import Path

import pytest

from ingest.core.facts import AudioFacts
from ingest.readers import sealed
from ingest.readers.audio import read_audio, reader
from ingest.readers.content import Content
from ingest.readers.sealed import ChangedWhileRead, Stamp, open_sealed
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


def mixtures(one: bytes, other: bytes) -> list[bytes]:
    """The file before and after, and what a pass sees that comes upon the other one on its way."""
    return [one[:at] + other[at:] for at in range(0, len(one) + 1, 2)] if len(one) == len(other) else [one, other]


def read(path: Path) -> AudioFacts:
    return read_audio(path, path.name)


@pytest.fixture(params=[True, False], ids=["with stamps", "without stamps"])
def is_stamped(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the file's times tell of a change; what is proved by the bytes alone must hold without."""
    if not request.param:
        monkeypatch.setattr(sealed, "stamp_of", lambda seen: (0,) * 5)
    return bool(request.param)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("way", [rewritten, replaced])
def test_facts_and_hashes_are_of_the_same_bytes(tmp_path: Path, name: str, way: type, is_stamped: bool) -> None:
    one, other = FILES[name]
    path, states = tmp_path / name, {}
    for data in (other, one):
        path.write_bytes(data)
        states[data] = read(path)
    assert states[one] != states[other]
    told = []
    for moment in moments(lambda: read(path), 45):
        path.write_bytes(one)
        found = outcome(lambda: read(path), way(path, other), moment)
        told.append(isinstance(found, ChangedWhileRead))
        if not told[-1] and found not in states.values():
            assert not is_stamped and isinstance(found, AudioFacts), found
            assert found == of_a_mixture(tmp_path / "mixed" / name, found, one, other)
    if is_stamped:
        assert told.count(True) > len(told) / 2


def of_a_mixture(path: Path, found: AudioFacts, one: bytes, other: bytes) -> AudioFacts:
    """The facts of the bytes that the hash is of."""
    path.parent.mkdir(exist_ok=True)
    for mixture in mixtures(one, other):
        path.write_bytes(mixture)
        if read_audio(path, path.name, measure=False).hashes == found.hashes:
            return read(path)
    raise AssertionError("the hash is of no state of the file")


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
