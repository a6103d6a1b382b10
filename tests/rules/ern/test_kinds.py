"""What a message is for, by its deals, its releases and what it asks to remove."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.deals import Period
from ingest.core.dossier import Dossier
from ingest.core.kind import Kind, kind_of, purpose_of
from ingest.core.message import MessageRelease
from ingest.core.resources import Identifier
from ingest.core.text import Text
from ingest.rules import check
from tests.rules.dossiers import DEAL, GOOD, POLICY, RELEASE, codes, message_of, text, with_deals, with_message

WITHOUT_MEDIA = replace(
    GOOD, folder=replace(GOOD.folder, entries=GOOD.folder.entries[:1]), files=(), audio=(), artwork=(), cover=None
)


def ending(end: str, start: str | None = None) -> Period:
    return Period(None if start is None else text(start, 64), text(end, 64), 64)


@pytest.mark.parametrize(
    ("period", "is_takedown"),
    [
        (ending("2026-03-19"), True),
        (ending("2026-03-20"), True),
        (ending("2026-03-21"), False),
        (ending("2031-12-31"), False),
        (ending("2026-03-19", "2026-01-01"), True),
        (ending("2026-03-20", "2026-01-01"), False),
        (ending("2031-12-31", "2026-04-01"), False),
    ],
)
@pytest.mark.parametrize("dossier", [GOOD, WITHOUT_MEDIA])
def test_a_deal_takes_down_where_it_had_ended_when_the_message_was_made(
    dossier: Dossier, period: Period, is_takedown: bool
) -> None:
    message = message_of(deals=(replace(DEAL, periods=(period,)),))  # made on 2026-03-20

    assert (kind_of(replace(dossier, message=message)) is Kind.TAKEDOWN) is is_takedown


def test_a_deal_that_ends_in_the_future_lacks_its_start_only() -> None:
    assert codes(with_deals(replace(DEAL, periods=(ending("2031-12-31"),)))) == ["ERN-064"]


BARE = replace(DEAL, line=59, territories=(), periods=(), has_terms=False, references=(text("X_MATCH_POLICY:y"),))


@pytest.mark.parametrize(
    ("deals", "found"),
    [
        ((DEAL, BARE), []),
        ((BARE, DEAL), []),
        ((BARE,), ["ERN-060"]),
        ((DEAL, replace(BARE, references=())), ["ERN-081"]),
        ((replace(BARE, references=()),), ["ERN-060"]),
        ((DEAL, replace(BARE, has_terms=True)), ["ERN-061", "ERN-064"]),
    ],
)
def test_a_deal_may_carry_a_reference_alone(deals: tuple[object, ...], found: list[str]) -> None:
    assert codes(with_deals(*deals)) == found  # type: ignore[arg-type]


def test_a_bare_reference_is_neither_a_takedown_nor_none() -> None:
    ended = replace(DEAL, periods=(ending("2026-01-01"),))

    assert purpose_of(replace(WITHOUT_MEDIA, message=message_of(deals=(ended, BARE)))) is Kind.TAKEDOWN
    assert purpose_of(replace(WITHOUT_MEDIA, message=message_of(deals=(DEAL, BARE)))) is Kind.NEW_RELEASE


TRACK = replace(RELEASE, line=70, types=(text("TrackRelease"),), references=(text("R2"),), barcode=None)


@pytest.mark.parametrize(
    ("releases", "found"),
    [
        ((RELEASE, TRACK), []),
        ((replace(RELEASE, is_main=True), TRACK), []),
        ((replace(RELEASE, is_main=True), replace(TRACK, is_main=True)), ["ERN-020"]),
        ((replace(RELEASE, is_main=True), replace(RELEASE, references=(text("R2"),))), []),
    ],
)
def test_only_one_release_of_any_kind_may_call_itself_the_main_one(
    releases: tuple[MessageRelease, ...], found: list[str]
) -> None:
    assert codes(with_message(message_of(releases=releases))) == found


def purge(*releases: MessageRelease) -> Dossier:
    message = replace(message_of((), releases, ()), root="PurgeReleaseMessage")
    return replace(WITHOUT_MEDIA, message=message, asked=False)


def blank(value: str) -> Text:
    return text(value, 52)


NAMELESS = MessageRelease(line=20, is_main=None)


@pytest.mark.parametrize(
    ("dossier", "found"),
    [
        (purge(replace(NAMELESS, barcode=blank("5034567890120"))), ["ERN-018"]),
        (purge(replace(NAMELESS, grid=blank("A12425GABC1234002M"))), ["ERN-018"]),
        (purge(replace(NAMELESS, proprietary_ids=(Identifier("X", 1),))), ["ERN-018"]),
        (purge(replace(NAMELESS, barcode=blank(""))), ["ERN-083"]),
        (purge(NAMELESS), ["ERN-083"]),
        (purge(), ["ERN-083"]),
        (replace(purge(NAMELESS), asked=True), ["ERN-083"]),
    ],
)
def test_a_purge_must_name_what_it_removes(dossier: Dossier, found: list[str]) -> None:
    assert [one.code for one in check(dossier, POLICY) if one.code.startswith(("ERN", "PKG-0"))] == found
