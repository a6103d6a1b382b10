"""What a DSP may get of a label's offers: cases by name, and everything against a model that counts cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.core.contract import Allowed, Contract, DspNames, Reason, allowed
from ingest.core.offer import Offer, OfferChannel

ALPHA = DspNames(("PADPIDA2013020802I",), ("Alpha", "Alpha Music"))
BETA = DspNames(("PADPIDA2015120100H",), ("Beta",))
STREAMING = ("SubscriptionModel", "AdvertisementSupportedModel")
CONTRACT = Contract(ALPHA, STREAMING, ("Stream", "OnDemandStream"), others=(BETA,))
OFFER = Offer(STREAMING, ("OnDemandStream",), ("Worldwide",), start="2026-05-01")


def told(outcome: Allowed) -> list[tuple[Reason, str]]:
    return [(one.reason, one.text) for one in outcome.withheld]


def test_what_label_and_contract_give_is_sent_as_it_is() -> None:
    assert allowed([OFFER], CONTRACT) == Allowed((OFFER,))
    assert allowed([OFFER], Contract(ALPHA)) == Allowed((OFFER,))
    assert allowed([], CONTRACT) == Allowed(())


def test_only_the_common_part_is_sent() -> None:
    wide = replace(OFFER, models=("PayAsYouGoModel", *STREAMING), uses=("Download", "Stream"), territories=("GB", "US"))
    narrow = replace(CONTRACT, excluded=("US",))
    (one,) = allowed([wide], narrow).offers
    assert one == replace(OFFER, uses=("Stream",), territories=("GB",))


@pytest.mark.parametrize(
    ("label", "contract", "sent"),
    [
        ((("Worldwide",), ()), (("GB", "AN"), ()), (("BQ", "CW", "GB", "SX"), ())),
        ((("Worldwide",), ()), ((), ("CN",)), ((), ("CN",))),
        (((), ("US",)), ((), ("CN",)), ((), ("CN", "US"))),
        (((), ("US",)), (("US", "GB"), ()), (("GB",), ())),
        ((("GB", "FR"), ()), ((), ()), (("FR", "GB"), ())),
    ],
)
def test_territories_of_both_are_cut(
    label: tuple[tuple[str, ...], tuple[str, ...]],
    contract: tuple[tuple[str, ...], tuple[str, ...]],
    sent: tuple[tuple[str, ...], tuple[str, ...]],
) -> None:
    agreed = replace(CONTRACT, territories=contract[0], excluded=contract[1])
    (one,) = allowed([replace(OFFER, territories=label[0], excluded=label[1])], agreed).offers
    assert (one.territories, one.excluded) == sent


@pytest.mark.parametrize(
    ("change", "reason", "text"),
    [
        ({"models": ("PayAsYouGoModel",)}, Reason.MODEL, "is for PayAsYouGoModel, of which the contract has none"),
        ({"uses": ("Download",)}, Reason.USE, "is for Download, of which the contract has none"),
        ({"territories": ("CN",)}, Reason.TERRITORY, "is for CN, of which the contract has none"),
        ({"territories": ()}, Reason.TERRITORY, "is for some territories, of which the contract has none"),
    ],
)
def test_what_the_contract_does_not_cover_is_withheld(
    change: dict[str, tuple[str, ...]], reason: Reason, text: str
) -> None:
    outcome = allowed([replace(OFFER, **change)], replace(CONTRACT, territories=("GB",)))  # type: ignore[arg-type]
    assert (outcome.offers, told(outcome), outcome.questions) == (
        (),
        [(reason, f"the deal for the release {text}")],
        (),
    )


@pytest.mark.parametrize(
    ("change", "reason", "text"),
    [
        ({"models": ()}, Reason.NO_MODEL, "has no CommercialModelType"),
        ({"uses": ()}, Reason.NO_USE, "has no UseType"),
        ({"start": "2026-05"}, Reason.UNKNOWN_DATE, 'begins on "2026-05", which is no day'),
        ({"end": "soon"}, Reason.UNKNOWN_DATE, 'ends on "soon", which is no day'),
        ({"territories": ("826",)}, Reason.UNKNOWN_TERRITORY, "names 826, which nobody can look up"),
        (
            {"territories": (), "excluded": ("US", "2130")},
            Reason.UNKNOWN_TERRITORY,
            "names 2130, which nobody can look up",
        ),
        (
            {"are_channels_read": False},
            Reason.UNREAD_CHANNEL,
            "was read when distribution channels were not: the package must be read again",
        ),
    ],
)
def test_what_is_not_certain_is_asked_and_not_sent(change: dict[str, object], reason: Reason, text: str) -> None:
    outcome = allowed([replace(OFFER, **change)], CONTRACT)  # type: ignore[arg-type]
    assert (outcome.offers, told(outcome)) == ((), [(reason, f"the deal for the release {text}")])
    assert outcome.questions == outcome.withheld


def test_beside_an_unknown_territory_the_others_are_sent() -> None:
    outcome = allowed([replace(OFFER, territories=("826", "FR"))], CONTRACT)
    assert [one.territories for one in outcome.offers] == [("FR",)]
    assert [one.reason for one in outcome.questions] == [Reason.UNKNOWN_TERRITORY]


def by_id(*ids: str) -> OfferChannel:
    return OfferChannel(ids)


def by_name(*names: str) -> OfferChannel:
    return OfferChannel((), names)


MINE = [
    by_id("PADPIDA2013020802I"),
    by_id("PA-DPIDA-2013020802-i"),
    by_name("alpha"),
    by_name("ALPHA-Music"),
    by_name("Nobody", "Alpha"),
    OfferChannel(("PADPIDA0000000000X",), ("Alpha",)),
]
OTHERS = [by_id("PADPIDA2015120100H"), by_name("beta"), OfferChannel((), ("Beta",), "FR")]
UNKNOWN = [
    by_name("Gamma"),
    by_name("Alphabet"),
    by_name("-"),
    by_id("1"),
    OfferChannel(),
    OfferChannel(("PADPIDA2015120100H",), ("Alpha",)),
    OfferChannel(("PADPIDA2013020802I",), ("Beta",)),
    OfferChannel((), ("Alpha",), "FR"),
]
SENT, OTHER, EXCLUDED, ASKED = None, Reason.OTHER_DSPS, Reason.EXCLUDED_DSP, Reason.UNKNOWN_CHANNEL


@pytest.mark.parametrize(
    ("channels", "excluded", "reason"),
    [
        *(((channel,), (), SENT) for channel in MINE),
        *(((channel,), (), OTHER) for channel in OTHERS),
        *(((channel,), (), ASKED) for channel in UNKNOWN),
        *(((), (channel,), EXCLUDED) for channel in MINE),
        *(((), (channel,), SENT) for channel in OTHERS),
        *(((), (channel,), ASKED) for channel in UNKNOWN),
        ((MINE[0], UNKNOWN[0], OTHERS[0]), (), SENT),
        ((OTHERS[0], UNKNOWN[0]), (), ASKED),
        ((), (OTHERS[0], UNKNOWN[0]), ASKED),
        ((), (UNKNOWN[0], MINE[0]), EXCLUDED),
        ((MINE[0],), (MINE[0],), EXCLUDED),
        ((MINE[0],), (OTHERS[0],), SENT),
    ],
)
def test_the_label_s_choice_of_dsps_is_kept(
    channels: tuple[OfferChannel, ...], excluded: tuple[OfferChannel, ...], reason: Reason | None
) -> None:
    outcome = allowed([replace(OFFER, channels=channels, excluded_channels=excluded)], CONTRACT)
    assert [one.reason for one in outcome.withheld] == ([] if reason is None else [reason])
    assert outcome.offers == ((OFFER,) if reason is None else ())


def test_questions_name_the_dsp_that_nobody_knows() -> None:
    asked = [
        allowed([replace(OFFER, channels=(by_name("Gamma"),))], CONTRACT),
        allowed([replace(OFFER, excluded_channels=(by_id("P9"),))], CONTRACT),
        allowed([replace(OFFER, channels=tuple(OTHERS[:2]), tracks=(0, 2))], CONTRACT),
    ]
    assert [one.withheld[0].text for one in asked] == [
        "the deal for the release is for Gamma, which is no DSP that we know: is it this one?",
        "the deal for the release excludes P9, which is no DSP that we know: is it this one?",
        "the deal for the release, track 2 is for other DSPs only: PADPIDA2015120100H, beta",
    ]


def test_nobody_is_asked_about_an_offer_that_would_not_be_sent_anyway() -> None:
    asked = replace(OFFER, channels=(by_name("Gamma"),), start="2026")
    narrow = replace(CONTRACT, territories=("GB",))
    abroad = [replace(asked, uses=("Download",)), replace(asked, territories=("CN",)), replace(asked, models=("X",))]
    assert [one.reason for one in allowed(abroad, narrow).withheld] == [Reason.USE, Reason.TERRITORY, Reason.MODEL]
    assert [one.reason for one in allowed([asked], narrow).withheld] == [Reason.UNKNOWN_CHANNEL]


def test_offers_that_differ_in_the_dsps_only_are_sent_once() -> None:
    assert allowed([OFFER, replace(OFFER, channels=(by_name("Alpha"),))], CONTRACT).offers == (OFFER,)


def test_a_dsp_may_take_worldwide_offers_without_end_only() -> None:
    strict = replace(CONTRACT, worldwide_only=True, without_end=True)
    assert allowed([OFFER], strict) == Allowed((OFFER,))
    abroad, ending = replace(OFFER, excluded=("US",), territories=()), replace(OFFER, end="2027-01-01")
    assert [one.reason for one in allowed([abroad, ending], strict).withheld] == [Reason.NOT_WORLDWIDE, Reason.ENDS]


MODELS, USES, PROBES = ("M1", "M2", "M3"), ("U1", "U2", "U3"), ("GB", "US", "BQ", "RS", "XK", "FR")
CODES = st.sampled_from(["Worldwide", "GB", "US", "FR", "AN", "CS", "BQ", "XK", "DE"])
ODD = st.sampled_from(["826", "2130", "ES-CN", "SUHH"])
DAY = date(2026, 5, 1)
DAYS = st.none() | st.integers(0, 6).map(lambda number: (DAY + timedelta(number)).isoformat())
TRACKS = (0, 1, 2)


def some(values: Iterable[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(list(values)), max_size=3, unique=True).map(tuple)


def codes(with_odd: bool) -> st.SearchStrategy[tuple[tuple[str, ...], tuple[str, ...]]]:
    listed = st.lists(CODES | ODD if with_odd else CODES, min_size=1, max_size=3, unique=True).map(tuple)
    nothing: tuple[str, ...] = ()
    return listed.map(lambda one: (one, nothing)) | listed.map(lambda one: (nothing, one))


def offers(with_unknown: bool) -> st.SearchStrategy[Offer]:
    channels = st.lists(
        st.sampled_from([*MINE, *OTHERS, *(UNKNOWN if with_unknown else [])]), max_size=2, unique=True
    ).map(tuple)
    return st.builds(
        lambda models, uses, where, start, end, tracks, named, excluded: Offer(
            models, uses, where[0], where[1], start, end, tracks, channels=named, excluded_channels=excluded
        ),
        *(some(MODELS), some(USES), codes(with_unknown), DAYS, DAYS),
        st.lists(st.sampled_from(TRACKS), max_size=2, unique=True).map(tuple),
        *(channels, channels),
    )


CONTRACTS = st.builds(
    lambda models, uses, where: Contract(ALPHA, models, uses, where[0], where[1], (BETA,)),
    *(some(MODELS), some(USES), codes(with_odd=False) | st.just(((), ()))),
)
Cell = tuple[str, str, str, date, int]


def covers(code: str, territories: tuple[str, ...], excluded: tuple[str, ...]) -> bool:
    """Whether a deal holds in a territory, read off its codes one by one."""
    meant = {code, {"BQ": "AN", "RS": "CS"}.get(code, code)}
    apart = meant | ({"CS"} if code == "XK" else set())
    if apart & set(excluded) or "Worldwide" in excluded:
        return False
    return bool(excluded and not territories) or "Worldwide" in territories or bool(meant & set(territories))


def cells(found: Iterable[Offer]) -> Iterator[Cell]:
    for one in found:
        for day in (DAY + timedelta(number) for number in range(8)):
            if (one.start or "") <= day.isoformat() <= (one.end or "9"):
                for code in (code for code in PROBES if covers(code, one.territories, one.excluded)):
                    for track in one.tracks or TRACKS:
                        for model in one.models or ("-",):
                            yield from ((model, use, code, day, track) for use in one.uses or ("-",))


def given_to_alpha(one: Offer) -> bool:
    named = not one.channels or any(channel in MINE for channel in one.channels)
    return named and not any(channel in MINE for channel in one.excluded_channels)


def agreed(cell: Cell, contract: Contract) -> bool:
    model, use, code, _, _ = cell
    somewhere = contract.territories or contract.excluded
    return (
        (not contract.models or model in contract.models)
        and (not contract.uses or use in contract.uses)
        and (not somewhere or covers(code, contract.territories, contract.excluded))
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(offers(with_unknown=False), max_size=3), CONTRACTS)
def test_without_anything_unknown_exactly_what_both_give_is_sent(found: list[Offer], contract: Contract) -> None:
    right = {cell for cell in cells(filter(given_to_alpha, found)) if agreed(cell, contract)}
    outcome = allowed(found, contract)
    assert set(cells(outcome.offers)) == right
    assert all(one.channels == one.excluded_channels == () for one in outcome.offers)
    assert all(bool(one.territories) is not bool(one.excluded) for one in outcome.offers)


@settings(max_examples=300, deadline=None)
@given(st.lists(offers(with_unknown=True), max_size=3), CONTRACTS)
def test_with_unknown_channels_and_territories_never_more_is_sent(found: list[Offer], contract: Contract) -> None:
    certain = [
        one for one in found if given_to_alpha(one) and not any(map(UNKNOWN.__contains__, one.excluded_channels))
    ]
    right = {cell for cell in cells(certain) if agreed(cell, contract)}
    outcome = allowed(found, contract)
    assert set(cells(outcome.offers)) <= right
    assert right - set(cells(outcome.offers)) == set() or outcome.questions
