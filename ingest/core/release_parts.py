"""What releases and tracks consist of: identifiers, credits, titles, rights lines, genres, images.

Texts are as they were written. None and empty mean: not said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GRID: Final = "GRid"
"""The scheme of a GRid among the identifiers of a track's own release."""


@dataclass(frozen=True, slots=True)
class ExternalId:
    """An identifier that others gave; `scheme` is `ISNI`, `DPID`, `GRid` or a namespace (`DPID:PADPIDA...`)."""

    value: str
    scheme: str | None = None


@dataclass(frozen=True, slots=True)
class Credit:
    """A person or group and the roles that the release or track names for them."""

    name: str
    roles: tuple[str, ...] = ()
    ids: tuple[ExternalId, ...] = ()


@dataclass(frozen=True, slots=True)
class RightsLine:
    """A P line or C line."""

    year: str | None = None
    company: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseGenre:
    """A genre and what it is narrowed to."""

    text: str
    subgenre: str | None = None


@dataclass(frozen=True, slots=True)
class TypedTitle:
    """A title; `type` is a value of TitleType (`FormalTitle`), `language` an ISO 639 code with or without a script."""

    text: str
    subtitle: str | None = None
    type: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseImage:
    """An image: `file` is the path in its package, `type` a value of ImageType (`FrontCoverImage`)."""

    file: str | None = None
    type: str | None = None
    ids: tuple[ExternalId, ...] = ()


@dataclass(frozen=True, slots=True)
class TerritoryDetails:
    """What differs in some territories: in `territories`, or in all but `excluded`. The dates are of releases only."""

    territories: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    titles: tuple[TypedTitle, ...] = ()
    artists: tuple[Credit, ...] = ()
    display_name: str | None = None
    label_name: str | None = None
    genres: tuple[ReleaseGenre, ...] = ()
    parental_warnings: tuple[str, ...] = ()
    p_lines: tuple[RightsLine, ...] = ()
    c_lines: tuple[RightsLine, ...] = ()
    release_date: str | None = None
    original_date: str | None = None
