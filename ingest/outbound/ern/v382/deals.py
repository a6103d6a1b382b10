"""The DealList in ERN 3.8.2: every offer for the main release and its tracks, or for some tracks only."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from ingest.core.offer import Offer, OfferPrice
from ingest.outbound.ern.markup import Element, flag, leaf, node
from ingest.outbound.ern.outgoing import Outgoing
from ingest.outbound.ern.v382.parts import term, write_territories
from ingest.outbound.ern.v382.releases import MAIN_REFERENCE


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
            _write_terms(node(node(written, "Deal"), "DealTerms"), offer, outgoing.transmission.namespace)


def _references(outgoing: Outgoing, tracks: Iterable[int]) -> list[str]:
    """The releases that an offer is for: the main one and all tracks, or these tracks."""
    numbers = tuple(tracks)
    every = [f"R{track.number}" for track in outgoing.release.tracks]
    return [f"R{number}" for number in numbers] if numbers else [MAIN_REFERENCE, *every]


def _write_terms(parent: Element, offer: Offer, namespace: str) -> None:
    if offer.is_pre_order:
        leaf(parent, "IsPreOrderDeal", flag(True))
    for model in offer.models:
        term(parent, "CommercialModelType", model, "CommercialModelType", namespace)
    usage = node(parent, "Usage")
    for use in offer.uses:
        term(usage, "UseType", use, "UseType", namespace)
    write_territories(parent, offer.territories, offer.excluded)
    for price in offer.prices:
        _write_price(parent, price, namespace)
    write_period(node(parent, "ValidityPeriod"), offer)
    leaf(parent, "PreOrderReleaseDate", (offer.pre_order_release or "")[:10])


def _write_price(parent: Element, price: OfferPrice, namespace: str) -> None:
    written = node(parent, "PriceInformation", {"PriceType": price.kind})
    leaf(written, "PriceRangeType", price.price_range, {"Namespace": namespace})
    leaf(written, "PriceType", price.price_type, {"Namespace": namespace})
    leaf(written, "WholesalePricePerUnit", price.wholesale, {"CurrencyCode": price.currency})
    leaf(written, "SuggestedRetailPrice", price.retail, {"CurrencyCode": price.currency})


def write_period(parent: Element, offer: Offer) -> None:
    """Dates where both ends are dates, else date-times: the schema does not mix them."""
    has_time = any("T" in (end or "") for end in (offer.start, offer.end))
    for name, end in (("Start", offer.start), ("End", offer.end)):
        if end is not None:
            leaf(parent, f"{name}DateTime" if has_time else f"{name}Date", _moment(end, name) if has_time else end)


def _moment(end: str, name: str) -> str:
    """A date as a date-time: its first second for a start, its last one for an end."""
    return end if "T" in end else f"{end}T{'00:00:00' if name == 'Start' else '23:59:59'}"
