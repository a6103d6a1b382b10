from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.core import identifiers


@pytest.mark.parametrize("value", ["GBDUM7620001", "gbdum7620001", "QZ1232600001", "USS1Z9900001"])
def test_isrcs_of_any_prefix_are_accepted(value: str) -> None:
    assert identifiers.is_isrc(value)


@pytest.mark.parametrize(
    "value", ["", "NOTANISRC", "GB-DUM-76-20001", "GBDUM762000", "GBDUM762000O", "1BDUM7620001", "GBDUM762000１"]
)
def test_what_is_no_isrc_is_refused(value: str) -> None:
    assert not identifiers.is_isrc(value)


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("036000291452", True),
        ("5034567890123", True),
        ("12345678", False),
        ("05034567890120", False),
        ("50345678901２0", False),
    ],
)
def test_barcodes_have_12_or_13_digits(value: str, fits: bool) -> None:
    assert identifiers.is_barcode(value) is fits


@pytest.mark.parametrize(("digits", "check"), [("03600029145", 2), ("503456789012", 0), ("400638133393", 1)])
def test_the_gs1_check_digit(digits: str, check: int) -> None:
    assert identifiers.barcode_check_digit(digits) == check


@settings(max_examples=50)
@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11), st.integers(1, 9))
def test_the_check_digit_notices_any_one_mistyped_digit(digits: str, place: int, shift: int) -> None:
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]

    assert identifiers.barcode_check_digit(wrong) != identifiers.barcode_check_digit(digits)


@pytest.mark.parametrize(
    ("value", "fits", "checks"),
    [
        ("A12425GABC1234002M", True, True),
        ("GRID:A1-2425G-ABC1234002-M", True, True),
        ("A12425GABC1234002N", True, False),
        ("A1-2425G", False, None),
    ],
)
def test_grids(value: str, fits: bool, checks: bool | None) -> None:
    assert identifiers.is_grid(value) is fits
    if fits:
        assert identifiers.grid_check_fits(value) is checks


@pytest.mark.parametrize(
    ("value", "fits", "checks"),
    [
        ("T-034.524.680-1", True, True),
        ("T0345246801", True, True),
        ("T0345246802", True, False),
        ("T123", False, None),
        ("0345246801", False, None),
    ],
)
def test_iswcs(value: str, fits: bool, checks: bool | None) -> None:
    assert identifiers.is_iswc(value) is fits
    if fits:
        assert identifiers.iswc_check_fits(value) is checks


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("PADPIDA2013020802I", True),
        ("PADPIDA2015120100H", True),
        ("PADPIDA2013020802J", False),
        ("PADPIDA2013020803I", False),
        ("padpida2013020802i", False),
        ("PA-DPIDA-2013020802-I", False),
        ("PADPIDA201302080I", False),
        ("", False),
    ],
)
def test_a_party_id_has_its_check_character(value: str, fits: bool) -> None:
    assert identifiers.is_party_id(value) is fits
