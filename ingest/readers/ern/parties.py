"""Header, parties, artists, titles, genres and rights lines."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.core.message import Header, Party
from ingest.core.resources import Artist, Genre, Identifier, Line, Title
from ingest.core.text import Text, cut
from ingest.readers.ern.document import Element
from ingest.readers.ern.values import Node, Source, attribute, flag, inherited, whole

ROLES = ("ArtistRole", "ResourceContributorRole", "IndirectResourceContributorRole", "MusicalWorkContributorRole")
_NAME_PARTS = ("NamesBeforeKeyName", "KeyName", "NamesAfterKeyName")


def read_header(source: Source, root: Node) -> Header | None:
    """The MessageHeader, with the UpdateIndicator that stands after it."""
    header = root.node("MessageHeader")
    if header is None:
        return None
    behalf, sender = header.node("SentOnBehalfOf"), header.node("MessageSender")
    return Header(
        line=source.line(header.element),
        message_id=source.child(header, "MessageId"),
        thread_id=source.child(header, "MessageThreadId"),
        sender=None if sender is None else _party(source, sender),
        sent_on_behalf_of=None if behalf is None else _party(source, behalf),
        recipients=tuple(_party(source, party) for party in header.nodes("MessageRecipient")),
        created=source.child(header, "MessageCreatedDateTime"),
        control_type=source.child(header, "MessageControlType"),
        update_indicator=source.child(root, "UpdateIndicator"),
    )


def _party(source: Source, party: Node) -> Party:
    return Party(source.texts(party.every("PartyId")), name_of(source, party), source.line(party.element))


def read_isnis(source: Source, root: Element) -> tuple[Text, ...]:
    """The PartyIds of artists, writers and companies that say that they are an ISNI."""
    return source.texts(one for one in root.iter("PartyId") if flag(attribute(one, "IsISNI")))


def name_of(source: Source, party: Node) -> Text | None:
    """The FullName of the first PartyName; where there is none, its parts joined."""
    name = party.node("PartyName")
    return source.child(party, "FullName") if name is None else full_name(source, name)


def full_name(source: Source, name: Node) -> Text | None:
    """The FullName of a PartyName; where there is none, its parts joined."""
    full = source.child(name, "FullName")
    if full is not None and full.value:
        return full
    parts = [part for each in _NAME_PARTS if (part := source.child(name, each)) is not None and part.value]
    return Text(cut(" ".join(part.value for part in parts)), parts[0].line) if parts else full


def read_artists(source: Source, elements: Sequence[Element]) -> tuple[Artist, ...]:
    """DisplayArtists or contributors as they stand; by @SequenceNumber where every one has it."""
    artists = [_artist(source, Node(element)) for element in elements]
    if all(artist.sequence is not None for artist in artists):
        artists.sort(key=lambda artist: artist.sequence or 0)
    return tuple(artists)


def _artist(source: Source, artist: Node) -> Artist:
    return Artist(
        name=name_of(source, artist),
        roles=source.texts([child for role in ROLES for child in artist.every(role)]),
        line=source.line(artist.element),
        sequence=whole(attribute(artist.element, "SequenceNumber")),
        ids=read_identifiers(source, artist.every("PartyId")),
    )


def read_identifiers(source: Source, elements: Sequence[Element]) -> tuple[Identifier, ...]:
    """PartyIds or ProprietaryIds with what they are an identifier of."""
    if not elements:
        return ()
    found = [(source.text(element), element) for element in elements]
    return tuple(
        [Identifier(text.value, text.line, _scheme(element)) for text, element in found if text and text.value]
    )


def _scheme(element: Element) -> str | None:
    if flag(element.get("IsISNI")):
        return "ISNI"
    return "DPID" if flag(element.get("IsDPID")) else attribute(element, "Namespace")


def read_title(source: Source, title: Node) -> Title:
    return Title(
        text=source.child(title, "TitleText"),
        subtitle=source.child(title, "SubTitle"),
        line=source.line(title.element),
        type=attribute(title.element, "TitleType"),
        language=attribute(title.element, "LanguageAndScriptCode"),
    )


def read_reference_title(source: Source, owner: Node) -> Title | None:
    """The ReferenceTitle of a resource or release."""
    title = owner.node("ReferenceTitle")
    return None if title is None else read_title(source, title)


def read_titles(source: Source, scopes: Sequence[Node]) -> tuple[Title, ...]:
    return tuple(read_title(source, Node(title)) for title in inherited(scopes, "Title"))


def read_lines(source: Source, scopes: Sequence[Node], name: str) -> tuple[Line, ...]:
    """The PLines or CLines."""
    return tuple(
        Line(
            year=source.child(line, "Year"),
            company=source.child(line, f"{name}Company"),
            text=source.child(line, f"{name}Text"),
            line=source.line(line.element),
        )
        for line in map(Node, inherited(scopes, name))
    )


def read_genres(source: Source, scopes: Sequence[Node]) -> tuple[Genre, ...]:
    return tuple(
        Genre(source.child(genre, "GenreText"), source.child(genre, "SubGenre"), source.line(genre.element))
        for genre in map(Node, inherited(scopes, "Genre"))
    )


def read_label_name(source: Source, scopes: Sequence[Node]) -> Text | None:
    """The LabelName to display; the first where none is marked so."""
    names = inherited(scopes, "LabelName")
    marked = [name for name in names if attribute(name, "LabelNameType") == "DisplayLabelName"]
    return next(iter(source.texts(marked or names)), None)
