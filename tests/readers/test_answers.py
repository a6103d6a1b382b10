"""What answers cost us is never told too low: before they are parsed, and of what is kept."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from ingest.core.facts import AudioFacts, Container, DamageFact, Measurement, Span
from ingest.core.facts import Damage as Kind
from ingest.readers.answers import MOST_OF_MEDIA, MOST_SIZE_OF_MEDIA, size_of, to_text, weight_of
from ingest.readers.json_values import from_answer

Made = TypeVar("Made")
NOTE = "\U0001f3b5"
SHAPES = {
    "dicts without keys": ["{}"] * 20_000,
    "dicts of one key": ['{"a":1}'] * 20_000,
    "dicts of six keys": ['{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1}'] * 5_000,
    "dicts of eleven keys": ["{" + ",".join(f'"{key:x}":1' for key in range(11)) + "}"] * 5_000,
    "dicts in dicts": ['{"a":' * 900 + "1" + "}" * 900] * 20,
    "keys of their own": [f'{{"{NOTE}{number:06}":1.5}}' for number in range(20_000)],
    "dicts in dicts with keys of their own": [
        "".join(f'{{"{NOTE}{block:03}{key:03}":' for key in range(900)) + "1" + "}" * 900 for block in range(20)
    ],
    "one dict": ["{" + ",".join(f'"{number}":{number}' for number in range(20_000)) + "}"],
    "lists without items": ["[]"] * 20_000,
    "lists of one item": ["[1]"] * 20_000,
    "lists in lists": ["[" * 900 + "]" * 900] * 20,
    "numbers": ["999"] * 20_000,
    "fractions": ["1.5"] * 20_000,
    "letters": ['"ab"'] * 20_000,
    "escapes": ['"\\u0401"'] * 20_000,
    "letters beside a note": [f'"{NOTE}{"a" * 1000}"'] * 200,
    "letters beside an escaped note": [json.dumps(NOTE + "a" * 1000)] * 200,
}


def cost(made: Callable[[], Made]) -> tuple[int, Made]:
    """Bytes that are allocated for what is made."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    value = made()
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return taken, value


@pytest.mark.parametrize("shape", SHAPES)
def test_no_answer_costs_more_than_its_weight(shape: str) -> None:
    said = ("[" + ",".join(SHAPES[shape]) + "]").encode()
    taken, _ = cost(lambda: json.loads(said))
    assert taken <= weight_of(said)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_size_of_values_is_what_they_cost(shape: str) -> None:
    said = "[" + ",".join(SHAPES[shape]) + "]"
    taken, value = cost(lambda: json.loads(said))
    assert 0.9 * taken <= size_of(value)


def fullest(path: str, letter: str) -> AudioFacts:
    """As much as is told of a track at the most."""
    spans = tuple(Span(number * 1.23456789012, number * 1.33456789012) for number in range(100))
    measurement = Measurement(
        frames=10**9,
        sample_peak=-1.2345,
        true_peak=-1.2345,
        true_peak_at=12345.678901,
        true_peak_itu=-1.2345,
        clipped_runs=10**6,
        clipped_at=tuple(number * 1.23456789012 for number in range(20)),
        silence_level=-60.0,
        lead_silence=1.23456789012,
        trail_silence=1.23456789012,
        lead_digital_silence=1.23456789012,
        trail_digital_silence=1.23456789012,
        is_silent=False,
        inner_silences=spans,
        dropouts=spans,
        waveform=tuple(number % 256 for number in range(1600)),
    )
    return AudioFacts(
        file=path,
        size=10**10,
        suffix=".wav",
        container=Container.WAV,
        damages=tuple(DamageFact(Kind.UNPADDED_CHUNK, 10**9, 10**9, "abcd") for _ in range(100)),
        measurement=measurement,
        tags=dict.fromkeys(("title", "artist", "isrc"), letter * 500),
        chunks=("abcd",) * 64,
    )


@pytest.mark.parametrize(("path", "letter", "share"), [("01_Sunrise.wav", "a", 0.4), (NOTE * 1024, NOTE, 0.8)])
def test_the_fullest_facts_of_a_track_are_far_from_too_many(path: str, letter: str, share: float) -> None:
    """With a path and tags of nothing but notes, which are written as two escapes each, there is still room."""
    said = to_text({"facts": fullest(path, letter)})
    kept: Any = from_answer(AudioFacts, json.loads(said)["facts"])
    assert len(said) < share * MOST_OF_MEDIA
    assert size_of(kept) < 0.7 * MOST_SIZE_OF_MEDIA
