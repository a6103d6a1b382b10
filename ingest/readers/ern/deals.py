"""Deals: on what terms, where and when the releases may be offered."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.core.deals import Deal, Period
from ingest.core.text import Text
from ingest.readers.ern.document import Element
from ingest.readers.ern.values import Source, descend, every, flag


def read_deals(source: Source, root: Element) -> tuple[Deal, ...]:
    """Every Deal of every ReleaseDeal; terms that are missing leave a deal without them."""
    listed = descend(root, "DealList")
    found: list[Deal] = []
    for release_deal in [] if listed is None else every(listed, "ReleaseDeal"):
        releases = source.texts(every(release_deal, "DealReleaseReference"))
        effective = source.child(release_deal, "EffectiveDate")
        found.extend(_deal(source, deal, releases, effective) for deal in every(release_deal, "Deal"))
    return tuple(found)


def _deal(source: Source, deal: Element, releases: tuple[Text, ...], effective: Text | None) -> Deal:
    terms = descend(deal, "DealTerms")
    scope = deal if terms is None else terms
    return Deal(
        line=source.line(deal),
        releases=releases,
        commercial_models=source.texts(every(scope, "CommercialModelType")),
        use_types=source.texts(use for usage in every(scope, "Usage") for use in every(usage, "UseType")),
        territories=source.texts(every(scope, "TerritoryCode")),
        excluded_territories=source.texts(every(scope, "ExcludedTerritoryCode")),
        periods=tuple(_period(source, period) for period in every(scope, "ValidityPeriod")),
        is_pre_order=_says(scope, ("IsPreOrderDeal",)),
        is_takedown=_says(scope, ("TakeDown", "AllDealsCancelled")),
        has_prices=descend(scope, "PriceInformation") is not None,
        effective_date=effective,
        pre_order_release_date=source.child(scope, "PreOrderReleaseDate"),
    )


def _says(scope: Element, names: Sequence[str]) -> bool:
    return any(flag(child.text) is True for name in names for child in every(scope, name))


def _period(source: Source, period: Element) -> Period:
    start = source.child(period, "StartDate") or source.child(period, "StartDateTime")
    end = source.child(period, "EndDate") or source.child(period, "EndDateTime")
    return Period(start, end, source.line(period))
