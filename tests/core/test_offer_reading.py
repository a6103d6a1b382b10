"""The offers that a message's deals make."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.core.deals import Deal, DealChannel, Period, Price
from ingest.core.message import Dialect, Header, Message, MessageRelease, ResourceUse, TrackEntry
from ingest.core.offer import Offer, OfferChannel, OfferPrice
from ingest.core.offer_reading import offers_of
from ingest.core.resources import SoundRecording
from ingest.core.territories import area
from ingest.core.text import Text

MODELS = ("SubscriptionModel", "AdvertisementSupportedModel")
START = "2026-05-01"
NORTH = ("CA", "US")
DAY = date(2026, 5, 1)


def texts(*values: str) -> tuple[Text, ...]:
    return tuple(Text(value, 1) for value in values)


def period(start: str | None = START, end: str | None = None) -> Period:
    first, last = (None if value is None else Text(value, 1) for value in (start, end))
    return Period(first, last, 1)


def deal(*releases: str, territories: Sequence[str] = ("Worldwide",), models: Sequence[str] = MODELS) -> Deal:
    return Deal(1, texts(*releases), texts(*models), texts("OnDemandStream"), texts(*territories), periods=(period(),))


def changed(one: Deal, **values: object) -> Deal:
    return replace(one, **values)  # type: ignore[arg-type]


def down(
    *releases: str, start: str | None = None, territories: Sequence[str] = ("Worldwide",), **values: object
) -> Deal:
    plain = Deal(1, texts(*releases), territories=texts(*territories), periods=(period(start),), is_takedown=True)
    return changed(plain, **values)


def release(name: str, *resources: str) -> MessageRelease:
    return MessageRelease(1, name == "R0", texts(name), resources=tuple(map(ResourceUse, texts(*resources))))


def message(*deals: Deal, created: str = "2026-06-01T10:00:00") -> Message:
    """Three tracks with track releases R1 to R3; R9 is a release of two of them."""
    named = ("A1", "A2", "A3")
    tracks = tuple(release(f"R{number}", f"A{number}", "A99") for number in (1, 2, 3))
    return Message(
        *("metadata.xml", "NewReleaseMessage", Dialect.ERN, "382", None, "en"),
        header=Header(1, created=Text(created, 1)),
        recordings=tuple(SoundRecording(1, Text(name, 1), None) for name in named),
        releases=(release("R0", *named), *tracks, release("R9", "A1", "A2")),
        deals=deals,
        main=0,
        tracks=tuple(TrackEntry(number, 1, number - 1) for number in (1, 2, 3)),
    )


def sold(*deals: Deal) -> list[tuple[tuple[int, ...], str]]:
    """What is offered: tracks and the territories."""
    return [
        (one.tracks, " ".join(one.territories) or "not " + " ".join(one.excluded)) for one in offers_of(message(*deals))
    ]


def test_a_deal_becomes_an_offer_with_everything_it_says() -> None:
    price = Price(1, "PreOrderPrice", Text("15", 1), Text("Mid", 1), Text("6.99", 1), Text("9.99", 1), "EUR")
    one = changed(
        deal("R0"),
        territories=(),
        excluded_territories=texts("US"),
        periods=(period(), period("2027-01-01T00:00:00", "2027-02-01T00:00:00")),
        is_pre_order=True,
        prices=(price,),
        pre_order_release_date=Text("2026-05-20", 1),
        channels=(DealChannel(1, texts("P1"), texts("Deezer"), Text("FR", 1)),),
        excluded_channels=(DealChannel(1, (), texts("Napster")),),
    )
    common = {
        "models": MODELS,
        "uses": ("OnDemandStream",),
        "excluded": ("US",),
        "tracks": (0,),
        "prices": (OfferPrice("PreOrderPrice", "15", "Mid", "6.99", "9.99", "EUR"),),
        "is_pre_order": True,
        "pre_order_release": "2026-05-20",
        "channels": (OfferChannel(("P1",), ("Deezer",), "FR"),),
        "excluded_channels": (OfferChannel((), ("Napster",)),),
    }
    assert offers_of(message(one)) == (
        Offer(start=START, **common),  # type: ignore[arg-type]
        Offer(start="2027-01-01T00:00:00", end="2027-02-01T00:00:00", **common),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        ([("R0",)], [()]),
        ([()], [()]),
        ([("R0", "R1", "R2", "R3")], [()]),
        ([("R1", "R2", "R3")], [(1, 2, 3)]),
        ([("R0", "R2")], [(0, 2)]),
        ([("R0",), ("R1",), ("R3",)], [(0,), (1,), (3,)]),
        ([("R9",)], []),
        ([("R0",), ("R9",)], [()]),
        ([("R77",)], []),
    ],
)
def test_a_deal_for_the_release_holds_for_its_tracks_unless_tracks_have_deals(
    references: list[tuple[str, ...]], expected: list[tuple[int, ...]]
) -> None:
    assert [one.tracks for one in offers_of(message(*(deal(*names) for names in references)))] == expected


def test_a_track_whose_own_deal_is_over_has_no_part_in_that_of_the_release() -> None:
    ended = changed(deal("R2"), periods=(period(START, "2026-05-20"),))
    assert [(one.tracks, one.end) for one in offers_of(message(deal("R0"), ended))] == [
        ((0, 1, 3), None),
        ((2,), "2026-05-20"),
    ]


def test_a_pre_order_of_the_release_is_none_of_its_tracks() -> None:
    ordered = changed(deal("R0"), is_pre_order=True)
    assert [one.tracks for one in offers_of(message(ordered, deal("R0")))] == [(0,), ()]


def test_no_deal_and_a_deal_without_terms_offer_nothing() -> None:
    assert offers_of(message()) == ()
    assert offers_of(message(changed(deal("R0"), has_terms=False))) == ()


@pytest.mark.parametrize(
    ("start", "effective", "expected"),
    [
        (START, None, START),
        (START, "2026-04-01", START),
        (START, "2026-05-02", "2026-05-02"),
        (None, "2026-05-02", "2026-05-02"),
        ("2026", "2026-05-02", "2026"),
    ],
)
def test_an_offer_begins_when_its_deal_is_effective(start: str | None, effective: str | None, expected: str) -> None:
    said = None if effective is None else Text(effective, 1)
    (one,) = offers_of(message(changed(deal("R0"), periods=(period(start),), effective_date=said)))
    assert one.start == expected


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        (down("R0"), []),
        (down("R0", territories=()), []),
        (down("R0", territories=NORTH), [((), "not CA US")]),
        (down("R0", territories=("2130",)), []),
        (down("R2"), [((0, 1, 3), "Worldwide")]),
        (down("R2", territories=NORTH), [((0, 1, 3), "Worldwide"), ((2,), "not CA US")]),
        (down("R9"), [((), "Worldwide")]),
        (down("R0", commercial_models=texts("PayAsYouGoModel")), [((), "Worldwide")]),
    ],
)
def test_what_a_deal_takes_down_is_taken_out_of_the_others(
    taken: Deal, left: list[tuple[tuple[int, ...], str]]
) -> None:
    assert sold(deal("R0"), taken) == left
    assert sold(taken, deal("R0")) == left


def test_a_takedown_of_one_model_leaves_the_other() -> None:
    (one,) = offers_of(message(deal("R0"), down("R0", commercial_models=texts(MODELS[0]))))
    assert (one.models, one.territories) == (MODELS[1:], ("Worldwide",))


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-05-01", "-"), ("2026-04-01", "-"), ("2026-05-02", "2026-05-01"), ("2026-09-01", "2026-08-31")],
)
def test_until_a_takedown_begins_its_territories_are_offered(start: str, end: str) -> None:
    offers = offers_of(message(deal("R0"), down("R0", start=start, territories=NORTH)))
    before = [] if end == "-" else [(NORTH, (), end)]
    assert [(one.territories, one.excluded, one.end) for one in offers] == [((), NORTH, None), *before]


def test_an_offer_that_ends_before_a_takedown_keeps_its_end() -> None:
    ends = changed(deal("R0"), periods=(period(START, "2026-06-01"),))
    (one,) = offers_of(message(ends, down("R0", start="2026-09-01")))
    assert (one.end, one.territories) == ("2026-06-01", ("Worldwide",))


def test_a_takedown_at_one_dsp_leaves_the_offer_to_the_others() -> None:
    at_one = down("R0", channels=(DealChannel(1, texts("P1")),))
    (one,) = offers_of(message(deal("R0"), at_one))
    assert (one.territories, one.excluded_channels) == (("Worldwide",), (OfferChannel(("P1",)),))


def test_equal_deals_are_one_offer() -> None:
    assert len(offers_of(message(deal("R0"), deal("R0")))) == 1


def test_an_offer_says_whether_its_channels_were_read() -> None:
    (one,) = offers_of(message(changed(deal("R0"), are_channels_read=False)))
    assert not one.are_channels_read


def test_a_message_of_more_deals_than_any_release_has_takes_whole_tracks_down_in_time() -> None:
    days = [(DAY + timedelta(number)).isoformat() for number in range(5000)]
    sold_often = [changed(deal("R0"), periods=(period(day),)) for day in days]
    taken_often = [down("R2", start=day, territories=NORTH) for day in days]
    began = time.process_time()
    assert {one.tracks for one in offers_of(message(*sold_often, *taken_often))} == {(0, 1, 3)}
    assert time.process_time() - began < 10


SOLD_MODELS, CODES, PLACES = ("M1", "M2"), ("Worldwide", "GB", "US", "BQ", "AN"), ("GB", "US", "BQ", "FR")
REFERENCES = ("R0", "R1", "R2", "R3", "R9")
Cell = tuple[str, str, date, int]


def some(values: Sequence[str], least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=3, unique=True).map(tuple)


DAYS = st.none() | st.integers(0, 6).map(lambda number: (DAY + timedelta(number)).isoformat())


def random_deals(is_takedown: bool) -> st.SearchStrategy[Deal]:
    return st.builds(
        lambda names, models, codes, is_excluded, start, end: changed(
            deal(*names, models=models, territories=() if is_excluded else codes),
            excluded_territories=texts(*codes) if is_excluded else (),
            periods=(period(start, None if is_takedown else end),),
            is_takedown=is_takedown,
        ),
        *(some(REFERENCES), some(SOLD_MODELS, 0 if is_takedown else 1), some(CODES, 1), st.booleans(), DAYS, DAYS),
    )


def tracks_of(one: Deal, inheriting: frozenset[int]) -> frozenset[int]:
    names = {text.value for text in one.releases} or {"R0"}
    main = frozenset({0}) | inheriting if "R0" in names else frozenset[int]()
    return main | {number for number in (1, 2, 3) if f"R{number}" in names}


def is_covered(code: str, one: Deal) -> bool:
    meant = {code, "AN"} if code == "BQ" else {code}
    if one.excluded_territories:
        return not ({*meant, "Worldwide"} & {text.value for text in one.excluded_territories})
    return bool({*meant, "Worldwide"} & {text.value for text in one.territories})


def cells_of(one: Deal, numbers: frozenset[int]) -> set[Cell]:
    (when,) = one.periods
    first, last = ("" if when.start is None else when.start.value), ("9" if when.end is None else when.end.value)
    models = [text.value for text in one.commercial_models] or list(SOLD_MODELS)
    days = [day for day in (DAY + timedelta(number) for number in range(-1, 8)) if first <= day.isoformat() <= last]
    places = [code for code in PLACES if is_covered(code, one)]
    return set(product(models, places, days, numbers))


def offered(found: Sequence[Offer]) -> set[Cell]:
    cells = set[Cell]()
    for one in found:
        days = [DAY + timedelta(number) for number in range(-1, 8)]
        held = [day for day in days if (one.start or "") <= day.isoformat() <= (one.end or "9")]
        places = area(one.territories, one.excluded).codes & set(PLACES)
        cells |= set(product(one.models, places, held, one.tracks or (0, 1, 2, 3)))
    return cells


@settings(max_examples=300, deadline=None)
@given(st.lists(random_deals(False), max_size=3), st.lists(random_deals(True), max_size=2))
def test_exactly_what_is_sold_and_not_taken_down_is_offered(selling: list[Deal], taking: list[Deal]) -> None:
    numbers = {one: tracks_of(one, frozenset()) - {0} for one in selling}
    every = frozenset({1, 2, 3})
    inheriting = frozenset[int]() if any(numbers.values()) else every
    right = set[Cell]().union(*(cells_of(one, tracks_of(one, inheriting)) for one in selling))
    gone = set[Cell]().union(*(cells_of(one, tracks_of(one, every)) for one in taking))
    assert offered(offers_of(message(*selling, *taking, created="2026-04-01T10:00:00"))) == right - gone
