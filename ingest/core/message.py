"""The ERN message as values: one shape for the guide's dialect and for genuine ERN 3.8.2.

Names are those of ERN 3.8.2. Everything a message says carries the line on which the label wrote it, counted from 1.
Nothing is judged here: a barcode may be nonsense, a reference may dangle, a date may not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    """`guide` is the spelling of the guide's own example, `ern` that of the standard."""

    GUIDE = "guide"
    ERN = "ern"


class MessageProblem(StrEnum):
    """Why a message could not be read at all."""

    MISSING = "missing"
    SEVERAL = "several"
    EMPTY = "empty"
    NOT_XML = "not-xml"
    DOCTYPE = "doctype"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    ENCODING = "encoding"
    OTHER_XML = "other-xml"
    OTHER_VERSION = "other-version"
    OTHER_MESSAGE = "other-message"


@dataclass(frozen=True, slots=True)
class UnreadableMessage:
    """A message that could not be read: which file, why, where, and what stood there.

    `found` is ours, never a library's sentence: the root element (other-xml, other-message), the version (`4.3`) or
    the namespace (other-version), the encoding declared (encoding), the character as `U+0001` or the line as it
    stands in the file (not-xml); None where there is nothing to show. `candidates` are the files (several, missing).
    """

    file: str | None
    problem: MessageProblem
    line: int | None = None
    found: str | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """One value of the message, stripped of outer blanks, with its line."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One change that normalisation made to the label's spelling (`UPC` read as `ICPN`)."""

    line: int
    found: str
    read_as: str


class SchemaProblem(StrEnum):
    UNEXPECTED_ELEMENT = "unexpected-element"
    MISSING_ELEMENT = "missing-element"
    MISSING_ATTRIBUTE = "missing-attribute"
    UNEXPECTED_ATTRIBUTE = "unexpected-attribute"
    VALUE_NOT_ALLOWED = "value-not-allowed"
    VALUE_FORM = "value-form"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """One departure from the content model of ERN 3.8.2.

    `element` is the element at fault, `parent` the one it stands in, `expected` the names or values that may stand
    there (at most a dozen), `nearest` the closest allowed value or name, where one is close. A missing element is
    itself `element`, and `line` the place where it belongs; of several that would do, `expected` names all. For a
    value of the wrong form `expected` is what it should look like (`PT3M42S`). An unexpected element that has its
    place elsewhere in `parent` names the siblings it belongs between in `after` and `before` (either may be None);
    one that stands too often is `repeated`; one unknown in `parent` names in `belongs_in` the elements that may hold
    it.
    """

    line: int
    problem: SchemaProblem
    element: str
    parent: str | None = None
    attribute: str | None = None
    found: str | None = None
    expected: tuple[str, ...] = ()
    nearest: str | None = None
    before: str | None = None
    after: str | None = None
    repeated: bool = False
    belongs_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    ids: tuple[Text, ...] = ()
    name: Text | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    line: int
    message_id: Text | None = None
    thread_id: Text | None = None
    sender: Party | None = None
    sent_on_behalf_of: Party | None = None
    recipients: tuple[Party, ...] = ()
    created: Text | None = None
    control_type: Text | None = None
    update_indicator: Text | None = None


