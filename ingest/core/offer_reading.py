"""The offers that the deals of a label's message make, for the main release and its tracks.

Source: ERN 3.8.2, DealList. `TakeDown` and `AllDealsCancelled` are deprecated there, but labels send them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from ingest.core.dates import day
from ingest.core.deals import Deal, DealChannel, Period, Price
from ingest.core.kind import has_ended
from ingest.core.message import Message
from ingest.core.offer import RELEASE, Offer, OfferChannel, OfferPrice
from ingest.core.territories import EVERYWHERE, area, written
from ingest.core.text import Text

MOST_PAIRS: Final = 200_000
"""Pairs of an offer and a deal that takes down which are looked at: some seconds for a message made to keep us busy."""


def offers_of(message: Message) -> tuple[Offer, ...]:
    """What the label offers, over or still to come included. Nothing where the message has no deal: a takedown.

    A deal for the main release holds for its tracks too, unless tracks have deals of their own that still hold, as a
    TrackRelease may; a pre-order never does. What a deal takes down is taken out of the others.
    """
    numbers = _Numbers.of(message)
    found = [offer for deal in message.deals if _sells(deal) for offer in _offers(deal, numbers.of_deal(deal))]
    found = _left(found, [deal for deal in message.deals if deal.is_takedown], numbers)
    return tuple(replace(offer, tracks=numbers.shortest(offer.tracks)) for offer in dict.fromkeys(found))


def _left(offers: list[Offer], downs: list[Deal], numbers: _Numbers) -> list[Offer]:
    """What is left of the offers. Of more deals than any release has, whole tracks are taken down."""
    left = offers
    for down in downs:
        if len(left) * len(downs) > MOST_PAIRS:
            gone = frozenset[int]().union(*map(numbers.of_deal, downs))
            return [part for offer in offers for part in _other_tracks(offer, gone)]
        left = [part for offer in left for part in _without(offer, down, numbers)]
    return left


def _other_tracks(offer: Offer, gone: frozenset[int]) -> Iterator[Offer]:
    if others := frozenset(offer.tracks) - gone:
        yield replace(offer, tracks=tuple(sorted(others)))


def _sells(deal: Deal) -> bool:
    return deal.has_terms and not deal.is_takedown


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Which numbers of tracks the references in deals mean; 0 is the release itself.

    `inheriting`: the tracks for which deals for the main release hold too.
    """

    by_reference: Mapping[str, frozenset[int]]
    tracks: frozenset[int]
    inheriting: frozenset[int]

    @staticmethod
    def of(message: Message) -> _Numbers:
        known = _by_reference(message)
        tracks = frozenset(track.number for track in message.tracks)
        named = {deal: _named(deal, known) - {RELEASE} for deal in message.deals if _sells(deal)}
        has_own = any(numbers and not has_ended(deal, message) for deal, numbers in named.items())
        inheriting = frozenset[int]() if has_own else tracks.difference(*named.values())
        return _Numbers(known, tracks, inheriting)

    def of_deal(self, deal: Deal) -> frozenset[int]:
        """What a deal holds for. A takedown of the release takes all of it down."""
        named = _named(deal, self.by_reference)
        if RELEASE not in named or deal.is_pre_order:
            return named
        return named | (self.tracks if deal.is_takedown else self.inheriting)

    def shortest(self, numbers: Iterable[int]) -> tuple[int, ...]:
        """Empty where they are all there are, else in order."""
        chosen = frozenset(numbers)
        return () if chosen == self.tracks | {RELEASE} else tuple(sorted(chosen))


def _named(deal: Deal, known: Mapping[str, frozenset[int]]) -> frozenset[int]:
    """A deal that refers to nothing is about the release."""
    if not deal.releases:
        return frozenset({RELEASE})
    return frozenset[int]().union(*(known.get(text.value, frozenset()) for text in deal.releases))


def _by_reference(message: Message) -> dict[str, frozenset[int]]:
    """The releases of one recording are tracks where the main release has that recording, others none of ours."""
    numbers: dict[str, set[int]] = {}
    for track in message.tracks:
        if (reference := message.recording_of(track).reference) is not None:
            numbers.setdefault(reference.value, set()).add(track.number)
    found: dict[str, frozenset[int]] = {}
    for place, release in enumerate(message.releases):
        recordings = {use.reference.value for use in release.resources} & numbers.keys()
        is_track = place != message.main and len(recordings) == 1
        meant = frozenset(numbers[recordings.pop()]) if is_track else frozenset[int]()
        for text in release.references:
            found.setdefault(text.value, frozenset({RELEASE}) if place == message.main else meant)
    return found


