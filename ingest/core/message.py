"""The ERN message as values: one shape for the guide's dialect and for genuine ERN 3.8.2.

Names are those of ERN 3.8.2. Every value has the line on which the label wrote it, counted from 1. Nothing is judged
here: a barcode may be nonsense, a reference may lead nowhere, a date may not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ingest.core.deals import Deal
from ingest.core.resources import (
    Artist,
    Genre,
    Identifier,
    ImageResource,
    Line,
    OtherResource,
    SoundRecording,
    TerritoryBlock,
    Title,
)
from ingest.core.schema_fault import SchemaFault
from ingest.core.text import Text


class Dialect(StrEnum):
    """`guide` is the spelling of the guide's own example, `ern` that of the standard."""

    GUIDE = "guide"
    ERN = "ern"


class MessageProblem(StrEnum):
    """Why a message could not be read at all."""

    MISSING = "missing"
    SEVERAL = "several"
    EMPTY = "empty"
    OTHER_DOCUMENT = "other-document"
    NOT_XML = "not-xml"
    CUT_OFF = "cut-off"
    UNCLOSED = "unclosed"
    UNOPENED = "unopened"
    MISMATCHED = "mismatched"
    UNFINISHED_TAG = "unfinished-tag"
    UNFINISHED_COMMENT = "unfinished-comment"
    HYPHENS = "hyphens"
    CDATA = "cdata"
    LESS_THAN = "less-than"
    AMPERSAND = "ampersand"
    ENTITY = "entity"
    CHARACTER = "character"
    QUOTES = "quotes"
    OPEN_QUOTE = "open-quote"
    NO_VALUE = "no-value"
    REPEATED_ATTRIBUTE = "repeated-attribute"
    BETWEEN_ATTRIBUTES = "between-attributes"
    PREFIX = "prefix"
    ESCAPED = "escaped"
    BEFORE_START = "before-start"
    AFTER_END = "after-end"
    DECLARATION = "declaration"
    SECOND_DECLARATION = "second-declaration"
    DOCTYPE = "doctype"
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    ENCODING = "encoding"
    OTHER_XML = "other-xml"
    OTHER_VERSION = "other-version"
    OTHER_MESSAGE = "other-message"


NOT_WELL_FORMED: Final = frozenset(
    {
        MessageProblem.OTHER_DOCUMENT,
        MessageProblem.NOT_XML,
        MessageProblem.CUT_OFF,
        MessageProblem.UNCLOSED,
        MessageProblem.UNOPENED,
        MessageProblem.MISMATCHED,
        MessageProblem.UNFINISHED_TAG,
        MessageProblem.UNFINISHED_COMMENT,
        MessageProblem.HYPHENS,
        MessageProblem.CDATA,
        MessageProblem.LESS_THAN,
        MessageProblem.AMPERSAND,
        MessageProblem.ENTITY,
        MessageProblem.CHARACTER,
        MessageProblem.QUOTES,
        MessageProblem.OPEN_QUOTE,
        MessageProblem.NO_VALUE,
        MessageProblem.REPEATED_ATTRIBUTE,
        MessageProblem.BETWEEN_ATTRIBUTES,
        MessageProblem.PREFIX,
        MessageProblem.ESCAPED,
        MessageProblem.BEFORE_START,
        MessageProblem.AFTER_END,
        MessageProblem.DECLARATION,
        MessageProblem.SECOND_DECLARATION,
    }
)
"""The problems of a file that is not XML, or not well-formed."""


@dataclass(frozen=True, slots=True)
class UnclosedTag:
    """An element opened on `line` and not closed: `</closed_by>` came first, or the end of the file (None).

    Both names are as written, with their prefixes.
    """

    name: str
    line: int
    closed_by: str | None = None


@dataclass(frozen=True, slots=True)
class UnreadableMessage:
    """A message that could not be read: which file, why, where, and what is there.

    `found` never is a library's text, but the root element (other-xml, other-message), the version (`4.3`) or the
    namespace (other-version), the declared encoding (encoding), what kind of document it is (other-document), the
    character as `U+0001` (character), a prefix as `ern:`, an entity as `&eacute;`, the name of an attribute (no-value,
    repeated-attribute), or the part of the line where a fault of the XML stands; None where there is nothing to show.
    `candidates` are the files (several, missing) or the encoding that fits the bytes (encoding). `unclosed` is the tag
    that causes cut-off, unclosed, unopened or mismatched.
    """

    file: str | None
    problem: MessageProblem
    line: int | None = None
    found: str | None = None
    candidates: tuple[str, ...] = ()
    unclosed: UnclosedTag | None = None


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One change that normalisation made to the label's spelling (`UPC` read as `ICPN`)."""

    line: int
    found: str
    read_as: str


@dataclass(frozen=True, slots=True)
class Party:
    """A party of the message: its PartyIds and its PartyName."""

    ids: tuple[Text, ...] = ()
    name: Text | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Header:
    """The MessageHeader, as written."""

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
class ResourceUse:
    """One place of a resource in a release: from ReleaseResourceReferenceList or a ResourceGroup.

    `disc` and `number` are the place in the running order, from 1, None outside a group; `sequence` is the
    SequenceNumber as the label wrote it. `group` numbers the innermost ResourceGroup around it, from 1; `beside` are
    the SequenceNumbers of the groups that stand in that group beside it.
    """

    reference: Text
    type: str | None = None
    disc: int | None = None
    number: int | None = None
    sequence: int | None = None
    group: int | None = None
    beside: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageRelease:
    """A Release composite of a message, as written; `core.release.Release` is made of the main one.

    What depends on the territory is what its first territory block says; `blocks` are the others.
    """

    line: int
    is_main: bool | None
    references: tuple[Text, ...] = ()
    barcode: Text | None = None
    barcode_element: str | None = None
    grid: Text | None = None
    isrc: Text | None = None
    catalog_number: Text | None = None
    proprietary_ids: tuple[Identifier, ...] = ()
    title: Title | None = None
    titles: tuple[Title, ...] = ()
    types: tuple[Text, ...] = ()
    resources: tuple[ResourceUse, ...] = ()
    groups: tuple[ResourceUse, ...] = ()
    territories: tuple[Text, ...] = ()
    excluded_territories: tuple[Text, ...] = ()
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
    blocks: tuple[TerritoryBlock, ...] = ()


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
    changed. `version` is the number in the root namespace (`382`). `isnis` are the PartyIds with @IsISNI.
    `is_backfill`: the message says that it delivers what has been out for long.
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
    releases: tuple[MessageRelease, ...] = ()
    deals: tuple[Deal, ...] = ()
    references: tuple[Reference, ...] = ()
    main: int | None = None
    tracks: tuple[TrackEntry, ...] = ()
    has_deal_list: bool = False
    rewrites: tuple[Rewrite, ...] = ()
    schema_faults: tuple[SchemaFault, ...] = ()
    release_profile: str | None = None
    isnis: tuple[Text, ...] = ()
    is_backfill: bool = False

    @property
    def main_release(self) -> MessageRelease | None:
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
