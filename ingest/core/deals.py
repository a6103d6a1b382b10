"""The deals of a message."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.core.text import Text


@dataclass(frozen=True, slots=True)
class Period:
    """A ValidityPeriod; either end may be open. Dates and date-times as written."""

    start: Text | None
    end: Text | None
    line: int


@dataclass(frozen=True, slots=True)
class Price:
    """A PriceInformation: `kind` is its @PriceType, `price_type` or `price_range` a code that the parties agreed on.

    `wholesale` and `retail` are amounts as written, `currency` the code at the amount.
    """

    line: int
    kind: str | None = None
    price_type: Text | None = None
    price_range: Text | None = None
    wholesale: Text | None = None
    retail: Text | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class DealChannel:
    """A DistributionChannel or ExcludedDistributionChannel: a DSP by its PartyIds, PartyNames and TradingName.

    `territory`: the deal concerns only what this DSP offers there.
    """

    line: int
    ids: tuple[Text, ...] = ()
    names: tuple[Text, ...] = ()
    territory: Text | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """One Deal; `releases` are the DealReleaseReferences of the ReleaseDeal it stands in.

    `has_terms`: it has DealTerms or what belongs in them; without any it may still name `references`, which the
    parties agreed on. With `channels` it is for these DSPs only, with `excluded_channels` for all others;
    without `are_channels_read` neither is known.
    """

    line: int
    releases: tuple[Text, ...]
    commercial_models: tuple[Text, ...] = ()
    use_types: tuple[Text, ...] = ()
    territories: tuple[Text, ...] = ()
    excluded_territories: tuple[Text, ...] = ()
    periods: tuple[Period, ...] = ()
    is_pre_order: bool = False
    is_takedown: bool = False
    prices: tuple[Price, ...] = ()
    effective_date: Text | None = None
    pre_order_release_date: Text | None = None
    has_terms: bool = True
    references: tuple[Text, ...] = ()
    channels: tuple[DealChannel, ...] = ()
    excluded_channels: tuple[DealChannel, ...] = ()
    are_channels_read: bool = True

    @property
    def has_prices(self) -> bool:
        return bool(self.prices)
