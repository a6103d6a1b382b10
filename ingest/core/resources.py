"""The resources of a message: sound recordings, images and others, with their files."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.core.text import Text


@dataclass(frozen=True, slots=True)
class Identifier(Text):
    """A PartyId or ProprietaryId. `scheme` is its @Namespace, or `ISNI` or `DPID` where an attribute says so."""

    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class Artist:
    """A DisplayArtist or contributor: `roles` as written, `sequence` from @SequenceNumber, `ids` its PartyIds."""

    name: Text | None
    roles: tuple[Text, ...]
    line: int
    sequence: int | None = None
    ids: tuple[Identifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Title:
    """`type` is the @TitleType (FormalTitle, DisplayTitle, ...), None for ReferenceTitle.

    `language` is its own @LanguageAndScriptCode.
    """

    text: Text | None
    subtitle: Text | None
    line: int
    type: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A PLine or CLine."""

    year: Text | None
    company: Text | None
    text: Text | None
    line: int


@dataclass(frozen=True, slots=True)
class Genre:
    """A Genre: its GenreText and SubGenre, as written."""

    text: Text | None
    subgenre: Text | None
    line: int


@dataclass(frozen=True, slots=True)
class TerritoryBlock:
    """What a DetailsByTerritory after the first one says by itself; it inherits nothing here.

    Either `territories` or `excluded` holds what it is for. The dates are those of a release only.
    """

    line: int
    territories: tuple[Text, ...] = ()
    excluded: tuple[Text, ...] = ()
    titles: tuple[Title, ...] = ()
    display_artists: tuple[Artist, ...] = ()
    display_artist_name: Text | None = None
    label_name: Text | None = None
    genres: tuple[Genre, ...] = ()
    parental_warnings: tuple[Text, ...] = ()
    p_lines: tuple[Line, ...] = ()
    c_lines: tuple[Line, ...] = ()
    release_date: Text | None = None
    original_release_date: Text | None = None


@dataclass(frozen=True, slots=True)
class HashSum:
    """A declared hash sum as written; `hex` is it in lower-case hex, None for a placeholder or an unknown length."""

    value: Text
    algorithm: Text | None
    data_type: Text | None = None
    hex: str | None = None


@dataclass(frozen=True, slots=True)
class FileReference:
    """A file that the message names.

    `name` is what must exist in the release folder: FileName, URI or the last part of URL, as written. `path` is the
    FilePath as written, or what stands before the last `/` of a URL. `element` is the element the label used (`URI`,
    `FileName` or `URL`).
    """

    name: Text
    element: str
    path: Text | None = None
    hash_sum: HashSum | None = None
    is_preview: bool = False


@dataclass(frozen=True, slots=True)
class TechnicalDetails:
    """What the message declares about one file of a resource; rates in Hz, sizes in pixels."""

    line: int
    files: tuple[FileReference, ...] = ()
    codec: Text | None = None
    container: Text | None = None
    sample_rate: Text | None = None
    sample_rate_hz: float | None = None
    bits: Text | None = None
    channels: Text | None = None
    width: Text | None = None
    height: Text | None = None
    is_preview: bool = False


@dataclass(frozen=True, slots=True)
class SoundRecording:
    """A SoundRecording with what its default territory block says (ERN 3.8.2; inheritance per Release Profiles 4.2).

    `ids_line` and `block_line` are the lines of its SoundRecordingId and of that block, where it has them.
    `blocks` are the territory blocks after that one.
    """

    line: int
    reference: Text | None
    isrc: Text | None
    type: Text | None = None
    catalog_number: Text | None = None
    proprietary_ids: tuple[Identifier, ...] = ()
    iswcs: tuple[Text, ...] = ()
    title: Title | None = None
    titles: tuple[Title, ...] = ()
    duration: Text | None = None
    duration_seconds: float | None = None
    language: Text | None = None
    is_instrumental: bool | None = None
    territories: tuple[Text, ...] = ()
    excluded_territories: tuple[Text, ...] = ()
    display_artists: tuple[Artist, ...] = ()
    display_artist_name: Text | None = None
    contributors: tuple[Artist, ...] = ()
    writers: tuple[Artist, ...] = ()
    label_name: Text | None = None
    genres: tuple[Genre, ...] = ()
    parental_warnings: tuple[Text, ...] = ()
    p_lines: tuple[Line, ...] = ()
    sequence: int | None = None
    technical_details: tuple[TechnicalDetails, ...] = ()
    ids_line: int | None = None
    block_line: int | None = None
    blocks: tuple[TerritoryBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageResource:
    """An Image of the message."""

    line: int
    reference: Text | None
    type: Text | None = None
    proprietary_ids: tuple[Identifier, ...] = ()
    technical_details: tuple[TechnicalDetails, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherResource:
    """A resource that is neither a sound recording nor an image (`kind` is its element: Video, Text, MIDI, ...)."""

    line: int
    kind: str
    reference: Text | None
    technical_details: tuple[TechnicalDetails, ...] = ()
