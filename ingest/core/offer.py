"""An offer: on what terms a release, or some of its tracks, may be made available, where and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from ingest.core.dates import day

RELEASE: Final = 0
"""Stands for the release itself among the numbers of tracks."""


@dataclass(frozen=True, slots=True)
class OfferPrice:
    """A price as the label wrote it: a code that the parties agreed on, or amounts with their ISO 4217 currency."""

    kind: str | None = None
    price_type: str | None = None
    price_range: str | None = None
    wholesale: str | None = None
    retail: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class OfferChannel:
    """One DSP that an offer names, by all its PartyIds and names; with `territory`: only what it offers there."""

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    territory: str | None = None

    def __str__(self) -> str:
        return next(iter((*self.names, *self.ids)), "a DSP without a name")


@dataclass(frozen=True, slots=True)
class Offer:
    """One deal. `tracks` are numbers over the whole release, and 0 the release itself; empty: itself and all tracks.

    `models` are values of CommercialModelType, `uses` of UseType. Either `territories` or `excluded` holds codes, as
    `Worldwide` or ISO 3166-1. `start` and `end` are ISO 8601 dates or date-times as written. It holds for the DSPs in
    `channels`, for all where there are none, but for none of `excluded_channels`; without `are_channels_read` neither
    is known.
    """

    models: tuple[str, ...]
    uses: tuple[str, ...]
    territories: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    tracks: tuple[int, ...] = ()
    prices: tuple[OfferPrice, ...] = ()
    is_pre_order: bool = False
    pre_order_release: str | None = None
    channels: tuple[OfferChannel, ...] = ()
    excluded_channels: tuple[OfferChannel, ...] = ()
    are_channels_read: bool = True

    def is_over(self, today: date) -> bool:
        """Whether its last day has passed; one without a start is over on its last day, which says no more than that.

        False where the end cannot be read.
        """
        end = None if self.end is None else day(self.end)
        return end is not None and (end < today or (self.start is None and end == today))

    def has_begun(self, today: date) -> bool:
        """Whether it holds since today or longer; so does one without a start. False where the start is no day."""
        start = None if self.start is None else day(self.start)
        return self.start is None or (start is not None and start <= today)


def is_available(offers: Iterable[Offer], today: date) -> bool:
    """Whether the release is offered at all, today or later: where it is not, it is taken down."""
    return any(not offer.is_over(today) for offer in offers)
