"""An offer: on what terms a release, or some of its tracks, may be made available, where and when."""

from __future__ import annotations

from dataclasses import dataclass


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
class Offer:
    """One deal. `tracks` are numbers over the whole release, empty for the release itself and all of its tracks.

    `models` are values of CommercialModelType, `uses` of UseType. Either `territories` or `excluded` holds codes, as
    `Worldwide` or ISO 3166-1. `start` and `end` are ISO 8601 dates or date-times as written. At most one of
    `channels` and `excluded_channels` holds PartyIds, or names, of DSPs.
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
    channels: tuple[str, ...] = ()
    excluded_channels: tuple[str, ...] = ()
