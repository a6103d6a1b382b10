"""Elements under construction: texts, durations, lists of allowed values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ingest.core.text import Text
from ingest.outbound.ern.markup import allowed, clean, duration, leaf, node
from ingest.readers.ern.values import seconds


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (0, "PT0M0S"),
        (31, "PT0M31S"),
        (222.5, "PT3M42.5S"),
        (3600, "PT1H0M0S"),
        (59.9996, "PT1M0S"),
        (0.001, "PT0M0.001S"),
    ],
)
def test_a_duration_is_written_in_minutes_and_seconds(length: float, written: str) -> None:
    assert duration(length) == written


@given(st.integers(0, 10**9))
def test_a_duration_is_read_back_to_the_millisecond(thousandths: int) -> None:
    assert seconds(Text(duration(thousandths / 1000), 1)) == thousandths / 1000


@given(st.text())
def test_any_text_can_be_written_and_read(text: str) -> None:
    root = etree.Element("a")
    leaf(root, "b", text, {"c": text, "d": None})
    again = etree.fromstring(etree.tostring(root))
    kept = clean(text).strip()
    assert [one.text for one in again] == ([kept] if kept else [])
    assert [sorted(one.keys()) for one in again] == ([["c"]] if kept else [])


def test_nothing_is_written_of_what_is_not_said() -> None:
    root = etree.Element("a")
    for empty in (None, "", "  ", "\x00"):
        leaf(root, "b", empty)
    leaf(root, "n", 0)
    node(root, "c", {"d": None})
    assert etree.tostring(root) == b"<a><n>0</n><c/></a>"


def test_a_list_of_allowed_values_holds_those_of_the_lists_that_it_joins() -> None:
    assert {"Composer", "MusicPublisher"} <= allowed("avs.xsd", "MusicalWorkContributorRole")
    assert allowed("avs.xsd", "ParentalWarningType") == {
        "Explicit",
        "ExplicitContentEdited",
        "NoAdviceAvailable",
        "NotExplicit",
        "Unknown",
        "UserDefined",
    }
    with pytest.raises(KeyError):
        allowed("avs.xsd", "NoSuchList")
