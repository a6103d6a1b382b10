"""What a DSP may get of a label's offers: those that its contract with us covers and that the label gives to it.

A label may address or exclude single DSPs (`DistributionChannel` in ERN); what is not certain is not sent, but asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from ingest.core.dates import day
from ingest.core.offer import RELEASE, Offer, OfferChannel
from ingest.core.territories import EVERYWHERE, area, written


@dataclass(frozen=True, slots=True)
class DspNames:
    """How messages may call a DSP: its PartyIds, and its names. Hyphens, blanks and capitals do not count."""

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def has_id_of(self, channel: OfferChannel) -> bool:
        """Whether an id of the channel is one of this DSP."""
        return not _ids(self.ids).isdisjoint(_ids(channel.ids))

    def has_name_of(self, channel: OfferChannel) -> bool:
        """Whether a name of the channel is one of this DSP."""
        return not _names(self.names).isdisjoint(_names(channel.names))


@dataclass(frozen=True, slots=True)
class Contract:
    """What is agreed with one DSP. `others` are all other DSPs that we deliver to, so that their names are known.

    Without `models` or `uses` any may be sent; without `territories` and `excluded` it holds everywhere.
    `worldwide_only`, `without_end`: the DSP takes no offer for some territories, or none that ends.
    """

    dsp: DspNames
    models: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    others: tuple[DspNames, ...] = ()
    worldwide_only: bool = False
    without_end: bool = False


class Reason(StrEnum):
    """Why an offer, or a part of it, is not sent."""

    OTHER_DSPS = "other DSPs"
    EXCLUDED_DSP = "excluded DSP"
    MODEL = "model"
    USE = "use"
    TERRITORY = "territory"
    NOT_WORLDWIDE = "not worldwide"
    ENDS = "ends"
    UNREAD_CHANNEL = "unread channel"
    UNKNOWN_CHANNEL = "unknown channel"
    UNKNOWN_TERRITORY = "unknown territory"
    UNKNOWN_DATE = "unknown date"
    NO_MODEL = "no model"
    NO_USE = "no use"


QUESTIONS = frozenset(
    {
        *(Reason.UNREAD_CHANNEL, Reason.UNKNOWN_CHANNEL, Reason.UNKNOWN_TERRITORY, Reason.UNKNOWN_DATE),
        *(Reason.NO_MODEL, Reason.NO_USE),
    }
)
"""What a person must decide."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """An offer that is not sent; of UNKNOWN_TERRITORY only the named codes are not. `text` is a clause for QC."""

    offer: Offer
    reason: Reason
    text: str

    @property
    def is_question(self) -> bool:
        """Whether a person must decide it."""
        return self.reason in QUESTIONS


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be sent to one DSP, and what not. Without `offers` nothing may be delivered."""

    offers: tuple[Offer, ...]
    withheld: tuple[Withheld, ...] = ()

    @property
    def questions(self) -> tuple[Withheld, ...]:
        """What a person must decide before all is sent that may be."""
        return tuple(one for one in self.withheld if one.is_question)


def allowed(offers: Iterable[Offer], contract: Contract) -> Allowed:
    """What this DSP may get: no model, use, territory, day or track that the label or the contract does not give."""
    sent: list[Offer] = []
    withheld: list[Withheld] = []
    for offer in offers:
        refusals = sorted(_refusals(offer, contract), key=lambda refusal: refusal[0] in QUESTIONS)
        withheld.extend(_withheld(offer, *refusal) for refusal in refusals[:1])
        if all(reason is Reason.UNKNOWN_TERRITORY for reason, _ in refusals):
            sent.extend(_parts(offer, contract))
    return Allowed(tuple(dict.fromkeys(sent)), tuple(dict.fromkeys(withheld)))


def _refusals(offer: Offer, contract: Contract) -> Iterator[tuple[Reason, str]]:
    """Why nothing of an offer may be sent, or only the territories that are known.

    What is certain counts before what must be asked: nobody is asked about an offer that would not be sent anyway.
    """
    yield from _channel_refusals(offer, contract)
    for name, date in (("begins", offer.start), ("ends", offer.end)):
        if date is not None and day(date) is None:
            yield Reason.UNKNOWN_DATE, f'{name} on "{date}", which is no day'
    yield from _term_refusals(offer.models, contract.models, Reason.MODEL, Reason.NO_MODEL, "CommercialModelType")
    yield from _term_refusals(offer.uses, contract.uses, Reason.USE, Reason.NO_USE, "UseType")
    if contract.without_end and offer.end is not None:
        yield Reason.ENDS, f"ends on {offer.end}, and this DSP takes no deal that ends"
    yield from _territory_refusals(offer, contract)


