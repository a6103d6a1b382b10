"""Dossiers as rows keep them: plain JSON with the number of its format, so that old ones stay readable.

Whoever changes any value that a dossier consists of makes a new format: adds one to FORMAT, adds to `_UPGRADES` the
function from the old shape to the new one, and adds a frozen sample to the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from ingest.core.dossier import Dossier
from ingest.readers.json_values import from_json, to_json
from ingest.store import packages

FORMAT: Final = 4
_NUMBER: Final = "format"


class UnknownFormat(Exception):
    """The dossier was stored by a newer version of the program."""


def _number_it(plain: dict[str, Any]) -> dict[str, Any]:
    """Format 0 is format 1 without its number."""
    return plain


def _leave_unsaid(plain: dict[str, Any]) -> dict[str, Any]:
    """Format 2 also says which part of a message a departure stands in, and what a deal and a group hold: not known."""
    return plain


def _name_no_schemes(plain: dict[str, Any]) -> dict[str, Any]:
    """Format 3 also says whose an identifier is, and what other territory blocks say: not known."""
    return plain


def _name_no_channels(plain: dict[str, Any]) -> dict[str, Any]:
    """Format 4 also says which DSPs a deal is for or not for; the deals of older ones say: not read."""
    message = plain.get("message")
    if message is None:
        return plain
    deals = [{**deal, "are_channels_read": False} for deal in message.get("deals", ())]
    return {**plain, "message": {**message, "deals": deals}}


_UPGRADES: Final[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    0: _number_it,
    1: _leave_unsaid,
    2: _name_no_schemes,
    3: _name_no_channels,
}
"""Each makes format N + 1 of format N, its key."""


def to_stored(dossier: Dossier) -> dict[str, Any]:
    """The dossier as plain JSON, in today's format."""
    return {_NUMBER: FORMAT, **to_json(dossier)}


def from_stored(stored: Mapping[str, Any]) -> Dossier:
    """The dossier that was stored in any format up to today's. Raises UnknownFormat, or pydantic's ValidationError."""
    plain = dict(stored)
    number = plain.pop(_NUMBER, 0)
    if not isinstance(number, int) or not 0 <= number <= FORMAT:
        raise UnknownFormat(f"this dossier has format {number!r}; this version of ingest reads up to {FORMAT}")
    for older in range(number, FORMAT):
        plain = _UPGRADES[older](plain)
    return from_json(Dossier, plain)


def dossier_of(tx: Session, package: int) -> Dossier | None:
    """The dossier as it was judged; None before that. Raises what `from_stored` raises."""
    stored = packages.get_dossier(tx, package)
    return None if stored is None else from_stored(stored)
