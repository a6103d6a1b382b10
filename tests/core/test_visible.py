"""Foreign text on a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.core.visible import visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Señorita – 音楽", "Señorita – 音楽"),
        ("Sun\x9b31mRED", "Sun‹U+009B›31mRED"),
        ("a\nFix: b\r\x1b[2J\x07", "a‹U+000A›Fix: b‹U+000D›‹U+001B›[2J‹U+0007›"),
        ("a\u2028b\u2029c\x85d\x0be\x0cf\tg", "a‹U+2028›b‹U+2029›c‹U+0085›d‹U+000B›e‹U+000C›f‹U+0009›g"),
        ("safe\u202egnp.exe\u2066\u200f\u061c", "safe‹U+202E›gnp.exe‹U+2066›‹U+200F›‹U+061C›"),
        ("Intro\u200b\ufeff", "Intro‹U+200B›‹U+FEFF›"),
        ("👩\u200d🎤", "👩\u200d🎤"),
        ("\udc80.wav", "‹U+DC80›.wav"),
        ("x" * 1001, "x" * 999 + "…"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text: str, expected: str) -> None:
    assert visible(text) == expected


@given(st.text(st.characters(exclude_categories=()), max_size=100))
@settings(max_examples=100, deadline=None)
def test_no_text_gets_a_control_or_a_line_break_to_the_terminal(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert {unicodedata.category(one) for one in shown}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
