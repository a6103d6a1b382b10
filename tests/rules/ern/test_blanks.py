"""Elements that are there and say nothing, and tracks that go without what they should have."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.message import Dialect, Header, Message, Party
from ingest.core.resources import Artist, Genre
from ingest.rules import check
from tests.rules.dossiers import GOOD, POLICY, RECORDING, RELEASE, codes, message_of, text, with_message

EMPTY = Genre(text("", 32), None, 32)
NAMED = replace(RELEASE, genres=(Genre(text("Afrobeats", 56), None, 56),))


def of(recording: object, release: object = RELEASE) -> Message:
    return message_of((recording,), (release,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (of(replace(RECORDING, genres=(EMPTY,)), NAMED), ["ERN-084"]),
        (of(replace(RECORDING, genres=(*RECORDING.genres, EMPTY))), ["ERN-084"]),
        (of(replace(RECORDING, genres=(EMPTY,))), ["ERN-036"]),
        (of(replace(RECORDING, label_name=text("", 33))), ["ERN-084"]),
        (of(RECORDING, replace(RELEASE, genres=(EMPTY,))), ["ERN-084"]),
        (of(RECORDING, replace(RELEASE, label_name=text("", 56))), ["ERN-084"]),
        (of(replace(RECORDING, genres=()), NAMED), []),
        (of(replace(RECORDING, label_name=text("Sunrise", 33))), []),
    ],
)
def test_an_empty_genre_or_label_is_told_on_tracks_and_on_the_release(message: Message, found: list[str]) -> None:
    assert codes(with_message(message)) == found


def test_an_empty_label_of_a_release_in_the_standard_s_form_is_told_as_missing() -> None:
    message = replace(of(RECORDING, replace(RELEASE, label_name=text("", 56))), dialect=Dialect.ERN)

    assert [code for code in codes(with_message(message)) if code in ("ERN-025", "ERN-084")] == ["ERN-025"]


def test_a_sender_whose_ids_are_all_empty_is_told_where_the_first_stands() -> None:
    parties = [Party((text(one, 11),)) for one in ("", "LABEL")]
    messages = [replace(of(RECORDING), header=Header(line=7, sender=party)) for party in parties]

    (finding,), none = (check(with_message(message), POLICY) for message in messages)

    assert (finding.code, finding.text) == ("ERN-084", "metadata.xml, line 11: <PartyId> is empty.")
    assert finding.fix == "Write the id of your label into <PartyId>."
    assert none == ()


def by(name: str) -> object:
    return replace(RELEASE, display_artists=(Artist(text(name, 31), (text("MainArtist", 31),), 31),))


@pytest.mark.parametrize(
    ("release", "found"),
    [
        (by("Ayo Lande"), "ERN-082"),
        (by("Various Artists"), "ERN-035"),
        (by("V/A"), "ERN-035"),
        (RELEASE, "ERN-035"),
    ],
)
def test_a_track_without_artists_has_those_of_the_release_unless_they_are_various(release: object, found: str) -> None:
    message = of(replace(RECORDING, display_artists=()), release)

    assert [code for code in codes(with_message(message)) if code.startswith("ERN")] == [found]


def test_a_display_name_is_an_artist() -> None:
    message = of(replace(RECORDING, display_artists=(), display_artist_name=text("Ayo Lande", 31)), by("Ayo Lande"))

    assert codes(with_message(message)) == []
    assert codes(GOOD) == []
