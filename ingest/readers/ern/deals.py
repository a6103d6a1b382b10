"""Deals: on what terms, where and when the releases may be offered."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.core.deals import Deal, DealChannel, Period, Price
from ingest.core.text import Text
from ingest.readers.ern.parties import full_name
from ingest.readers.ern.values import Node, Source, attribute, flag


def read_deals(source: Source, root: Node) -> tuple[Deal, ...]:
    """Every Deal of every ReleaseDeal; terms that are missing leave a deal without them."""
    listed = root.first("DealList")
    found: list[Deal] = []
    for release_deal in () if listed is None else map(Node, listed.iterchildren("ReleaseDeal")):
        releases = source.texts(release_deal.every("DealReleaseReference"))
        effective = source.child(release_deal, "EffectiveDate")
        found.extend(_deal(source, deal, releases, effective) for deal in release_deal.nodes("Deal"))
    return tuple(found)


TERMS = ("DealTerms", "CommercialModelType", "Usage", "TerritoryCode", "ExcludedTerritoryCode", "ValidityPeriod")


def _deal(source: Source, deal: Node, releases: tuple[Text, ...], effective: Text | None) -> Deal:
    scope = deal.node("DealTerms") or deal
    return Deal(
        line=source.line(deal.element),
        releases=releases,
        commercial_models=source.texts(scope.every("CommercialModelType")),
        use_types=source.texts(use for usage in scope.nodes("Usage") for use in usage.every("UseType")),
        territories=source.texts(scope.every("TerritoryCode")),
        excluded_territories=source.texts(scope.every("ExcludedTerritoryCode")),
        periods=tuple(_period(source, period) for period in scope.nodes("ValidityPeriod")),
        is_pre_order=_says(scope, ("IsPreOrderDeal",)),
        is_takedown=_says(scope, ("TakeDown", "AllDealsCancelled")),
        prices=tuple(_price(source, price) for price in scope.nodes("PriceInformation")),
        effective_date=effective,
        pre_order_release_date=source.child(scope, "PreOrderReleaseDate"),
        has_terms=any(name in deal.named for name in TERMS),
        references=source.texts(deal.every("DealReference")),
        channels=tuple(_channel(source, one) for one in scope.nodes("DistributionChannel")),
        excluded_channels=tuple(_channel(source, one) for one in scope.nodes("ExcludedDistributionChannel")),
    )


def _channel(source: Source, channel: Node) -> DealChannel:
    full = (full_name(source, name) for name in channel.nodes("PartyName"))
    names = (*full, source.child(channel, "TradingName"))
    return DealChannel(
        line=source.line(channel.element),
        ids=tuple(text for text in source.texts(channel.every("PartyId")) if text.value),
        names=tuple(name for name in names if name is not None and name.value),
        territory=source.child(channel, "TerritoryCode"),
    )


def _says(scope: Node, names: Sequence[str]) -> bool:
    return any(flag(child.text) is True for name in names for child in scope.every(name))


def _price(source: Source, price: Node) -> Price:
    amounts = [price.first(name) for name in ("WholesalePricePerUnit", "SuggestedRetailPrice")]
    currencies = (attribute(amount, "CurrencyCode") for amount in amounts if amount is not None)
    return Price(
        line=source.line(price.element),
        kind=attribute(price.element, "PriceType"),
        price_type=source.child(price, "PriceType"),
        price_range=source.child(price, "PriceRangeType"),
        wholesale=source.text(amounts[0]),
        retail=source.text(amounts[1]),
        currency=next(currencies, None),
    )


def _period(source: Source, period: Node) -> Period:
    start = source.child(period, "StartDate") or source.child(period, "StartDateTime")
    end = source.child(period, "EndDate") or source.child(period, "EndDateTime")
    return Period(start, end, source.line(period.element))
