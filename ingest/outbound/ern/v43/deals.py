"""The DealList in ERN 4.3: every offer for the release and its tracks, or for some tracks only."""

from __future__ import annotations

from itertools import groupby

from ingest.core.allowed import WORLDWIDE
from ingest.core.offer import Offer, OfferPrice
from ingest.outbound.ern.composites import DAY, deal_references, period_ends
from ingest.outbound.ern.markup import Element, flag, leaf, node
from ingest.outbound.ern.outgoing import Outgoing
from ingest.outbound.ern.v43.parts import term


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
            _write_terms(node(node(written, "Deal"), "DealTerms"), outgoing, offer)


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
    """The ends of an offer.

    A period without a start, which ERN 4.3 must have, begins when the message was made, or on its last day before that.
    """
    made = outgoing.transmission.created.date().isoformat()
    start = offer.start or min(made, (offer.end or made)[:DAY])
    for name, end in period_ends(start, offer.end):
        leaf(parent, name, end)


def _write_price(parent: Element, price: OfferPrice, namespace: str) -> None:
    written = node(parent, "PriceInformation", {"PriceType": price.kind})
    leaf(written, "PriceCode", price.price_type, {"Namespace": namespace})
    leaf(written, "WholesalePricePerUnit", price.wholesale, {"CurrencyCode": price.currency})
    leaf(written, "SuggestedRetailPrice", price.retail, {"CurrencyCode": price.currency})
