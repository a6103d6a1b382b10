"""What updates and takedowns make of offers: starts that stay as they were sent, and ends in the past."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from ingest.core.dates import day
from ingest.core.offer import Offer
from ingest.core.territories import area

_NEVER: Final = date.max
_Same = Callable[[Offer], Sequence[str | None]]

MOST_PAIRS: Final = 50_000
"""Pairs of offers that are compared part by part; of more than any release has, only equal ones are the same."""


def keep_starts(offers: Iterable[Offer], sent: Sequence[Offer], today: date) -> tuple[Offer, ...]:
    """The offers, with the starts that the DSP knows where they hold already.

    A label that changes a release often writes the day of the change as the start; where it is still the day before,
    the DSP would take the release down. So what was sent before and had begun keeps its earliest start. A start after
    today is what the label wants, and stays. Only days that have passed are added.
    """
    listed = tuple(offers)
    begun = [one for one in sent if one.has_begun(today) and not one.is_over(today)]
    same = _equal_but_for_start(begun) if len(listed) * len(begun) > MOST_PAIRS else _overlapping(begun)
    return tuple(_kept(offer, same(offer)) if offer.has_begun(today) else offer for offer in listed)


def _overlapping(begun: Sequence[Offer]) -> _Same:
    return lambda offer: [one.start for one in begun if _overlap(offer, one)]


def _equal_but_for_start(begun: Sequence[Offer]) -> _Same:
    starts: dict[Offer, list[str | None]] = {}
    for one in begun:
        starts.setdefault(replace(one, start=None), []).append(one.start)
    return lambda offer: starts.get(replace(offer, start=None), [])


def _kept(offer: Offer, same: Sequence[str | None]) -> Offer:
    if offer.start is None or not same:
        return offer
    earliest = min((start for start in same if start is not None), key=_day, default=offer.start)
    return replace(offer, start=earliest) if _day(earliest) < _day(offer.start) else offer


def _overlap(one: Offer, other: Offer) -> bool:
    """Whether both offer the same thing on the same terms somewhere."""
    tracks = not one.tracks or not other.tracks or not set(one.tracks).isdisjoint(other.tracks)
    terms = _share(one.models, other.models) and _share(one.uses, other.uses)
    where = area(one.territories, one.excluded).codes & area(other.territories, other.excluded).codes
    return tracks and terms and bool(where) and one.is_pre_order == other.is_pre_order


def _share(some: Sequence[str], others: Sequence[str]) -> bool:
    return not set(some).isdisjoint(others) or (not some and not others)


def end_dated(sent: Iterable[Offer], today: date, offset_days: int) -> tuple[Offer, ...]:
    """The offers that a DSP has, all over: a takedown in the form of a deal with an end.

    They end `offset_days` after today, where a negative number is in the past; one that begins later begins on that
    day too. What was over before stays as it was. Use and territory are those of the live deal, which ERN asks for.
    """
    end = today + timedelta(days=offset_days)
    return tuple(dict.fromkeys(offer if _day(offer.end) < end else _ended(offer, end) for offer in sent))


def _ended(offer: Offer, end: date) -> Offer:
    """Prices and pre-order dates are left out: nobody buys it any more."""
    start = end.isoformat() if offer.start is not None and not _begins_by(offer.start, end) else offer.start
    return replace(offer, start=start, end=end.isoformat(), prices=(), is_pre_order=False, pre_order_release=None)


def _begins_by(start: str, end: date) -> bool:
    begins = day(start)
    return begins is not None and begins <= end


def _day(written: str | None) -> date:
    return day(written or "") or _NEVER
