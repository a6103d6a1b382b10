"""Header, parties, artists, titles, genres and rights lines."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.core.message import Header, Party
from ingest.core.resources import Artist, Genre, Line, Title
from ingest.core.text import Text
from ingest.readers.ern.document import Element
from ingest.readers.ern.values import Source, attribute, descend, every, inherited, whole

ROLES = ("ArtistRole", "ResourceContributorRole", "IndirectResourceContributorRole", "MusicalWorkContributorRole")
_NAME_PARTS = ("NamesBeforeKeyName", "KeyName", "NamesAfterKeyName")


def read_header(source: Source, root: Element) -> Header | None:
    """The MessageHeader, with the UpdateIndicator that stands after it."""
    header = descend(root, "MessageHeader")
    if header is None:
        return None
    behalf = descend(header, "SentOnBehalfOf")
    sender = descend(header, "MessageSender")
    return Header(
        line=source.line(header),
        message_id=source.child(header, "MessageId"),
        thread_id=source.child(header, "MessageThreadId"),
        sender=None if sender is None else _party(source, sender),
        sent_on_behalf_of=None if behalf is None else _party(source, behalf),
        recipients=tuple(_party(source, party) for party in every(header, "MessageRecipient")),
        created=source.child(header, "MessageCreatedDateTime"),
        control_type=source.child(header, "MessageControlType"),
        update_indicator=source.child(root, "UpdateIndicator"),
    )


def _party(source: Source, party: Element) -> Party:
    return Party(source.texts(every(party, "PartyId")), name_of(source, party), source.line(party))


def name_of(source: Source, party: Element) -> Text | None:
    """The FullName of the first PartyName; where there is none, its parts joined."""
    name = descend(party, "PartyName")
    if name is None:
        return source.child(party, "FullName")
    full = source.child(name, "FullName")
    if full is not None and full.value:
        return full
    parts = [part for each in _NAME_PARTS if (part := source.child(name, each)) is not None and part.value]
    return Text(" ".join(part.value for part in parts), parts[0].line) if parts else full


def read_artists(source: Source, elements: Sequence[Element]) -> tuple[Artist, ...]:
    """DisplayArtists or contributors as they stand; by @SequenceNumber where every one has it."""
    artists = [_artist(source, element) for element in elements]
    if all(artist.sequence is not None for artist in artists):
        artists.sort(key=lambda artist: artist.sequence or 0)
    return tuple(artists)


def _artist(source: Source, element: Element) -> Artist:
    return Artist(
        name=name_of(source, element),
        roles=source.texts(child for role in ROLES for child in every(element, role)),
        line=source.line(element),
        sequence=whole(attribute(element, "SequenceNumber")),
    )


def read_title(source: Source, element: Element | None) -> Title | None:
    if element is None:
        return None
    text, subtitle = source.child(element, "TitleText"), source.child(element, "SubTitle")
    return Title(text, subtitle, source.line(element), attribute(element, "TitleType"))


def read_titles(source: Source, scopes: Sequence[Element]) -> tuple[Title, ...]:
    return tuple(title for each in inherited(scopes, "Title") if (title := read_title(source, each)) is not None)


def read_lines(source: Source, scopes: Sequence[Element], name: str) -> tuple[Line, ...]:
    """The PLines or CLines."""
    return tuple(
        Line(
            year=source.child(line, "Year"),
            company=source.child(line, f"{name}Company"),
            text=source.child(line, f"{name}Text"),
            line=source.line(line),
        )
        for line in inherited(scopes, name)
    )


def read_genres(source: Source, scopes: Sequence[Element]) -> tuple[Genre, ...]:
    return tuple(
        Genre(source.child(genre, "GenreText"), source.child(genre, "SubGenre"), source.line(genre))
        for genre in inherited(scopes, "Genre")
    )


def read_label_name(source: Source, scopes: Sequence[Element]) -> Text | None:
    """The LabelName to display; the first where none is marked so."""
    names = inherited(scopes, "LabelName")
    marked = [name for name in names if attribute(name, "LabelNameType") == "DisplayLabelName"]
    return next(iter(source.texts(marked or names)), None)
