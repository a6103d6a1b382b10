"""A label's own words, made fit to stand in a sentence."""

from __future__ import annotations

import pytest

from ingest.rules.characters import plain


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("a\u2028b\u2029c", "a b c"),
        ("a\r\nb\tc", "a  b c"),
        ("a\u202eb\x00c\x85d\u200f", "a\ufffdb\ufffdc\ufffdd\ufffd"),
        ("Ayọ̀ – ليلى 🎵", "Ayọ̀ – ليلى 🎵"),
        ("x" * 161, "x" * 159 + "…"),
    ],
)
def test_a_labels_words_are_one_line_without_marks(words: str, shown: str) -> None:
    assert plain(words) == shown
