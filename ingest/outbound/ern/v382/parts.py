"""What recordings and releases share in ERN 3.8.2: parties, titles, genres, rights lines, territories, terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ingest.core.allowed import WORLDWIDE
from ingest.core.release import MAIN_ARTIST
from ingest.core.release_parts import Credit, ExternalId, ReleaseGenre, TypedTitle
from ingest.outbound.ern import markup
from ingest.outbound.ern.markup import Element, allowed, leaf, node

AVS: Final = "avs.xsd"
NO_TITLE: Final = "Untitled"
"""The text of a mandatory title where the release has none; such a release has not passed the checks."""


def term(parent: Element, name: str, value: str, values: str, namespace: str) -> None:
    """An element with a value of the list `values` of ERN 3.8.2; any other value is user-defined."""
    markup.term(parent, name, value, allowed(AVS, values), namespace)


def write_territories(parent: Element, territories: Sequence[str], excluded: Sequence[str] = ()) -> None:
    """Where something holds: everywhere if neither is given."""
    name, codes = ("ExcludedTerritoryCode", excluded) if excluded else ("TerritoryCode", territories or (WORLDWIDE,))
    for code in codes:
        leaf(parent, name, code)


def write_reference_title(parent: Element, title: str | None, version: str | None) -> None:
    """The ReferenceTitle, which is mandatory."""
    written = node(parent, "ReferenceTitle")
    leaf(written, "TitleText", title or NO_TITLE)
    leaf(written, "SubTitle", version)


def write_titles(parent: Element, title: str | None, version: str | None, others: Sequence[TypedTitle]) -> None:
    """The formal title and the one to display, unless another one stands for it, then all others."""
    said = {one.type for one in others}
    own = (TypedTitle(title, version, kind) for kind in ("FormalTitle", "DisplayTitle") if title and kind not in said)
    for one in (*own, *others):
        write_title(parent, one)


def write_title(parent: Element, title: TypedTitle) -> None:
    """One Title; a type that the standard has not is left out."""
    kind = title.type if title.type in allowed(AVS, "TitleType") else None
    written = node(parent, "Title", {"LanguageAndScriptCode": title.language, "TitleType": kind})
    leaf(written, "TitleText", title.text)
    leaf(written, "SubTitle", title.subtitle)


def write_artists(parent: Element, artists: Iterable[Credit], namespace: str) -> None:
    """DisplayArtists in order, each with at least one role."""
    for number, artist in enumerate(artists, start=1):
        written = node(parent, "DisplayArtist", {"SequenceNumber": str(number)})
        write_party(written, artist)
        for role in artist.roles or (MAIN_ARTIST,):
            term(written, "ArtistRole", role, "ArtistRole", namespace)


def write_contributors(parent: Element, name: str, credits: Iterable[Credit], namespace: str) -> None:
    """`ResourceContributor`s or `IndirectResourceContributor`s, in order."""
    values = "ResourceContributorRole" if name == "ResourceContributor" else "MusicalWorkContributorRole"
    for number, credit in enumerate(credits, start=1):
        written = node(parent, name, {"SequenceNumber": str(number)})
        write_party(written, credit)
        for role in credit.roles:
            term(written, f"{name}Role", role, values, namespace)


def write_party(parent: Element, credit: Credit) -> None:
    """A PartyName with its FullName, and the PartyIds."""
    leaf(node(parent, "PartyName"), "FullName", credit.name)
    for one in credit.ids:
        leaf(parent, "PartyId", one.value, _scheme(one))


def _scheme(one: ExternalId) -> dict[str, str | None]:
    return {f"Is{one.scheme}": "true"} if one.scheme in ("ISNI", "DPID") else {"Namespace": one.scheme}


def write_genres(parent: Element, genres: Iterable[ReleaseGenre]) -> None:
    """Genres with their sub-genres."""
    for genre in genres:
        written = node(parent, "Genre")
        leaf(written, "GenreText", genre.text)
        leaf(written, "SubGenre", genre.subgenre)


def write_warnings(parent: Element, warnings: Iterable[str], namespace: str) -> None:
    """ParentalWarningTypes; none where nothing was said."""
    for warning in warnings:
        term(parent, "ParentalWarningType", warning, "ParentalWarningType", namespace)
