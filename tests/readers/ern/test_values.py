"""The small values: durations, rates, hash sums, flags."""

from __future__ import annotations

import pytest

from ingest.core.text import Text
from ingest.readers.ern.values import flag, hertz, hex_digest, seconds, whole


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("PT3M42S", 222.0),
        ("PT0H3M16S", 196.0),
        ("PT5M7.000S", 307.0),
        ("PT222S", 222.0),
        ("PT1H", 3600.0),
        ("P1DT1S", 86401.0),
        ("PT0.5S", 0.5),
        ("3:42", None),
        ("PT", None),
        ("P", None),
        ("", None),
        ("-PT3M", None),
        ("P1Y", None),
        ("PT3M42", None),
        ("PT" + "9" * 400 + "S", None),
    ],
)
def test_durations_are_read_in_seconds(written: str, expected: float | None) -> None:
    assert seconds(Text(written, 1)) == expected


@pytest.mark.parametrize(
    ("written", "unit", "expected"),
    [
        ("44.1", "kHz", 44100.0),
        ("44100", "Hz", 44100.0),
        ("44100", None, 44100.0),
        ("44.1", None, 44100.0),
        ("48", None, 48000.0),
        ("44,1", "kHz", None),
        ("", None, None),
    ],
)
def test_sampling_rates_are_read_in_hertz(written: str, unit: str | None, expected: float | None) -> None:
    assert hertz(Text(written, 1), unit) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"),
        ("d41d8cd9 8f00b204 e9800998 ecf8427e", "d41d8cd98f00b204e9800998ecf8427e"),
        ("2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("1B2M2Y8AsgTpgAmY7PhCfg==", "d41d8cd98f00b204e9800998ecf8427e"),
        ("TEMP_HASH", None),
        ("abcd", None),
        ("ünicode", None),
        ("", None),
    ],
)
def test_hash_sums_in_hex_or_base64_become_hex(written: str, expected: str | None) -> None:
    assert hex_digest(written) == expected


def test_flags_and_whole_numbers_take_their_own_forms_only() -> None:
    assert [flag(value) for value in ("true", "1", "false", "0", " true ", "yes", "", None)] == [
        *(True, True, False, False, True),
        *(None, None, None),
    ]
    assert [whole(value) for value in ("7", " 07 ", "-1", "1.0", "٣", "9" * 30, "", None)] == [7, 7, -1, *[None] * 5]