def _offers(deal: Deal, numbers: frozenset[int]) -> Iterator[Offer]:
    """One for each ValidityPeriod; none where the deal is about other releases."""
    for period in deal.periods or (Period(None, None, deal.line),) if numbers else ():
        yield Offer(
            models=_values(deal.commercial_models),
            uses=_values(deal.use_types),
            territories=_values(deal.territories),
            excluded=_values(deal.excluded_territories),
            start=_later(_value(period.start), _value(deal.effective_date)),
            end=_value(period.end),
            tracks=tuple(sorted(numbers)),
            prices=tuple(map(_price, deal.prices)),
            is_pre_order=deal.is_pre_order,
            pre_order_release=_value(deal.pre_order_release_date),
            channels=tuple(map(_channel, deal.channels)),
            excluded_channels=tuple(map(_channel, deal.excluded_channels)),
            are_channels_read=deal.are_channels_read,
        )


def _later(start: str | None, effective: str | None) -> str | None:
    """A deal holds from its start, but not before its ReleaseDeal becomes effective."""
    first, second = day(start or ""), day(effective or "")
    if start is None or (first is not None and second is not None and second > first):
        return effective
    return start


def _without(offer: Offer, down: Deal, numbers: _Numbers) -> Iterator[Offer]:
    """What is left of an offer beside a deal that takes down: other tracks, models, DSPs, territories, and before."""
    tracks = numbers.of_deal(down) & frozenset(offer.tracks)
    taken = frozenset(_values(down.commercial_models)) or frozenset(offer.models)
    if not tracks or (offer.models and not taken & frozenset(offer.models)):
        yield offer
        return
    yield from _other_tracks(offer, tracks)
    mine = replace(offer, tracks=tuple(sorted(tracks)))
    if kept := tuple(model for model in offer.models if model not in taken):
        yield replace(mine, models=kept)
    yield from _outside(replace(mine, models=tuple(model for model in offer.models if model in taken)), down)


def _outside(offer: Offer, down: Deal) -> Iterator[Offer]:
    if down.channels:
        yield replace(offer, excluded_channels=(*offer.excluded_channels, *map(_channel, down.channels)))
    inside, outside = _values(down.territories), _values(down.excluded_territories)
    covered = area(inside, outside)
    gone = EVERYWHERE if covered.unknown or not (inside or outside) else covered.codes
    here = area(offer.territories, offer.excluded)
    if here.codes - gone:
        yield _within(offer, here.codes - gone)
    until = _until(offer, down)
    if until is not None and here.codes & gone:
        yield replace(_within(offer, here.codes & gone), end=until)


def _within(offer: Offer, codes: frozenset[str]) -> Offer:
    territories, excluded = written(codes)
    return replace(offer, territories=territories, excluded=excluded)


def _until(offer: Offer, down: Deal) -> str | None:
    """The last day on which the offer holds before the takedown begins; None where there is none."""
    begins = [day(period.start.value) for period in down.periods if period.start is not None]
    first = min((one for one in begins if one is not None), default=None)
    start, end = day(offer.start or ""), day(offer.end or "")
    if first is None or (start is None and offer.start is not None) or (start is not None and start >= first):
        return None
    last = first - timedelta(days=1)
    return offer.end if end is not None and end <= last else last.isoformat()


def _price(price: Price) -> OfferPrice:
    return OfferPrice(
        kind=price.kind,
        price_type=_value(price.price_type),
        price_range=_value(price.price_range),
        wholesale=_value(price.wholesale),
        retail=_value(price.retail),
        currency=price.currency,
    )


def _channel(channel: DealChannel) -> OfferChannel:
    return OfferChannel(_values(channel.ids), _values(channel.names), _value(channel.territory))


def _values(texts: Iterable[Text]) -> tuple[str, ...]:
    return tuple(text.value for text in texts if text.value)


def _value(text: Text | None) -> str | None:
    return None if text is None else text.value or None