@dataclass(frozen=True, slots=True)
class Artist:
    """A DisplayArtist or contributor: `roles` as written, `sequence` from @SequenceNumber."""

    name: Text | None
    roles: tuple[Text, ...]
    line: int
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """`type` is the @TitleType (FormalTitle, DisplayTitle, ...), None for ReferenceTitle."""

    text: Text | None
    subtitle: Text | None
    line: int
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A PLine or CLine."""

    year: Text | None
    company: Text | None
    text: Text | None
    line: int


@dataclass(frozen=True, slots=True)
class Genre:
    text: Text | None
    subgenre: Text | None
    line: int


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
    """A SoundRecording with what its default territory block says (ERN 3.8.2; inheritance per Release Profiles 4.2)."""

    line: int
    reference: Text | None
    isrc: Text | None
    type: Text | None = None
    catalog_number: Text | None = None
    proprietary_ids: tuple[Text, ...] = ()
    iswcs: tuple[Text, ...] = ()
    title: Title | None = None
    titles: tuple[Title, ...] = ()
    duration: Text | None = None
    duration_seconds: float | None = None
    language: Text | None = None
    is_instrumental: bool | None = None
    territories: tuple[Text, ...] = ()
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


@dataclass(frozen=True, slots=True)
class ImageResource:
    line: int
    reference: Text | None
    type: Text | None = None
    proprietary_ids: tuple[Text, ...] = ()
    technical_details: tuple[TechnicalDetails, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherResource:
    """A resource that is neither a sound recording nor an image (`kind` is its element: Video, Text, MIDI, ...)."""

    line: int
    kind: str
    reference: Text | None
    technical_details: tuple[TechnicalDetails, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """One place of a resource in a release: from ReleaseResourceReferenceList or a ResourceGroup.

    `disc` and `number` are the place in the running order, from 1, None outside a group; `sequence` is the
    SequenceNumber as the label wrote it.
    """

    reference: Text
    type: str | None = None
    disc: int | None = None
    number: int | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Release:
    line: int
    is_main: bool | None
    references: tuple[Text, ...] = ()
    barcode: Text | None = None
    barcode_element: str | None = None
    grid: Text | None = None
    isrc: Text | None = None
    catalog_number: Text | None = None
    proprietary_ids: tuple[Text, ...] = ()
    title: Title | None = None
    titles: tuple[Title, ...] = ()
    types: tuple[Text, ...] = ()
    resources: tuple[ResourceUse, ...] = ()
    groups: tuple[ResourceUse, ...] = ()
    territories: tuple[Text, ...] = ()
    display_artists: tuple[Artist, ...] = ()
    display_artist_name: Text | None = None
    label_name: Text | None = None
    genres: tuple[Genre, ...] = ()
    parental_warnings: tuple[Text, ...] = ()
    release_date: Text | None = None
    original_release_date: Text | None = None
    global_release_date: Text | None = None
    global_original_release_date: Text | None = None
    p_lines: tuple[Line, ...] = ()
    c_lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """A ValidityPeriod; either end may be open. Dates and date-times as written."""

    start: Text | None
    end: Text | None
    line: int


@dataclass(frozen=True, slots=True)
class Deal:
    """One Deal; `releases` are the DealReleaseReferences of the ReleaseDeal it stands in."""

    line: int
    releases: tuple[Text, ...]
    commercial_models: tuple[Text, ...] = ()
    use_types: tuple[Text, ...] = ()
    territories: tuple[Text, ...] = ()
    excluded_territories: tuple[Text, ...] = ()
    periods: tuple[Period, ...] = ()
    is_pre_order: bool = False
    is_takedown: bool = False
    has_prices: bool = False
    effective_date: Text | None = None
    pre_order_release_date: Text | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """Any anchor (xs:ID) or reference (xs:IDREF) of the message, by the element that carries it."""

    element: str
    value: str
    line: int
    is_anchor: bool


@dataclass(frozen=True, slots=True)
class TrackEntry:
    """One track of the main release in running order: `number` from 1 over the whole release."""

    number: int
    disc: int
    recording: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `main` indexes `releases`; `tracks` point into `recordings` by index, in running order.

    `schema_faults` holds the departures from the content model after normalisation; `rewrites` what normalisation
    changed. `version` is the number in the root namespace (`382`).
    """

    file: str
    root: str
    dialect: Dialect
    version: str
    schema_version_id: Text | None
    language: str | None
    header: Header | None
    recordings: tuple[SoundRecording, ...] = ()
    images: tuple[ImageResource, ...] = ()
    others: tuple[OtherResource, ...] = ()
    releases: tuple[Release, ...] = ()
    deals: tuple[Deal, ...] = ()
    references: tuple[Reference, ...] = ()
    main: int | None = None
    tracks: tuple[TrackEntry, ...] = ()
    has_deal_list: bool = False
    rewrites: tuple[Rewrite, ...] = ()
    schema_faults: tuple[SchemaFault, ...] = ()
    release_profile: str | None = None

    @property
    def main_release(self) -> Release | None:
        return None if self.main is None else self.releases[self.main]

    @property
    def release_date(self) -> Text | None:
        """The date of the main release, most trusted first; at last the earliest start of a deal."""
        release = self.main_release
        if release is None:
            return None
        written = (release.release_date, release.original_release_date)
        worldwide = (release.global_release_date, release.global_original_release_date)
        starts = [period.start for deal in self.deals for period in deal.periods if period.start is not None]
        earliest = min(starts, key=lambda start: start.value, default=None)
        return next((date for date in (*written, *worldwide, earliest) if date is not None), None)

    def recording_of(self, track: TrackEntry) -> SoundRecording:
        return self.recordings[track.recording]
