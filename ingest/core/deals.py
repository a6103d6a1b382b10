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
class Deal:
    """One Deal; `releases` are the DealReleaseReferences of the ReleaseDeal it stands in."""

    line: int
    releases: tuple[Text, ...]
    commercial_models: tuple[Text, ...] = ()
    use_types: tuple[Text, ...] = ()
    territories: tuple[Text, ...] = ()
    excluded_territories: tuple[Text, ...] = ()
    periods: tuple[Period, ...] = ()
    is_pre_order: bool = False
    is_takedown: bool = False
    has_prices: bool = False
    effective_date: Text | None = None
    pre_order_release_date: Text | None = None
