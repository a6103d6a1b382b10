"""When a release folder is settled, as a pure function, so that tests can try every order of events.

Neither a clean CLOSE nor quiet proves that an upload is complete: the message lists the files, and their structure
shows whether they are whole. Quiet counts from the last operation that the server saw, never from a file's own time
stamps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ingest.config import Intake
from ingest.core.readiness import Readiness


class Act(StrEnum):
    """What intake does with a folder: wait, read how complete it is, seal it, or tell the label what is missing."""

    HOLD = "hold"
    LOOK = "look"
    SEAL = "seal"
    TELL = "tell"


@dataclass(frozen=True, slots=True)
class View:
    """A release folder at one moment.

    `touched` is when anything in it last changed. `writing`: an upload is open. `interrupted`: a file's last upload
    ended without a CLOSE. `temporary`: a client's temporary file lies there. `connected`: a connection that uploaded
    into it is still open; of an empty folder, any connection of its label. `told`: the label was told what is missing.
    `readiness` is None until its present files were looked at. `is_archive`: all that lies there are archives.
    """

    is_empty: bool
    is_archive: bool
    touched: datetime
    writing: bool
    interrupted: bool
    temporary: bool
    connected: bool
    told: bool
    readiness: Readiness | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now. Without an event decide anew at `again`; None: only an event can change the decision."""

    act: Act
    again: datetime | None = None


def decide(view: View, rule: Intake, now: datetime) -> Decision:
    """What to do with the folder at `now`; `rule` has the times of quiet, in seconds."""
    if view.writing:
        return Decision(Act.HOLD)
    quiet = now - view.touched
    if view.is_empty:
        limit = rule.connected_limit_seconds if view.connected else rule.empty_seconds
        return _after(view, timedelta(seconds=limit), quiet, Act.SEAL)
    if view.is_archive and not view.interrupted:  # nothing that could still arrive would make a release of it
        return _after(view, timedelta(seconds=rule.settle_seconds), quiet, Act.SEAL)
    first = timedelta(seconds=min(rule.marker_seconds, rule.settle_seconds))
    if quiet < first:
        return Decision(Act.HOLD, view.touched + first)
    if view.readiness is None:
        return Decision(Act.LOOK)
    if view.readiness.is_whole and not view.interrupted and not view.temporary:
        return _after(view, timedelta(seconds=_needed(view.readiness, rule)), quiet, Act.SEAL)
    return _incomplete(view, rule, quiet)


def _needed(readiness: Readiness, rule: Intake) -> float:
    """Seconds of quiet before a whole release is sealed; longer while the end marker of a batch is still to come."""
    if readiness.has_marker:
        return rule.marker_seconds
    return max(rule.incomplete_seconds, rule.settle_seconds) if readiness.awaits_marker else rule.settle_seconds


def _incomplete(view: View, rule: Intake, quiet: timedelta) -> Decision:
    """An incomplete folder is sealed as it is after `incomplete_seconds` of quiet, unless more may still arrive.

    While its uploader is connected and waiting can help, the label is told what is missing instead, and the folder is
    sealed after `connected_limit_seconds`.
    """
    assert view.readiness is not None
    patience = timedelta(seconds=rule.incomplete_seconds)
    hopeless = view.readiness.explained or view.readiness.is_whole
    if hopeless or not view.connected:
        return _after(view, patience, quiet, Act.SEAL)
    limit = timedelta(seconds=max(rule.connected_limit_seconds, rule.incomplete_seconds))
    if quiet >= limit:
        return Decision(Act.SEAL)
    if view.told:
        return Decision(Act.HOLD, view.touched + limit)
    return _after(view, patience, quiet, Act.TELL)


def _after(view: View, needed: timedelta, quiet: timedelta, act: Act) -> Decision:
    return Decision(act) if quiet >= needed else Decision(Act.HOLD, view.touched + needed)
