"""A release: the album, EP or single itself, apart from the packages and messages that deliver it.

A label's releases are told apart by `release_key` of their barcodes. A release is read from the message of a package
(`release_of`), or comes from elsewhere and has neither message nor folder. Its texts are as they were written; what was
not said is None or empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from ingest.core.dossier import Dossier, Track, tracks
from ingest.core.identifiers import LONGEST_IDENTIFIER, canonical_isrc
from ingest.core.message import Message, MessageRelease
from ingest.core.resources import Artist, Line, Title
from ingest.core.text import Text

MAIN_ARTIST: Final = "MainArtist"
GTIN_DIGITS: Final = 14
"""Digits of the longest barcode of GS1; shorter ones are filled with leading zeros."""


class DateSource(StrEnum):
    """Where a release date is from: ReleaseDate, another date of the release, or the earliest start of a deal."""

    RELEASE_DATE = "release date"
    OTHER_DATE = "other date"
    DEAL = "deal"


@dataclass(frozen=True, slots=True)
class Credit:
    """An artist and the roles that the release or track names for them."""

    name: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RightsLine:
    """A P line or C line."""

    year: str | None = None
    company: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseTrack:
    """One track; `number` counts from 1 over the whole release. `seconds` is measured, else as declared."""

    number: int
    disc: int = 1
    isrc: str | None = None
    title: str | None = None
    version: str | None = None
    artists: tuple[Credit, ...] = ()
    seconds: float | None = None
    p_line: RightsLine | None = None

    @property
    def display_artist(self) -> str | None:
        return ", ".join(main_artists(self.artists)) or None


@dataclass(frozen=True, slots=True)
class Release:
    """A release; `tracks` are in running order.

    `artists` are those of its tracks if the release itself names none, as in the guide. `type` is a ReleaseType,
    `date_source` says where `release_date` is from.
    """

    barcode: str | None = None
    grid: str | None = None
    catalogue_number: str | None = None
    title: str | None = None
    version: str | None = None
    artists: tuple[Credit, ...] = ()
    label_name: str | None = None
    type: str | None = None
    release_date: str | None = None
    date_source: DateSource = DateSource.RELEASE_DATE
    original_date: str | None = None
    genres: tuple[str, ...] = ()
    parental_warning: str | None = None
    p_line: RightsLine | None = None
    c_line: RightsLine | None = None
    tracks: tuple[ReleaseTrack, ...] = ()

    @property
    def main_artists(self) -> list[str]:
        return main_artists(self.artists)

    @property
    def display_artist(self) -> str | None:
        return ", ".join(self.main_artists) or None


def main_artists(credits: Sequence[Credit]) -> list[str]:
    """The names of the main artists; of all of them where none has that role."""
    main = [credit.name for credit in credits if MAIN_ARTIST in credit.roles]
    return main or [credit.name for credit in credits]


def release_key(barcode: str | None) -> str | None:
    """The same text for all spellings of one barcode, at most LONGEST_IDENTIFIER long; None without a barcode.

    Releases of one label with the same key are the same release; one without a key is the same as no other. Leading
    zeros do not count: a UPC equals the EAN that has one zero more (GS1 General Specifications).
    """
    kept = (barcode or "")[:LONGEST_IDENTIFIER]
    return kept.lstrip("0").zfill(GTIN_DIGITS) if kept.isdecimal() else kept or None


class Placed(Protocol):
    """What `track_keys` needs of a track, whether of a release or of a row."""

    @property
    def isrc(self) -> str | None: ...
    @property
    def disc(self) -> int: ...
    @property
    def number(self) -> int: ...


TrackKey = tuple[str | tuple[int, int], int]


def track_keys(listed: Iterable[Placed]) -> Iterator[TrackKey]:
    """What identifies a track while its release changes: its ISRC, or its place where it has none.

    The number behind it tells tracks of one release with the same ISRC apart.
    """
    seen: Counter[str | tuple[int, int]] = Counter()
    for track in listed:
        name = canonical_isrc(track.isrc or "") or (track.disc, track.number)
        seen[name] += 1
        yield name, seen[name]


def release_of(dossier: Dossier) -> Release | None:
    """The main release of the package's message; None where the message cannot be read or holds no release."""
    message = dossier.message
    main = None if message is None else message.main_release
    if message is None or main is None:
        return None
    return Release(
        barcode=_value(main.barcode),
        grid=_value(main.grid),
        catalogue_number=_value(main.catalog_number),
        title=_title(main.title),
        version=_version(main.title),
        artists=_artists(message, main),
        label_name=_value(main.label_name),
        type=_first(main.types),
        release_date=_value(message.release_date),
        date_source=_date_source(message, main),
        original_date=_value(main.original_release_date or main.global_original_release_date),
        genres=tuple(genre.text.value for genre in main.genres if genre.text is not None),
        parental_warning=_first(main.parental_warnings),
        p_line=_rights(main.p_lines),
        c_line=_rights(main.c_lines),
        tracks=_tracks(message, dossier),
    )


