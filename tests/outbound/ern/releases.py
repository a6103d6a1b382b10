"""Releases to write: those of real messages, and whatever a label may legally say, drawn at random."""

from __future__ import annotations

import tempfile
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st

from ingest.core.dossier import Dossier, Folder
from ingest.core.message import Message
from ingest.core.offer import Offer, OfferPrice
from ingest.core.release import Release, ReleaseTrack, joined_names
from ingest.core.release_parts import (
    GRID,
    Credit,
    ExternalId,
    ReleaseGenre,
    ReleaseImage,
    RightsLine,
    TerritoryDetails,
    TypedTitle,
)
from ingest.core.release_reading import release_of
from ingest.core.sent_file import SentAudio, SentFile, SentImage
from ingest.outbound.ern.outgoing import MessageParty, Outgoing, Transmission
from ingest.readers.ern.message import read_message
from ingest.readers.ern.values import UNKNOWN

OURS = MessageParty("PADPIDA2026010101A", "InterSpace")
DSP = MessageParty("PADPIDA2013020802I", "Tube")
CREATED = datetime(2026, 11, 30, 12, 0, 0, 123000, tzinfo=UTC)
TRANSMISSION = Transmission("M-1", "T-1", OURS, (DSP,), CREATED)
STREAMS = Offer(
    ("SubscriptionModel", "AdvertisementSupportedModel"), ("OnDemandStream",), ("Worldwide",), start="2026-05-01"
)


def message_in(data: bytes) -> Message:
    """What our own reader makes of a message."""
    with tempfile.TemporaryDirectory() as where:
        path = Path(where) / "message.xml"
        path.write_bytes(data)
        message = read_message(path, path.name)
    assert isinstance(message, Message), message
    return message


def release_in(message: Message) -> Release:
    release = release_of(Dossier(Folder("F"), message, None))
    assert release is not None
    return release


def sent_audio(path: str) -> SentFile:
    return SentFile(
        f"resources/{path}.flac",
        path,
        1000,
        "0" * 31 + "a",
        "0" * 39 + "b",
        "0" * 63 + "c",
        SentAudio("FLAC", 44100, 24, 2, 31.25),
    )


def sent_image(path: str) -> SentFile:
    digests = ("1" * 32, "2" * 40, "3" * 64)
    return SentFile(f"resources/{path}", path, 500, *digests, image=SentImage("JPEG", 3000, 3000))


def with_files(release: Release) -> Release:
    """The release with a file for each track and image."""
    tracks = tuple(replace(track, file=f"{track.number:02}.wav") for track in release.tracks)
    images = tuple(replace(image, file=f"image{place}.jpg") for place, image in enumerate(release.images))
    return replace(release, tracks=tracks, images=images)


def without_files(release: Release) -> Release:
    tracks = tuple(replace(track, file=None, preview=None) for track in release.tracks)
    images = tuple(replace(image, file=None) for image in release.images)
    return replace(release, tracks=tracks, images=images)


def outgoing_of(release: Release, *offers: Offer, has_files: bool = True) -> Outgoing:
    """A message about a release with or without its files."""
    said = with_files(release)
    audio = {track.file: sent_audio(track.file) for track in said.tracks if track.file is not None}
    pictures = {image.file: sent_image(image.file) for image in said.images if image.file is not None}
    return Outgoing(TRANSMISSION, said, offers, {**audio, **pictures} if has_files else {})


# Releases drawn at random

NAMESPACE = "DPID:PADPIDA2026010102B"
ROLES = ("MainArtist", "FeaturedArtist", "Band", "Conductor", "Orchestra")
texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=30).map(
    lambda text: "x" if not text.strip() or text.strip() in UNKNOWN else text.strip()
)
"""What XML can hold, without blanks at its ends and the spellings of "not known", which no reader keeps."""
years = st.integers(1900, 2100).map(str)
dates = st.dates().map(lambda day: day.isoformat()) | years
names = st.builds(ExternalId, texts, st.sampled_from(("ISNI", "DPID", "IPN", None)))
ids = st.lists(st.builds(ExternalId, texts, st.just(NAMESPACE)), max_size=2).map(tuple)
some_ids = st.lists(st.builds(ExternalId, texts, st.just(NAMESPACE)), min_size=1, max_size=2).map(tuple)
genres = st.lists(st.builds(ReleaseGenre, texts, st.none() | texts), max_size=2).map(tuple)
warnings = st.sampled_from(((), ("NotExplicit",), ("Explicit",), ("NoAdviceAvailable",), ("ExplicitContentEdited",)))
lines = st.lists(st.builds(RightsLine, st.none() | years, st.none() | texts, texts), max_size=2).map(tuple)
titles = st.lists(
    st.builds(
        TypedTitle,
        texts,
        st.none() | texts,
        st.sampled_from(("TranslatedTitle", "AlternativeTitle")),
        st.sampled_from(("fr", "ja-Kana", None)),
    ),
    max_size=2,
).map(tuple)


def credits(roles: tuple[str, ...], fewest: int = 0) -> st.SearchStrategy[tuple[Credit, ...]]:
    some = st.lists(st.sampled_from(roles), min_size=1, max_size=3, unique=True).map(tuple)
    one = st.builds(Credit, texts, some, st.lists(names, max_size=2).map(tuple))
    return st.lists(one, min_size=fewest, max_size=3).map(tuple)


places = st.sampled_from(((("GB", "FR"), ()), ((), ("US",)), ((), ())))
artists = credits(ROLES, 1)


