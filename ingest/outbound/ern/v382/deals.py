"""The DealList in ERN 3.8.2: every offer for the main release and its tracks, or for some tracks only."""

from __future__ import annotations

from itertools import groupby

from ingest.core.offer import Offer, OfferPrice
from ingest.outbound.ern.composites import deal_references, period_ends
from ingest.outbound.ern.markup import Element, flag, leaf, node
from ingest.outbound.ern.outgoing import Outgoing
from ingest.outbound.ern.v382.parts import term, write_territories


def write_deals(parent: Element, outgoing: Outgoing) -> None:
    """Nothing where there are no offers: a message without deals takes the release down."""
    if not outgoing.offers:
        return
    listed = node(parent, "DealList")
    for references, offers in groupby(outgoing.offers, key=lambda offer: deal_references(outgoing, offer)):
        written = node(listed, "ReleaseDeal")
        for reference in references:
            leaf(written, "DealReleaseReference", reference)
        for offer in offers:
            _write_terms(node(node(written, "Deal"), "DealTerms"), offer, outgoing.transmission.namespace)


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
    period = node(parent, "ValidityPeriod")
    for name, end in period_ends(offer.start, offer.end):
        leaf(period, name, end)
    leaf(parent, "PreOrderReleaseDate", (offer.pre_order_release or "")[:10])


def _write_price(parent: Element, price: OfferPrice, namespace: str) -> None:
    written = node(parent, "PriceInformation", {"PriceType": price.kind})
    leaf(written, "PriceRangeType", price.price_range, {"Namespace": namespace})
    leaf(written, "PriceType", price.price_type, {"Namespace": namespace})
    leaf(written, "WholesalePricePerUnit", price.wholesale, {"CurrencyCode": price.currency})
    leaf(written, "SuggestedRetailPrice", price.retail, {"CurrencyCode": price.currency})