def _tracks(message: Message, dossier: Dossier) -> tuple[ReleaseTrack, ...]:
    joined = zip(message.tracks, tracks(dossier), strict=True)
    return tuple(_track(track, entry.disc) for entry, track in joined)


def _track(track: Track, disc: int) -> ReleaseTrack:
    recording = track.recording
    measured = None if track.audio is None else track.audio.duration
    return ReleaseTrack(
        number=track.number,
        disc=disc,
        isrc=_value(recording.isrc),
        title=_title(recording.title),
        version=_version(recording.title),
        artists=_credits(recording.display_artists) or _one(recording.display_artist_name),
        seconds=recording.duration_seconds if measured is None else measured,
        p_line=_rights(recording.p_lines),
    )


def _artists(message: Message, main: MessageRelease) -> tuple[Credit, ...]:
    """Those of the release, else its display name, else the main artists of its tracks, each once."""
    if _main_names(main.display_artists):
        return _credits(main.display_artists)
    if main.display_artist_name is not None:
        return _one(main.display_artist_name)
    each = (message.recording_of(track).display_artists for track in message.tracks)
    names = dict.fromkeys(name for artists in each for name in _main_names(artists))
    return tuple(Credit(name, (MAIN_ARTIST,)) for name in names)


def _main_names(artists: Sequence[Artist]) -> list[str]:
    """The names of the main artists, without those that have none; of all artists where none is a main artist."""
    main = [artist for artist in artists if any(role.value == MAIN_ARTIST for role in artist.roles)]
    return [artist.name.value for artist in main or artists if artist.name is not None]


def _credits(artists: Sequence[Artist]) -> tuple[Credit, ...]:
    named = ((artist.name, artist.roles) for artist in artists)
    return tuple(Credit(name.value, tuple(role.value for role in roles)) for name, roles in named if name is not None)


def _one(name: Text | None) -> tuple[Credit, ...]:
    return () if name is None else (Credit(name.value),)


def _date_source(message: Message, main: MessageRelease) -> DateSource:
    if main.release_date is not None or message.release_date is None:
        return DateSource.RELEASE_DATE
    others = (main.original_release_date, main.global_release_date, main.global_original_release_date)
    return DateSource.DEAL if others == (None, None, None) else DateSource.OTHER_DATE


def _rights(lines: Sequence[Line]) -> RightsLine | None:
    """The first of several lines."""
    return next((RightsLine(_value(line.year), _value(line.company), _value(line.text)) for line in lines), None)


def _title(title: Title | None) -> str | None:
    return None if title is None else _value(title.text)


def _version(title: Title | None) -> str | None:
    return None if title is None else _value(title.subtitle)


def _first(texts: Sequence[Text]) -> str | None:
    return _value(texts[0]) if texts else None


def _value(text: Text | None) -> str | None:
    return None if text is None else text.value
