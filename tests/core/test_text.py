"""Texts of any length and kind are cut and normalised in linear time."""

from __future__ import annotations

import sys
import time
import unicodedata
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.core.text import LONGEST, MARKS_BY_DECOMPOSITION, MOST_MARKS, cut, normalised
from tests.nasty import NASTY

FORMS: tuple[Literal["NFC", "NFKC", "NFKD"], ...] = ("NFC", "NFKC", "NFKD")


def test_the_longest_title_known_is_kept_whole() -> None:
    assert len(cut("a" * 2000)) == LONGEST > 865
    assert cut(None) is None


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_text_with_few_marks_in_a_row_is_normalised_as_by_unicode(text: str) -> None:
    ordinary = text[:MOST_MARKS]
    for form in FORMS:
        assert normalised(form, ordinary) == unicodedata.normalize(form, ordinary)


def test_a_long_run_of_marks_is_cut_in_every_form_alike() -> None:
    assert normalised("NFC", "e\u0301" + "\u0316" * 99) == unicodedata.normalize("NFC", "e\u0301" + "\u0316" * 29)
    assert normalised("NFC", "\u0316" * 99 + "a") == "\u0316" * MOST_MARKS + "a"


def test_every_character_that_decomposes_into_marks_alone_is_known() -> None:
    every = (chr(code) for code in range(sys.maxunicode + 1))
    found = {one for one in every if not unicodedata.combining(one) and _begins_with_a_mark(one)}
    assert found == MARKS_BY_DECOMPOSITION


def _begins_with_a_mark(one: str) -> bool:
    return unicodedata.combining(unicodedata.normalize("NFKD", one)[0]) != 0


@pytest.mark.parametrize("kind", NASTY)
@pytest.mark.parametrize("form", FORMS)
def test_what_is_looked_at_of_any_text_is_normalised_at_once(form: Literal["NFC", "NFKC", "NFKD"], kind: str) -> None:
    begun = time.process_time()
    normalised(form, cut(NASTY[kind]))
    assert time.process_time() - begun < 0.5
    begun = time.process_time()
    normalised(form, NASTY[kind][:100_000])
    assert time.process_time() - begun < 5
