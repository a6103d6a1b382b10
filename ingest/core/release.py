"""A release: the album, EP or single itself, apart from the packages and messages that deliver it.

A label's releases are told apart by `release_key` of their barcodes. A release is read from the message of a package
(`release_reading`), or comes from elsewhere and has neither message nor folder. Its texts are as they were written;
what was not said is None or empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeVar

from ingest.core.identifiers import LONGEST_IDENTIFIER, canonical_isrc
from ingest.core.release_parts import (
    Credit,
    ExternalId,
    ReleaseGenre,
    ReleaseImage,
    RightsLine,
    TerritoryDetails,
    TypedTitle,
)

Value = TypeVar("Value")

MAIN_ARTIST: Final = "MainArtist"
GTIN_DIGITS: Final = 14
"""Digits of the longest barcode of GS1; shorter ones are filled with leading zeros."""


class DateSource(StrEnum):
    """Where a release date is from: ReleaseDate, another date of the release, or the earliest start of a deal."""

    RELEASE_DATE = "release date"
    OTHER_DATE = "other date"
    DEAL = "deal"


@dataclass(frozen=True, slots=True)
class ReleaseTrack:
    """One track; `number` counts from 1 over the whole release. `seconds` is measured, else as declared.

    `type` is a SoundRecordingType, `language` that of the performance. `display_name` is how its artists are to be
    shown where that is not their names joined. What depends on the territory holds for `territories`, or everywhere
    but in `excluded`; `elsewhere` is what differs in others. `file` and `preview` are paths in the package.
    `release_ids` are those of the track as a release of its own.
    """

    number: int
    disc: int = 1
    isrc: str | None = None
    title: str | None = None
    version: str | None = None
    artists: tuple[Credit, ...] = ()
    seconds: float | None = None
    p_lines: tuple[RightsLine, ...] = ()
    type: str | None = None
    catalogue_number: str | None = None
    ids: tuple[ExternalId, ...] = ()
    iswcs: tuple[str, ...] = ()
    other_titles: tuple[TypedTitle, ...] = ()
    display_name: str | None = None
    contributors: tuple[Credit, ...] = ()
    writers: tuple[Credit, ...] = ()
    label_name: str | None = None
    genres: tuple[ReleaseGenre, ...] = ()
    parental_warnings: tuple[str, ...] = ()
    language: str | None = None
    is_instrumental: bool | None = None
    territories: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    elsewhere: tuple[TerritoryDetails, ...] = ()
    release_ids: tuple[ExternalId, ...] = ()
    file: str | None = None
    preview: str | None = None

    @property
    def display_artist(self) -> str | None:
        return joined_names(self.artists)

    @property
    def p_line(self) -> RightsLine | None:
        """The first of several lines."""
        return first(self.p_lines)


@dataclass(frozen=True, slots=True)
class Release:
    """A release; `tracks` are in running order.

    `artists` are those of its tracks if the release itself names none, as in the guide. `types` are ReleaseTypes,
    `date_source` says where `release_date` is from. `display_name` is how its artists are to be shown where that is
    not their names joined. What depends on the territory holds for `territories`, or everywhere but in `excluded`;
    `elsewhere` is what differs in others. `language` is that of its texts.
    """

    barcode: str | None = None
    grid: str | None = None
    catalogue_number: str | None = None
    title: str | None = None
    version: str | None = None
    artists: tuple[Credit, ...] = ()
    label_name: str | None = None
    types: tuple[str, ...] = ()
    release_date: str | None = None
    date_source: DateSource = DateSource.RELEASE_DATE
    original_date: str | None = None
    genres: tuple[ReleaseGenre, ...] = ()
    parental_warnings: tuple[str, ...] = ()
    p_lines: tuple[RightsLine, ...] = ()
    c_lines: tuple[RightsLine, ...] = ()
    tracks: tuple[ReleaseTrack, ...] = ()
    ids: tuple[ExternalId, ...] = ()
    other_titles: tuple[TypedTitle, ...] = ()
    display_name: str | None = None
    territories: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    elsewhere: tuple[TerritoryDetails, ...] = ()
    images: tuple[ReleaseImage, ...] = ()
    language: str | None = None

    @property
    def main_artists(self) -> list[str]:
        return main_artists(self.artists)

    @property
    def display_artist(self) -> str | None:
        return joined_names(self.artists)

    @property
    def type(self) -> str | None:
        return first(self.types)

    @property
    def parental_warning(self) -> str | None:
        return first(self.parental_warnings)

    @property
    def p_line(self) -> RightsLine | None:
        """The first of several lines."""
        return first(self.p_lines)

    @property
    def c_line(self) -> RightsLine | None:
        """The first of several lines."""
        return first(self.c_lines)


def joined_names(credits: Sequence[Credit]) -> str | None:
    """The names of the main artists with commas between them; None where nobody is credited."""
    return ", ".join(main_artists(credits)) or None


def first(values: Sequence[Value]) -> Value | None:
    return values[0] if values else None


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
