"""Territory blocks: what a resource or release says for all territories, and what for some of them only."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.core.resources import TerritoryBlock
from ingest.core.text import Text
from ingest.readers.ern.parties import read_artists, read_genres, read_label_name, read_lines, read_titles
from ingest.readers.ern.values import Node, Source, inherited

BY_TERRITORY = "DetailsByTerritory"


def scopes_of(resource: Node) -> list[Node]:
    """Where a resource says things: its territory blocks, the default first, then the resource itself."""
    blocks = [block for name in resource.named if name.endswith(BY_TERRITORY) for block in resource.nodes(name)]
    return [*blocks, resource]


def read_territories(source: Source, scopes: Sequence[Node]) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """Where the first territory block holds: its TerritoryCodes or, where it has these, its ExcludedTerritoryCodes."""
    excluded = source.texts(scopes[0].every("ExcludedTerritoryCode"))
    return (() if excluded else source.texts(inherited(scopes, "TerritoryCode"))), excluded


def read_blocks(source: Source, scopes: Sequence[Node]) -> tuple[TerritoryBlock, ...]:
    """What the territory blocks after the first one say, each by itself; `scopes` as from `scopes_of`."""
    return tuple(_block(source, block) for block in scopes[1:-1])


def _block(source: Source, block: Node) -> TerritoryBlock:
    alone = (block,)
    return TerritoryBlock(
        line=source.line(block.element),
        territories=source.texts(block.every("TerritoryCode")),
        excluded=source.texts(block.every("ExcludedTerritoryCode")),
        titles=read_titles(source, alone),
        display_artists=read_artists(source, block.every("DisplayArtist")),
        display_artist_name=source.child(block, "DisplayArtistName"),
        label_name=read_label_name(source, alone),
        genres=read_genres(source, alone),
        parental_warnings=source.texts(block.every("ParentalWarningType")),
        p_lines=read_lines(source, alone, "PLine"),
        c_lines=read_lines(source, alone, "CLine"),
        release_date=source.child(block, "ReleaseDate"),
        original_release_date=source.child(block, "OriginalReleaseDate"),
    )
