"""Territories as sets: what codes cover, and how a set is written as codes again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ingest.core.allowed import TERRITORIES, WORLDWIDE

_SUCCESSORS: Final = {"AN": frozenset({"BQ", "CW", "SX"}), "CS": frozenset({"ME", "RS"})}
"""Territories that came to be where a former one was, by its code (ISO 3166-3: ANHH, CSXX)."""

_PARTS: Final = {"ES-CE": "ES", "ES-CN": "ES", "ES-ML": "ES"}
"""Codes of the standard for parts of a country: a set holds whole countries."""

_DISPUTED: Final = {"CS": frozenset({"XK"})}
"""What a former territory may cover too: excluded with it, but not included."""

EVERYWHERE: Final = TERRITORIES - _SUCCESSORS.keys() - _PARTS.keys()
"""Every territory of today: the codes of ISO 3166-1, and XK."""


@dataclass(frozen=True, slots=True)
class Area:
    """A set of territories of today. `unknown` are codes that could not be looked up, such as numeric (TIS) ones.

    What an unknown code covers is never in the set, whether it was included or excluded.
    """

    codes: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()


def area(territories: Iterable[str], excluded: Iterable[str] = ()) -> Area:
    """What a deal covers: its TerritoryCodes, or everything but its ExcludedTerritoryCodes; nothing without either."""
    inside, outside = tuple(territories), tuple(excluded)
    unknown = tuple(dict.fromkeys(code for code in (*inside, *outside) if not _is_known(code)))
    covered = frozenset[str]().union(*map(_included, inside)) if inside else EVERYWHERE if outside else frozenset()
    return Area(covered.difference(*map(_excluded, outside)), unknown)


def written(codes: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The TerritoryCodes and ExcludedTerritoryCodes, one of them empty, that say this set in the shortest way."""
    if codes == EVERYWHERE:
        return (WORLDWIDE,), ()
    missing = EVERYWHERE - codes
    return (tuple(sorted(codes)), ()) if len(codes) <= len(missing) else ((), tuple(sorted(missing)))


def _is_known(code: str) -> bool:
    return code == WORLDWIDE or code in EVERYWHERE or code in _SUCCESSORS


def _included(code: str) -> frozenset[str]:
    if code == WORLDWIDE:
        return EVERYWHERE
    return _SUCCESSORS.get(code, frozenset({code}) & EVERYWHERE)


def _excluded(code: str) -> frozenset[str]:
    """What may be meant at most: everything, where a code is unknown."""
    if code in _PARTS:
        return frozenset({_PARTS[code]})
    if code in _SUCCESSORS:
        return _SUCCESSORS[code] | _DISPUTED.get(code, frozenset())
    return frozenset({code}) if code in EVERYWHERE else EVERYWHERE
