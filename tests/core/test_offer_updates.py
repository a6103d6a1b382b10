"""Starts that stay on updates, and offers that a takedown ends."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.core.offer import Offer, OfferPrice, is_available
from ingest.core.offer_updates import end_dated, keep_starts

TODAY = date(2026, 5, 10)
SENT = Offer(("M1", "M2"), ("U1",), ("GB", "US"), start="2020-01-01")


@pytest.mark.parametrize(
    ("now", "sent", "start"),
    [
        ({"start": "2026-05-10"}, {}, "2020-01-01"),
        ({"start": "2026-05-10T00:00:00"}, {"start": "2020-01-01T12:00:00"}, "2020-01-01T12:00:00"),
        ({"start": "2026-05-11"}, {}, "2026-05-11"),
        ({"start": "2019-01-01"}, {}, "2019-01-01"),
        ({"start": None}, {}, None),
        ({"start": "2026-05-10"}, {"start": None}, "2026-05-10"),
        ({"start": "2026-05-10"}, {"start": "2026-05-11"}, "2026-05-10"),
        ({"start": "2026-05-10"}, {"end": "2026-05-09"}, "2026-05-10"),
        ({"start": "2026-05-10", "territories": ("US", "CA")}, {}, "2020-01-01"),
        ({"start": "2026-05-10", "territories": (), "excluded": ("GB",)}, {}, "2020-01-01"),
        ({"start": "2026-05-10", "territories": ("CA",)}, {}, "2026-05-10"),
        ({"start": "2026-05-10", "models": ("M2",)}, {}, "2020-01-01"),
        ({"start": "2026-05-10", "models": ("M3",)}, {}, "2026-05-10"),
        ({"start": "2026-05-10", "uses": ("U2",)}, {}, "2026-05-10"),
        ({"start": "2026-05-10", "tracks": (2,)}, {}, "2020-01-01"),
        ({"start": "2026-05-10", "tracks": (2,)}, {"tracks": (1, 3)}, "2026-05-10"),
        ({"start": "2026-05-10"}, {"is_pre_order": True}, "2026-05-10"),
    ],
)
def test_what_a_dsp_has_already_keeps_its_start(now: dict[str, object], sent: dict[str, object], start: str) -> None:
    offer, before = replace(SENT, **now), replace(SENT, **sent)  # type: ignore[arg-type]
    assert keep_starts([offer], [before], TODAY) == (replace(offer, start=start),)


def test_of_several_starts_the_earliest_is_kept() -> None:
    others = [replace(SENT, start="2018-01-01"), replace(SENT, start=None), SENT]
    assert keep_starts([replace(SENT, start="2026-05-01")], others, TODAY) == (replace(SENT, start="2018-01-01"),)


def test_a_first_delivery_keeps_all_its_starts() -> None:
    assert keep_starts([SENT], [], TODAY) == (SENT,)


def test_of_more_offers_than_any_release_has_equal_ones_keep_their_start() -> None:
    sent = [replace(SENT, tracks=(number,)) for number in range(1, 20_001)]
    narrow = replace(sent[0], territories=("US",), start="2026-05-01")
    now = [replace(one, start="2026-05-01") for one in sent]
    began = time.process_time()
    assert keep_starts([*now, narrow], sent, TODAY) == (*sent, narrow)
    assert time.process_time() - began < 5


DAYS = st.none() | st.dates(date(2026, 5, 1), date(2026, 5, 20)).map(date.isoformat)
OFFERS = st.lists(st.builds(lambda start, end: replace(SENT, start=start, end=end), DAYS, DAYS), max_size=3)


@given(OFFERS, OFFERS)
def test_a_kept_start_changes_nothing_from_today_on(offers: list[Offer], sent: list[Offer]) -> None:
    kept = keep_starts(offers, sent, TODAY)
    assert [one.has_begun(TODAY) for one in kept] == [one.has_begun(TODAY) for one in offers]
    later = [replace(one, start=None) if one.has_begun(TODAY) else one for one in kept]
    assert later == [replace(one, start=None) if one.has_begun(TODAY) else one for one in offers]


@pytest.mark.parametrize(
    ("before", "start", "end"),
    [
        ((None, None), None, "2026-05-08"),
        (("2020-01-01", None), "2020-01-01", "2026-05-08"),
        (("2020-01-01", "2027-01-01"), "2020-01-01", "2026-05-08"),
        (("2020-01-01", "2026-05-07"), "2020-01-01", "2026-05-07"),
        (("2026-05-09", None), "2026-05-08", "2026-05-08"),
        (("2026-06-01T00:00:00", None), "2026-05-08", "2026-05-08"),
    ],
)
def test_a_takedown_ends_what_the_dsp_has_in_the_past(
    before: tuple[str | None, str | None], start: str | None, end: str
) -> None:
    had = replace(SENT, start=before[0], end=before[1])
    assert end_dated([had], TODAY, -2) == (replace(had, start=start, end=end),)


def test_a_takedown_has_use_and_territory_and_no_price() -> None:
    had = replace(SENT, prices=(OfferPrice("15"),), is_pre_order=True, pre_order_release="2026-06-01")
    assert end_dated([had, SENT], TODAY, -2) == (replace(SENT, end="2026-05-08"),)


@given(OFFERS, st.integers(-30, -1))
def test_after_a_takedown_nothing_is_available(sent: list[Offer], offset: int) -> None:
    taken = end_dated(sent, TODAY, offset)
    assert not is_available(taken, TODAY)
    assert all(one.uses == SENT.uses and one.territories == SENT.territories for one in taken)
