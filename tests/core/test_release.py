"""What a release is known by: the key of its barcode, its tracks by their ISRCs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.core.identifiers import LONGEST_IDENTIFIER
from ingest.core.release import ReleaseTrack, release_key, track_keys


def test_a_upc_equals_the_ean_with_a_zero_in_front() -> None:
    assert release_key("036000291452") == release_key("0036000291452")
    assert release_key("036000291452") != release_key("0036000291453")


@given(st.integers(0, 10**14 - 1), st.integers(0, 9), st.integers(0, 9))
def test_every_spelling_of_a_barcode_has_one_key(number: int, zeros: int, others: int) -> None:
    assert release_key(f"{'0' * zeros}{number}") == release_key(f"{'0' * others}{number}") == f"{number:014}"


@given(st.text(max_size=300) | st.text("0123456789", max_size=300))
def test_a_key_is_that_of_the_barcode_as_stored_and_its_own(barcode: str) -> None:
    key = release_key(barcode)
    assert key == release_key(barcode[:LONGEST_IDENTIFIER]) == release_key(key)
    assert (key is None) is (barcode == "")
    assert key is None or len(key) <= LONGEST_IDENTIFIER


def test_what_is_no_number_is_its_own_key_and_nothing_has_none() -> None:
    assert [release_key(barcode) for barcode in ("0036-0002", "0A", "", None)] == ["0036-0002", "0A", None, None]


def test_a_track_is_known_by_its_isrc_or_else_by_its_place() -> None:
    listed = (
        ReleaseTrack(1, isrc="gb-dum-26-00001"),
        ReleaseTrack(2, isrc=""),
        ReleaseTrack(3, 2),
        ReleaseTrack(4, 2, "GBDUM2600001"),
    )
    assert list(track_keys(listed)) == [("GBDUM2600001", 1), ((1, 2), 1), ((2, 3), 1), ("GBDUM2600001", 2)]
