"""Mutated media headers: whatever the bytes, facts come back and nothing is raised."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ingest.readers.artwork import is_whole, read_artwork
from ingest.readers.audio import inspect_audio, read_audio
from tests import signals
from tests.readers.test_artwork import saved, scene

NOTE = signals.music(0.05, 44100)
SOUNDS = (
    signals.wav(NOTE),
    signals.wav(NOTE, bits=24),
    signals.float_wav(NOTE),
    signals.rf64(NOTE),
    signals.aiff(NOTE),
    signals.aiff(NOTE, kind=b"sowt"),
    signals.flac(NOTE, blocks=(192, 576)),
    signals.flac(NOTE, bits=24),
)
SMALL = scene(48)
PICTURES = (saved(SMALL, "JPEG"), saved(SMALL, "JPEG", progressive=True), saved(SMALL, "PNG"))
EDGES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A few bytes of the first 128 changed, sometimes cut, doubled or shifted."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        changed[chance.randrange(min(128, len(changed)))] = chance.choice((*EDGES, chance.randrange(256)))
    kind = chance.randrange(6)
    place = chance.randrange(len(changed))
    if kind == 0:
        del changed[place:]
    elif kind == 1:
        del changed[place : place + chance.randint(1, 9)]
    elif kind == 2:
        changed[place:place] = chance.randbytes(chance.randint(1, 9))
    return bytes(changed)


@pytest.mark.parametrize("seed", range(300))
def test_mutated_headers_of_sounds_give_facts(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = mutated(chance.choice(SOUNDS), chance)
    path = tmp_path / "track.wav"
    path.write_bytes(data)
    assert read_audio(path, "track.wav").size == inspect_audio(path, "track.wav").size == len(data)


@pytest.mark.parametrize("seed", range(200))
def test_mutated_headers_of_pictures_give_facts(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    data = mutated(chance.choice(PICTURES), chance)
    path = tmp_path / "artwork.jpg"
    path.write_bytes(data)
    assert read_artwork(path, "artwork.jpg", max_pixels=1_000_000).size == len(data)
    assert is_whole(path) in (True, False)
