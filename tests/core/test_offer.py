"""Whether offers hold on a day."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.core.offer import Offer, OfferChannel, is_available

TODAY = date(2026, 5, 10)


def offer(start: str | None, end: str | None) -> Offer:
    return Offer(("SubscriptionModel",), ("Stream",), ("Worldwide",), start=start, end=end)


@pytest.mark.parametrize(
    ("start", "end", "is_over", "has_begun"),
    [
        (None, None, False, True),
        ("2026-05-10", None, False, True),
        ("2026-05-11", None, False, False),
        ("2026-05-01", "2026-05-09", True, True),
        ("2026-05-01", "2026-05-10", False, True),
        ("2026-05-01T00:00:00", "2026-05-09T23:59:59", True, True),
        (None, "2026-05-10", True, True),
        (None, "2026-05-11", False, True),
        ("2026-05", "2026", False, False),
    ],
)
def test_an_offer_holds_from_its_first_day_to_its_last(
    start: str | None, end: str | None, is_over: bool, has_begun: bool
) -> None:
    one = offer(start, end)
    assert (one.is_over(TODAY), one.has_begun(TODAY)) == (is_over, has_begun)


def test_a_release_is_available_while_one_offer_is_not_over() -> None:
    over, coming = offer("2026-01-01", "2026-02-01"), offer("2027-01-01", None)
    assert [is_available(offers, TODAY) for offers in ((), (over,), (over, coming))] == [False, False, True]


def test_a_channel_is_told_by_its_name_or_else_its_id() -> None:
    names = [str(OfferChannel(("P1",), ("Deezer",))), str(OfferChannel(("P1",))), str(OfferChannel())]
    assert names == ["Deezer", "P1", "a DSP without a name"]
