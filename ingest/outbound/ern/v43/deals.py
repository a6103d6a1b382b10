"""The DealList in ERN 4.3: every offer for the release and its tracks, or for some tracks only."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from ingest.core.allowed import WORLDWIDE
from ingest.core.offer import Offer, OfferPrice
from ingest.outbound.ern.markup import Element, flag, leaf, node
from ingest.outbound.ern.outgoing import Outgoing
from ingest.outbound.ern.v43.parts import term
from ingest.outbound.ern.v43.releases import MAIN_REFERENCE

DAY = len("2026-01-01")


def write_deals(parent: Element, outgoing: Outgoing) -> None:
    """Nothing where there are no offers: a message without deals takes the release down."""
    if not outgoing.offers:
        return
    listed = node(parent, "DealList")
    for tracks, offers in groupby(outgoing.offers, key=lambda offer: offer.tracks):
        written = node(listed, "ReleaseDeal")
        for reference in _references(outgoing, tracks):
            leaf(written, "DealReleaseReference", reference)
        for offer in offers:
            _write_terms(node(node(written, "Deal"), "DealTerms"), outgoing, offer)


def _references(outgoing: Outgoing, tracks: Iterable[int]) -> list[str]:
    """The releases that an offer is for: the main one and all tracks, or these tracks."""
    numbers = tuple(tracks)
    every = [f"R{track.number}" for track in outgoing.release.tracks]
    return [f"R{number}" for number in numbers] if numbers else [MAIN_REFERENCE, *every]


def _write_terms(parent: Element, outgoing: Outgoing, offer: Offer) -> None:
    namespace = outgoing.transmission.namespace
    name, codes = ("ExcludedTerritoryCode", offer.excluded) if offer.excluded else ("TerritoryCode", offer.territories)
    for code in codes or (WORLDWIDE,):
        leaf(parent, name, code)
    _write_period(node(parent, "ValidityPeriod"), outgoing, offer)
    for model in offer.models:
        term(parent, "CommercialModelType", model, "CommercialModelType_ERN", namespace)
    for use in offer.uses:
        term(parent, "UseType", use, "UseType_ERN", namespace)
    for price in offer.prices:
        _write_price(parent, price, namespace)
    if offer.is_pre_order:
        leaf(parent, "IsPreOrderDeal", flag(True))


def _write_period(parent: Element, outgoing: Outgoing, offer: Offer) -> None:
    """Dates where both ends are dates, else date-times.

    A period without a start, which ERN 4.3 must have, begins when the message was made, or on its last day before that.
    """
    made = outgoing.transmission.created.date().isoformat()
    start = offer.start or min(made, (offer.end or made)[:DAY])
    has_time = any("T" in (end or "") for end in (start, offer.end))
    for name, end in (("Start", start), ("End", offer.end)):
        if end is not None:
            leaf(parent, f"{name}DateTime" if has_time else f"{name}Date", _moment(end, name) if has_time else end)


def _moment(end: str, name: str) -> str:
    """A date as a date-time: its first second for a start, its last one for an end."""
    return end if "T" in end else f"{end[:DAY]}T{'00:00:00' if name == 'Start' else '23:59:59'}"


def _write_price(parent: Element, price: OfferPrice, namespace: str) -> None:
    written = node(parent, "PriceInformation", {"PriceType": price.kind})
    leaf(written, "PriceCode", price.price_type, {"Namespace": namespace})
    leaf(written, "WholesalePricePerUnit", price.wholesale, {"CurrencyCode": price.currency})
    leaf(written, "SuggestedRetailPrice", price.retail, {"CurrencyCode": price.currency})
