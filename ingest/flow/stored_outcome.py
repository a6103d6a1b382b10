"""Outcomes as the workflow engine stores them between an attempt and the transaction that records it: plain JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from ingest.core.outcome import Done, Failed, Outcome, Superseded, Waits

_OVERTAKEN: Final = re.compile(r"nothing was sent: the DSP has a newer message of this release, that of package (\d+)")
_CHANGED: Final = "the package is no longer what was checked"


def to_stored(outcome: Outcome, began: datetime) -> dict[str, Any]:
    """The outcome of an attempt that began at that time."""
    values: dict[str, Any] = {"began": began.isoformat()}
    match outcome:
        case Done():
            return values | {"outcome": "done"}
        case Superseded(by):
            return values | {"outcome": "superseded", "by": by}
        case Waits(reason, until):
            return values | {
                "outcome": "waits",
                "reason": reason,
                "until": None if until is None else until.isoformat(),
            }
        case Failed(reason, permanent, reached, refused, in_doubt):
            values |= {"outcome": "failed", "reason": reason, "permanent": permanent}
            return values | {"reached": list(reached), "refused": list(refused), "in_doubt": in_doubt}


def from_stored(stored: Mapping[str, Any] | str) -> tuple[Outcome, datetime | None]:
    """The outcome, and when its attempt began where that is known. Raises LookupError for what was never stored.

    Older versions stored a text, a mapping with the key `fault`, or one that names no receivers; all are read.
    """
    if isinstance(stored, str):
        return _of_words(stored), None
    if "fault" in stored:
        return (Failed(stored["fault"], stored["permanent"]) if stored["fault"] else Done()), None
    began = datetime.fromisoformat(stored["began"])
    match stored["outcome"]:
        case "superseded":
            return Superseded(stored["by"]), began
        case "waits":
            until = stored["until"]
            return Waits(stored["reason"], None if until is None else datetime.fromisoformat(until)), began
        case "failed":
            return _failed(stored), began
        case _:
            return Done(), began


def _failed(stored: Mapping[str, Any]) -> Failed:
    return Failed(
        stored["reason"],
        stored["permanent"],
        reached=tuple(stored.get("reached", ())),
        refused=tuple(stored.get("refused", ())),
        in_doubt=stored.get("in_doubt", False),
    )


def _of_words(failure: str) -> Outcome:
    """The outcome in the oldest form: empty where it was done, else what went wrong."""
    if overtaken := _OVERTAKEN.fullmatch(failure):
        return Superseded(int(overtaken[1]))
    return Failed(failure, failure.startswith(_CHANGED)) if failure else Done()