def _channel_refusals(offer: Offer, contract: Contract) -> Iterator[tuple[Reason, str]]:
    if not offer.are_channels_read:
        yield Reason.UNREAD_CHANNEL, "was read when distribution channels were not: the package must be read again"
    included = {is_this(channel, contract): channel for channel in reversed(offer.channels)}
    excluded = {is_this(channel, contract): channel for channel in reversed(offer.excluded_channels)}
    if True in excluded:
        yield Reason.EXCLUDED_DSP, f"excludes this DSP ({excluded[True]})"
    if included and not included.keys() & {True, None}:
        yield Reason.OTHER_DSPS, f"is for other DSPs only: {_listed(map(str, offer.channels))}"
    if None in included and True not in included:
        yield Reason.UNKNOWN_CHANNEL, f"is for {included[None]}, which is no DSP that we know: is it this one?"
    if None in excluded:
        yield Reason.UNKNOWN_CHANNEL, f"excludes {excluded[None]}, which is no DSP that we know: is it this one?"


def is_this(channel: OfferChannel, contract: Contract) -> bool | None:
    """Whether a label means this DSP; None where that is not certain.

    Ids say more than names, but where they contradict each other it is not certain, nor for a DSP in one territory.
    """
    by_id = _said(contract.dsp.has_id_of(channel), any(one.has_id_of(channel) for one in contract.others))
    by_name = _said(contract.dsp.has_name_of(channel), any(one.has_name_of(channel) for one in contract.others))
    said = {by_id, by_name} - {None}
    found = said.pop() if len(said) == 1 else None
    return None if found and channel.territory is not None else found


def _said(is_this_one: bool, is_another: bool) -> bool | None:
    return True if is_this_one else False if is_another else None


def _term_refusals(
    offered: tuple[str, ...], agreed: tuple[str, ...], outside: Reason, unsaid: Reason, name: str
) -> Iterator[tuple[Reason, str]]:
    if agreed and not offered:
        yield unsaid, f"has no {name}"
    if offered and not _common(offered, agreed):
        yield outside, f"is for {_listed(offered)}, of which the contract has none"


def _territory_refusals(offer: Offer, contract: Contract) -> Iterator[tuple[Reason, str]]:
    codes, unknown = _codes(offer, contract), area(offer.territories, offer.excluded).unknown
    if contract.worldwide_only and codes and codes != EVERYWHERE:
        yield Reason.NOT_WORLDWIDE, "is not for the whole world, and this DSP takes no other"
    if unknown:
        yield Reason.UNKNOWN_TERRITORY, f"names {_listed(unknown)}, which nobody can look up"
    elif not codes:
        named = _listed(offer.territories) or "some territories"
        yield Reason.TERRITORY, f"is for {named}, of which the contract has none"


def _parts(offer: Offer, contract: Contract) -> Iterator[Offer]:
    """What of an offer may be sent; nothing where no territory is left."""
    if codes := _codes(offer, contract):
        territories, excluded = written(codes)
        yield replace(
            offer,
            models=_common(offer.models, contract.models),
            uses=_common(offer.uses, contract.uses),
            territories=territories,
            excluded=excluded,
            channels=(),
            excluded_channels=(),
        )


def _codes(offer: Offer, contract: Contract) -> frozenset[str]:
    agreed = area(contract.territories or (() if contract.excluded else ("Worldwide",)), contract.excluded)
    return area(offer.territories, offer.excluded).codes & agreed.codes


def _common(offered: tuple[str, ...], agreed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in offered if one in agreed)) if agreed else offered


def _withheld(offer: Offer, reason: Reason, clause: str) -> Withheld:
    if offer.tracks in ((), (RELEASE,)):
        what = "the release"
    else:
        names = [("the release" if number == RELEASE else f"track {number}") for number in offer.tracks]
        what = _listed(names)
    return Withheld(offer, reason, f"the deal for {what} {clause}")


MOST_LISTED = 5


def _listed(values: Iterable[str]) -> str:
    """The first few, with commas, and how many more there are."""
    every = list(values)
    more = len(every) - MOST_LISTED
    return ", ".join(every[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


def _ids(ids: Iterable[str]) -> frozenset[str]:
    return frozenset(re.sub(r"[^0-9A-Za-z]", "", one).upper() for one in ids) - {""}


def _names(names: Iterable[str]) -> frozenset[str]:
    return frozenset("".join(filter(str.isalnum, one.casefold())) for one in names) - {""}
