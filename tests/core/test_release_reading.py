"""The release of a dossier: what its message says of the main release and its tracks, and what was measured."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.dossier import Dossier, Folder
from ingest.core.message import MessageProblem, ResourceUse, TrackEntry, UnreadableMessage
from ingest.core.release import DateSource, Release, ReleaseTrack
from ingest.core.release_parts import (
    Credit,
    ExternalId,
    ReleaseGenre,
    ReleaseImage,
    RightsLine,
    TerritoryDetails,
    TypedTitle,
)
from ingest.core.release_reading import release_of
from ingest.core.resources import Artist, Genre, Identifier, ImageResource, Line, TerritoryBlock, Title
from tests.rules.dossiers import GOOD, MASTER, RECORDING, RELEASE, message_of, text, with_message, with_release

AYO = Credit("Ayo Lande", ("MainArtist",))
SUNRISE = ReleaseTrack(
    1,
    1,
    "GBDUM2600001",
    "Sunrise",
    artists=(AYO,),
    seconds=31.0,
    writers=(Credit("Ada Obi", ("Composer",)),),
    genres=(ReleaseGenre("Afrobeats"),),
    parental_warnings=("NotExplicit",),
    file="01_Sunrise.wav",
)


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
        types=("Single",),
        release_date="2026-04-01",
        p_lines=(rights,),
        c_lines=(rights,),
        tracks=(SUNRISE,),
        images=(ReleaseImage("artwork.jpg", "FrontCoverImage"),),
        language="en",
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
    assert replace(said, tracks=(), c_lines=(), images=(), language=None) == Release(
        barcode="5034567890120",
        grid="A12425GABC1234002M",
        catalogue_number="CAT 1",
        title="Sunrise",
        version="Live",
        artists=(Credit("Esi", ("MainArtist",)), Credit("Esi", ("FeaturedArtist", "Composer"))),
        label_name="Sunrise Records",
        types=("Album", "LiveAlbum"),
        release_date="2026-04-01",
        original_date="2019",
        genres=(ReleaseGenre("Afrobeats"), ReleaseGenre("Pop")),
        parental_warnings=("NotExplicit", "Explicit"),
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
        replace(
            SUNRISE,
            isrc="GBDUM2600002",
            title="Dusk",
            version="Edit",
            artists=(Credit("Ama & Esi"),),
            seconds=200.5,
            file=None,
        ),
        replace(SUNRISE, number=2, disc=2, seconds=31.25),
    )


def test_what_a_message_does_not_say_is_not_there() -> None:
    bare = message_of((), (replace(RELEASE, barcode=None, title=None, types=(), release_date=None, p_lines=()),), ())
    silent = replace(bare, language=None, releases=(replace(bare.releases[0], c_lines=()),))
    assert replace(said_of(with_message(silent)), images=()) == Release()
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


def test_a_track_says_all_that_its_recording_says() -> None:
    isni = Identifier("0000000121707484", 1, "ISNI")
    full = replace(
        RECORDING,
        type=text("MusicalWorkSoundRecording"),
        catalog_number=text("CAT-1"),
        proprietary_ids=(Identifier("REC-1", 1, "DPID:PADPIDA2026010101A"),),
        iswcs=(text("T0345246801"),),
        titles=(Title(text("Sunrise"), None, 1, "FormalTitle"), Title(text("Aube"), None, 1, "TranslatedTitle", "fr")),
        display_artists=(replace(RECORDING.display_artists[0], ids=(isni,)),),
        display_artist_name=text("Ayo Lande & Friends"),
        contributors=(Artist(text("Kofi"), (text("Producer"), text("Mixer")), 1),),
        label_name=text("Sunrise"),
        p_lines=(Line(text("2026"), text("Sunrise"), text("(P) Sunrise"), 1), Line(None, None, text("(P) Moon"), 1)),
        language=text("yo"),
        is_instrumental=False,
        territories=(text("GB"), text("FR")),
        blocks=(TerritoryBlock(1, excluded=(text("GB"), text("FR")), label_name=text("Moonrise")),),
    )
    own = replace(
        RELEASE,
        is_main=False,
        grid=text("A12425GABC1234002M"),
        proprietary_ids=(Identifier("TR-1", 1, "DPID:PADPIDA2026010101A"),),
        resources=(ResourceUse(text("A1")),),
    )
    main = replace(RELEASE, resources=(ResourceUse(text("A1")), ResourceUse(text("A2"))))
    said = said_of(with_message(message_of((full,), (main, own))))
    assert said.tracks == (
        replace(
            SUNRISE,
            type="MusicalWorkSoundRecording",
            catalogue_number="CAT-1",
            ids=(ExternalId("REC-1", "DPID:PADPIDA2026010101A"),),
            iswcs=("T0345246801",),
            other_titles=(TypedTitle("Aube", None, "TranslatedTitle", "fr"),),
            artists=(replace(AYO, ids=(ExternalId("0000000121707484", "ISNI"),)),),
            display_name="Ayo Lande & Friends",
            contributors=(Credit("Kofi", ("Producer", "Mixer")),),
            label_name="Sunrise",
            p_lines=(RightsLine("2026", "Sunrise", "(P) Sunrise"), RightsLine(None, None, "(P) Moon")),
            language="yo",
            is_instrumental=False,
            territories=("GB", "FR"),
            elsewhere=(TerritoryDetails(excluded=("GB", "FR"), label_name="Moonrise"),),
            release_ids=(ExternalId("A12425GABC1234002M", "GRid"), ExternalId("TR-1", "DPID:PADPIDA2026010101A")),
        ),
    )


def test_images_have_the_files_that_they_were_found_in() -> None:
    image = ImageResource(1, text("A9"), text("FrontCoverImage"), (Identifier("IMG-1", 1, "NS"),))
    found = replace(GOOD.files[0], path="artwork.jpg", recording=None, image=0)
    dossier = replace(with_message(replace(message_of(), images=(image,))), files=(*GOOD.files, found))
    assert said_of(dossier).images == (ReleaseImage("artwork.jpg", "FrontCoverImage", (ExternalId("IMG-1", "NS"),)),)


def test_a_cover_that_no_image_names_is_an_image_all_the_same() -> None:
    silent = replace(GOOD, files=tuple(one for one in GOOD.files if one.image is None))
    unresolved = (
        ImageResource(1, text("A8"), text("BackCoverImage")),
        ImageResource(1, text("A9"), text("FrontCoverImage")),
    )
    told = replace(silent, message=replace(message_of(), images=unresolved))
    assert said_of(silent).images == (ReleaseImage("artwork.jpg", "FrontCoverImage"),)
    assert said_of(told).images == (
        ReleaseImage(None, "BackCoverImage"),
        ReleaseImage("artwork.jpg", "FrontCoverImage"),
    )