@st.composite
def elsewhere(draw: st.DrawFn, *, is_release: bool) -> TerritoryDetails:
    """What differs in Japan."""
    dated = st.none() | dates if is_release else st.none()
    return TerritoryDetails(
        territories=("JP", "KR"),
        titles=draw(titles),
        artists=draw(credits(ROLES)),
        display_name=draw(st.none() | texts),
        label_name=draw(st.none() | texts),
        genres=draw(genres),
        parental_warnings=draw(warnings),
        p_lines=draw(lines),
        c_lines=draw(lines) if is_release else (),
        release_date=draw(dated),
        original_date=draw(dated),
    )


def _unlike(name: str | None, joined: str | None) -> str | None:
    return None if name == joined else name


ALWAYS = ("territories", "display_name")
"""What is written of every release, also where it does not say it."""
Part = TypeVar("Part", Release, ReleaseTrack)


def as_read(part: Part) -> Part:
    """Without what only other territories say: the reader takes that for everywhere."""
    names = [one.name for one in fields(TerritoryDetails) if hasattr(part, one.name) and not getattr(part, one.name)]
    silent: dict[str, Any] = {name: getattr(TerritoryDetails(), name) for name in names if name not in ALWAYS}
    return replace(part, elsewhere=tuple(replace(one, **silent) for one in part.elsewhere))


@st.composite
def tracks(draw: st.DrawFn, number: int, disc: int) -> ReleaseTrack:
    shown, credited = draw(st.none() | texts), draw(artists)
    territories, excluded = draw(places)
    own = (*(ExternalId("A12425GABC1234002M", GRID) for _ in range(draw(st.integers(0, 1)))), *draw(ids))
    track = ReleaseTrack(
        number=number,
        disc=disc,
        isrc=f"GBDUM26{number:05}",
        title=draw(texts),
        version=draw(st.none() | texts),
        artists=credited,
        seconds=draw(st.integers(0, 40_000_000)) / 1000,
        p_lines=draw(lines),
        type=draw(st.sampled_from(("MusicalWorkSoundRecording", "SpokenWordSoundRecording"))),
        catalogue_number=draw(st.none() | texts),
        ids=draw(ids),
        iswcs=draw(st.sampled_from(((), ("T0345246801",)))),
        other_titles=draw(titles),
        display_name=_unlike(shown, joined_names(credited)),
        contributors=draw(credits(("Producer", "StudioPersonnel"))),
        writers=draw(credits(("Composer", "Lyricist"))),
        label_name=draw(st.none() | texts),
        genres=draw(genres),
        parental_warnings=draw(warnings),
        language=draw(st.sampled_from(("en", "yo", None))),
        is_instrumental=draw(st.sampled_from((True, False, None))),
        territories=territories,
        excluded=excluded,
        elsewhere=draw(st.lists(elsewhere(is_release=False), max_size=1).map(tuple)),
        release_ids=own,
    )
    return as_read(track)


@st.composite
def releases(draw: st.DrawFn) -> Release:
    """A release as it is read from a message: on one to three discs, with files nowhere."""
    discs = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    places_on_discs = [disc for disc, length in enumerate(discs, start=1) for _ in range(length)]
    shown, credited = draw(st.none() | texts), draw(artists)
    territories, excluded = draw(places)
    image = st.builds(ReleaseImage, st.none(), st.sampled_from(("FrontCoverImage", "BackCoverImage")), some_ids)
    release = Release(
        barcode="5034567890120",
        grid=draw(st.sampled_from(("A12425GABC1234002M", None))),
        catalogue_number=draw(st.none() | texts),
        title=draw(texts),
        version=draw(st.none() | texts),
        artists=credited,
        label_name=draw(st.none() | texts),
        types=draw(st.sampled_from((("Album",), ("EP",), ("Single",), ("Album", "ClassicalAlbum")))),
        release_date=draw(dates),
        original_date=draw(st.none() | dates),
        genres=draw(genres),
        parental_warnings=draw(warnings),
        p_lines=draw(lines),
        c_lines=draw(lines),
        tracks=tuple(draw(tracks(number, disc)) for number, disc in enumerate(places_on_discs, start=1)),
        ids=draw(ids),
        other_titles=draw(titles),
        display_name=_unlike(shown, joined_names(credited)),
        territories=territories,
        excluded=excluded,
        elsewhere=draw(st.lists(elsewhere(is_release=True), max_size=1).map(tuple)),
        images=draw(st.lists(image, max_size=2).map(tuple)),
        language=draw(st.sampled_from(("en", "fr", "ja"))),
    )
    return as_read(release)


prices = st.builds(
    OfferPrice,
    st.sampled_from(("StandardRetailPrice", "PreOrderPrice", None)),
    st.none() | texts,
    st.none() | texts,
    st.sampled_from(("6.99", None)),
    st.sampled_from(("9.99", None)),
    st.just("EUR"),
)
moments = st.sampled_from(("2026-05-01", "2026-05-01T12:00:00", "2026-05-01T00:00:00+01:00"))


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    """An offer of everything, or of the first track."""
    territories, excluded = draw(places.filter(any))
    return Offer(
        models=draw(st.sampled_from((("SubscriptionModel",), ("PayAsYouGoModel", "SubscriptionModel")))),
        uses=draw(st.sampled_from((("OnDemandStream",), ("PermanentDownload", "Stream")))),
        territories=territories,
        excluded=excluded,
        start=draw(st.none() | moments),
        end=draw(st.sampled_from((None, "2030-01-01"))),
        tracks=draw(st.sampled_from(((), (1,)))),
        prices=draw(st.lists(prices, max_size=1).map(tuple)),
        is_pre_order=draw(st.booleans()),
        pre_order_release=draw(st.sampled_from((None, "2026-05-01"))),
    )
