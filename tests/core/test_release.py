"""What a release is: read from a dossier, known by the key of its barcode, its tracks by their ISRCs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.core.dossier import Dossier, Folder
from ingest.core.identifiers import LONGEST_IDENTIFIER
from ingest.core.message import MessageProblem, TrackEntry, UnreadableMessage
from ingest.core.release import (
    Credit,
    DateSource,
    Release,
    ReleaseTrack,
    RightsLine,
    release_key,
    release_of,
    track_keys,
)
from ingest.core.resources import Artist, Genre, Title
from tests.rules.dossiers import GOOD, MASTER, RECORDING, RELEASE, message_of, text, with_message, with_release

AYO = Credit("Ayo Lande", ("MainArtist",))


def said_of(dossier: Dossier) -> Release:
    said = release_of(dossier)
    assert said is not None
    return said


def test_a_release_is_what_its_message_says() -> None:
    rights = RightsLine("2026", None, "2026 Sunrise Records")
    assert release_of(GOOD) == Release(
        barcode="5034567890120",
        title="Sunrise",
        artists=(AYO,),
        type="Single",
        release_date="2026-04-01",
        p_line=rights,
        c_line=rights,
        tracks=(ReleaseTrack(1, 1, "GBDUM2600001", "Sunrise", artists=(AYO,), seconds=31.0),),
    )


def test_everything_that_a_message_may_say_is_kept_as_written() -> None:
    guest = Artist(text("Esi"), (text("FeaturedArtist"), text("Composer")), 1)
    full = with_release(
        replace(
            RELEASE,
            grid=text("A12425GABC1234002M"),
            catalog_number=text("CAT 1"),
            title=Title(text("Sunrise"), text("Live"), 1),
            display_artists=(replace(guest, roles=(text("MainArtist"),)), guest, Artist(None, (), 1)),
            label_name=text("Sunrise Records"),
            types=(text("Album"), text("LiveAlbum")),
            original_release_date=text("2019"),
            genres=(Genre(text("Afrobeats"), None, 1), Genre(None, text("Highlife"), 1), Genre(text("Pop"), None, 1)),
            parental_warnings=(text("NotExplicit"), text("Explicit")),
            p_lines=(),
        )
    )
    said = said_of(full)
    assert replace(said, tracks=(), c_line=None) == Release(
        barcode="5034567890120",
        grid="A12425GABC1234002M",
        catalogue_number="CAT 1",
        title="Sunrise",
        version="Live",
        artists=(Credit("Esi", ("MainArtist",)), Credit("Esi", ("FeaturedArtist", "Composer"))),
        label_name="Sunrise Records",
        type="Album",
        release_date="2026-04-01",
        original_date="2019",
        genres=("Afrobeats", "Pop"),
        parental_warning="NotExplicit",
    )
    assert (said.main_artists, said.display_artist) == (["Esi"], "Esi")


def test_tracks_stand_in_running_order_with_their_discs_and_measured_lengths() -> None:
    second = replace(
        RECORDING, isrc=text("GBDUM2600002"), title=Title(text("Dusk"), text("Edit"), 1), display_artists=()
    )
    second = replace(second, display_artist_name=text("Ama & Esi"), duration_seconds=200.5)
    message = replace(message_of((RECORDING, second)), tracks=(TrackEntry(1, 1, 1), TrackEntry(2, 2, 0)))
    longer = replace(with_message(message), audio=(replace(MASTER, duration=31.25),))
    assert said_of(longer).tracks == (
        ReleaseTrack(1, 1, "GBDUM2600002", "Dusk", "Edit", (Credit("Ama & Esi"),), 200.5),
        ReleaseTrack(2, 2, "GBDUM2600001", "Sunrise", None, (AYO,), 31.25),
    )


def test_what_a_message_does_not_say_is_not_there() -> None:
    bare = message_of((), (replace(RELEASE, barcode=None, title=None, types=(), release_date=None, p_lines=()),), ())
    assert said_of(with_message(replace(bare, releases=(replace(bare.releases[0], c_lines=()),)))) == Release()
    assert Release().display_artist is None


@pytest.mark.parametrize(
    "dossier",
    [
        Dossier(Folder("F"), None, UnreadableMessage(None, MessageProblem.MISSING)),
        with_message(message_of(releases=())),
    ],
)
def test_without_a_readable_main_release_there_is_none(dossier: Dossier) -> None:
    assert release_of(dossier) is None


@pytest.mark.parametrize(
    ("changes", "date", "source"),
    [
        ({}, "2026-04-01", DateSource.RELEASE_DATE),
        ({"original_release_date": text("2019")}, "2019", DateSource.OTHER_DATE),
        ({"global_original_release_date": text("2018")}, "2018", DateSource.OTHER_DATE),
        ({"release_date": None}, "2026-04-01", DateSource.DEAL),
    ],
)
def test_a_release_date_tells_where_it_is_from(changes: dict[str, object], date: str, source: DateSource) -> None:
    written = replace(RELEASE, **({"release_date": None} | changes if changes else {}))  # type: ignore[arg-type]
    said = said_of(with_release(written))
    assert (said.release_date, said.date_source) == (date, source)


# The same release


def test_a_upc_equals_the_ean_with_a_zero_in_front() -> None:
    assert release_key("036000291452") == release_key("0036000291452")
    assert release_key("036000291452") != release_key("0036000291453")


@given(st.integers(0, 10**14 - 1), st.integers(0, 9), st.integers(0, 9))
def test_every_spelling_of_a_barcode_has_one_key(number: int, zeros: int, others: int) -> None:
    assert release_key(f"{'0' * zeros}{number}") == release_key(f"{'0' * others}{number}") == f"{number:014}"


@given(st.text(max_size=300) | st.text("0123456789", max_size=300))
def test_a_key_is_that_of_the_barcode_as_stored_and_its_own(barcode: str) -> None:
    key = release_key(barcode)
    assert key == release_key(barcode[:LONGEST_IDENTIFIER]) == release_key(key)
    assert (key is None) is (barcode == "")
    assert key is None or len(key) <= LONGEST_IDENTIFIER


def test_what_is_no_number_is_its_own_key_and_nothing_has_none() -> None:
    assert [release_key(barcode) for barcode in ("0036-0002", "0A", "", None)] == ["0036-0002", "0A", None, None]


def test_a_track_is_known_by_its_isrc_or_else_by_its_place() -> None:
    listed = (
        ReleaseTrack(1, isrc="gb-dum-26-00001"),
        ReleaseTrack(2, isrc=""),
        ReleaseTrack(3, 2),
        ReleaseTrack(4, 2, "GBDUM2600001"),
    )
    assert list(track_keys(listed)) == [("GBDUM2600001", 1), ((1, 2), 1), ((2, 3), 1), ("GBDUM2600001", 2)]
