"""What recordings and releases share in ERN 4.3: titles, display artists, labels, genres, warnings, rights lines.

What holds everywhere is marked as the default; what differs in a territory stands beside it, once for each territory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ingest.core.allowed import WORLDWIDE
from ingest.core.release import MAIN_ARTIST, Release, ReleaseTrack
from ingest.core.release_parts import Credit, ReleaseGenre, TerritoryDetails, TypedTitle
from ingest.outbound.ern import markup
from ingest.outbound.ern.markup import Element, allowed, flag, leaf, node
from ingest.outbound.ern.outgoing import shown_artist, shown_credits
from ingest.outbound.ern.v43.parties import Parties

AVS: Final = "avs43.xsd"
NO_TITLE: Final = "Untitled"
NO_ADVICE: Final = "NoAdviceAvailable"
"""The parental warning where the label gave none; 4.3 demands one."""
ARTIST: Final = "Artist"
"""The role of a displayed artist whose roles are none of those that are displayed."""
DISPLAY_TITLE: Final = "DisplayTitle"
ROLES: Final = {"Producer": "StudioProducer"}
"""Roles of ERN 3.8 that have another name in 4.3."""

Attributes = dict[str, str | None]
DEFAULT: Final[Attributes] = {"ApplicableTerritoryCode": WORLDWIDE, "IsDefault": flag(True)}


def term(parent: Element, name: str, value: str, values: str, namespace: str) -> None:
    """An element with a value of the list `values` of ERN 4.3; any other value is user-defined."""
    markup.term(parent, name, value, allowed(AVS, values), namespace)


def placed(elsewhere: Iterable[TerritoryDetails]) -> Iterator[tuple[Attributes, TerritoryDetails]]:
    """What differs, with the attributes of each territory in which it does."""
    for details in elsewhere:
        for code in details.territories:
            yield {"ApplicableTerritoryCode": code}, details


def write_titles(parent: Element, said: Release | ReleaseTrack) -> None:
    """DisplayTitleTexts, DisplayTitles and AdditionalTitles."""
    shown = [(dict(DEFAULT), _display_title(said.title, said.version, said.other_titles))]
    for attributes, details in placed(said.elsewhere):
        shown.extend((attributes, title) for title in details.titles[:1])
    for attributes, title in shown:
        leaf(parent, "DisplayTitleText", _joined(title), attributes)
    for attributes, title in shown:
        _write_title(parent, "DisplayTitle", title, attributes)
    for title in said.other_titles:
        if title.type != DISPLAY_TITLE:
            _write_title(parent, "AdditionalTitle", title, _title_type(title))


def _display_title(title: str | None, version: str | None, others: Sequence[TypedTitle]) -> TypedTitle:
    own = TypedTitle(title or NO_TITLE, version)
    return next((one for one in others if one.type == DISPLAY_TITLE), own)


def _joined(title: TypedTitle) -> str:
    """A title with its sub-title as listeners read it."""
    return f"{title.text} ({title.subtitle})" if title.subtitle else title.text


def _title_type(title: TypedTitle) -> Attributes:
    kind = title.type if title.type in allowed(AVS, "AdditionalTitleType") else None
    return {"LanguageAndScriptCode": title.language, "TitleType": kind}


def _write_title(parent: Element, name: str, title: TypedTitle, attributes: Attributes) -> None:
    written = node(parent, name, {"LanguageAndScriptCode": title.language, **attributes})
    leaf(written, "TitleText", title.text)
    leaf(written, "SubTitle", title.subtitle)


def write_display_artists(parent: Element, said: Release | ReleaseTrack, parties: Parties, namespace: str) -> None:
    """DisplayArtistNames, then DisplayArtists in order, each with the role that is displayed and all others."""
    leaf(parent, "DisplayArtistName", shown_artist(said) or NO_TITLE, dict(DEFAULT))
    for attributes, details in placed(said.elsewhere):
        leaf(parent, "DisplayArtistName", details.display_name, attributes)
    for number, credit in enumerate(shown_credits(said), start=1):
        written = node(parent, "DisplayArtist", {"SequenceNumber": str(number)})
        leaf(written, "ArtistPartyReference", parties.of(credit))
        shown = _displayed_role(credit)
        leaf(written, "DisplayArtistRole", shown)
        for role in credit.roles:
            if role != shown:
                term(written, "ArtisticRole", ROLES.get(role, role), "ContributorRole", namespace)


def _displayed_role(credit: Credit) -> str:
    if not credit.roles:
        return MAIN_ARTIST
    return next((role for role in credit.roles if role in allowed(AVS, "DisplayArtistRole")), ARTIST)


def write_contributors(parent: Element, credits: Iterable[Credit], parties: Parties, namespace: str) -> None:
    """Contributors and writers, in order."""
    for number, credit in enumerate(credits, start=1):
        written = node(parent, "Contributor", {"SequenceNumber": str(number)})
        leaf(written, "ContributorPartyReference", parties.of(credit))
        for role in credit.roles:
            term(written, "Role", ROLES.get(role, role), "ContributorRole", namespace)


def write_genres(parent: Element, genres: Iterable[ReleaseGenre], attributes: Attributes) -> None:
    """Genres with their sub-genres."""
    for genre in genres:
        written = node(parent, "Genre", attributes)
        leaf(written, "GenreText", genre.text)
        leaf(written, "SubGenre", genre.subgenre)


def write_warnings(parent: Element, said: Release | ReleaseTrack, namespace: str) -> None:
    """ParentalWarningTypes, at least one."""
    values = allowed(AVS, "ParentalWarningType")
    everywhere = [(dict(DEFAULT), one) for one in said.parental_warnings or (NO_ADVICE,)]
    elsewhere = [(place, one) for place, details in placed(said.elsewhere) for one in details.parental_warnings]
    for attributes, warning in (*everywhere, *elsewhere):
        if warning in values:
            leaf(parent, "ParentalWarningType", warning, attributes)
        else:
            ours = {"Namespace": namespace, "UserDefinedValue": warning}
            leaf(parent, "ParentalWarningType", markup.USER_DEFINED, {**attributes, **ours})
