"""Releases: what they are, what they hold, in what order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from ingest.core.message import MessageRelease, ResourceUse
from ingest.core.text import Text
from ingest.readers.ern.blocks import read_blocks, read_territories, scopes_of
from ingest.readers.ern.document import Element
from ingest.readers.ern.groups import read_groups
from ingest.readers.ern.parties import (
    name_of,
    read_artists,
    read_genres,
    read_identifiers,
    read_label_name,
    read_lines,
    read_reference_title,
    read_titles,
)
from ingest.readers.ern.values import Node, Source, attribute, flag, inherited

BARCODES = ("ICPN", "UPC", "EAN")


def read_releases(source: Source, root: Node) -> tuple[MessageRelease, ...]:
    """The releases of the ReleaseList, or the one that a PurgeReleaseMessage takes back."""
    listed = root.first("ReleaseList")
    found = () if listed is None else listed.iterchildren("Release")
    return tuple(_release(source, Node(release)) for release in chain(found, root.every("PurgedRelease")))


def _release(source: Source, release: Node) -> MessageRelease:
    scopes = scopes_of(release)
    ids = [*release.nodes("ReleaseId"), release]
    barcode = _barcode(ids)
    titles = read_titles(source, scopes)
    artists = inherited(scopes, "DisplayArtist")
    territories, excluded = read_territories(source, scopes)
    return MessageRelease(
        line=source.line(release.element),
        is_main=flag(attribute(release.element, "IsMainRelease")),
        references=source.texts(release.every("ReleaseReference")),
        barcode=source.text(barcode),
        barcode_element=None if barcode is None else source.tree.written.get(barcode, barcode.tag),
        grid=source.first(ids, "GRid"),
        isrc=source.first(ids, "ISRC"),
        catalog_number=source.first(ids, "CatalogNumber"),
        proprietary_ids=read_identifiers(source, [child for each in ids for child in each.every("ProprietaryId")]),
        title=read_reference_title(source, release) or next(iter(titles), None),
        titles=titles,
        types=_types(source, scopes),
        resources=_resources(source, release),
        groups=read_groups(source, list(map(Node, inherited(scopes, "ResourceGroup")))),
        territories=territories,
        excluded_territories=excluded,
        display_artists=read_artists(source, artists),
        display_artist_name=source.first(scopes, "DisplayArtistName") or _first_name(source, release),
        label_name=read_label_name(source, scopes),
        genres=read_genres(source, scopes),
        parental_warnings=source.texts(inherited(scopes, "ParentalWarningType")),
        release_date=source.first(scopes, "ReleaseDate"),
        original_release_date=source.first(scopes, "OriginalReleaseDate"),
        global_release_date=source.first(scopes, "GlobalReleaseDate"),
        global_original_release_date=source.first(scopes, "GlobalOriginalReleaseDate"),
        p_lines=read_lines(source, scopes, "PLine"),
        c_lines=read_lines(source, scopes, "CLine"),
        blocks=read_blocks(source, scopes),
    )


def _barcode(ids: Sequence[Node]) -> Element | None:
    """The first barcode with digits in it; else the first that stands there at all."""
    found = [child for name in BARCODES for each in ids for child in each.every(name)]
    return next((code for code in found if (code.text or "").strip()), next(iter(found), None))


def _first_name(source: Source, release: Node) -> Text | None:
    """The name in a PurgedRelease, which knows contributors only."""
    contributor = release.node("ResourceContributor")
    return None if contributor is None else name_of(source, contributor)


def _types(source: Source, scopes: Sequence[Node]) -> tuple[Text, ...]:
    """ReleaseTypes: the release's own, then those that only a territory block says."""
    types: dict[str, Text] = {}
    for scope in (scopes[-1], *scopes[:-1]):
        for each in source.texts(scope.every("ReleaseType")):
            types.setdefault(each.value, each)
    return tuple(types.values())


def _resources(source: Source, release: Node) -> tuple[ResourceUse, ...]:
    listed = release.first("ReleaseResourceReferenceList")
    found = () if listed is None else listed.iterchildren("ReleaseResourceReference")
    return tuple(
        ResourceUse(reference, attribute(element, "ReleaseResourceType"))
        for element in found
        if (reference := source.text(element)) is not None
    )
