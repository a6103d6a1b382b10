"""Territories as sets, and sets as codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.core.allowed import TERRITORIES
from ingest.core.territories import EVERYWHERE, Area, area, written

SETS = st.frozensets(st.sampled_from(sorted(EVERYWHERE)))


@pytest.mark.parametrize(
    ("territories", "excluded", "expected"),
    [
        (("Worldwide",), (), EVERYWHERE),
        (("GB", "US"), (), {"GB", "US"}),
        (("GB", "Worldwide"), (), EVERYWHERE),
        ((), ("GB", "US"), EVERYWHERE - {"GB", "US"}),
        (("Worldwide",), ("GB",), EVERYWHERE - {"GB"}),
        ((), ("Worldwide",), set()),
        ((), (), set()),
        (("AN",), (), {"BQ", "CW", "SX"}),
        ((), ("AN",), EVERYWHERE - {"BQ", "CW", "SX"}),
        (("CS",), (), {"RS", "ME"}),
        ((), ("CS",), EVERYWHERE - {"RS", "ME", "XK"}),
        (("XK",), (), {"XK"}),
    ],
)
def test_codes_cover_territories_of_today(
    territories: tuple[str, ...], excluded: tuple[str, ...], expected: frozenset[str]
) -> None:
    assert area(territories, excluded) == Area(frozenset(expected))


@pytest.mark.parametrize(
    ("territories", "excluded", "expected"),
    [
        (("GB", "826"), (), Area(frozenset({"GB"}), ("826",))),
        (("2136",), (), Area(frozenset(), ("2136",))),
        ((), ("2130",), Area(frozenset(), ("2130",))),
        ((), ("US", "2130", "2130"), Area(frozenset(), ("2130",))),
        (("ES-CN", "FR"), (), Area(frozenset({"FR"}), ("ES-CN",))),
        ((), ("ES-CN",), Area(EVERYWHERE - {"ES"}, ("ES-CN",))),
        (("SUHH", "gb", "UK"), (), Area(frozenset(), ("SUHH", "gb", "UK"))),
    ],
)
def test_an_unknown_code_never_adds_a_territory(
    territories: tuple[str, ...], excluded: tuple[str, ...], expected: Area
) -> None:
    assert area(territories, excluded) == expected


def test_everywhere_has_no_territory_twice() -> None:
    assert len(EVERYWHERE) == 250
    assert sorted(TERRITORIES - EVERYWHERE) == ["AN", "CS", "ES-CE", "ES-CN", "ES-ML"]


@given(SETS)
def test_a_set_that_is_written_is_read_as_the_same_set(codes: frozenset[str]) -> None:
    territories, excluded = written(codes)
    assert area(territories, excluded) == Area(codes)
    assert not (territories and excluded)
    assert len(territories or excluded) <= 125


def test_everywhere_is_written_as_worldwide_and_nowhere_as_nothing() -> None:
    assert written(EVERYWHERE) == (("Worldwide",), ())
    assert written(frozenset()) == ((), ())
    assert written(EVERYWHERE - {"US", "CA"}) == ((), ("CA", "US"))


@given(SETS, SETS)
def test_exclusions_are_the_rest_of_the_world(inside: frozenset[str], outside: frozenset[str]) -> None:
    if inside and outside:
        assert area(sorted(inside), sorted(outside)).codes == inside - outside
        assert area((), sorted(outside)).codes == EVERYWHERE - outside
