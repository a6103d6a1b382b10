"""The rule by which a release folder counts as settled: pure, so that every interleaving can be tried.

Neither a clean close nor quiet proves that an upload is complete; the message is the manifest and the structure of
the files is the proof. Quiet counts from the last operation that the server saw, never from a file's own time stamps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ingest.config import Intake
from ingest.core.readiness import Readiness


class Act(StrEnum):
    HOLD = "hold"
    LOOK = "look"
    SEAL = "seal"
    TELL = "tell"


@dataclass(frozen=True, slots=True)
class View:
    """A release folder as it stands.

    `touched` is when anything in it last changed. `writing`: an upload is open. `interrupted`: a file's last upload
    ended without a close. `temporary`: a client's temporary file lies there. `connected`: a connection that uploaded
    into it still lives. `told`: the label knows what is missing. `readiness` is None until the folder was looked at as
    it stands.
    """

    is_empty: bool
    touched: datetime
    writing: bool
    interrupted: bool
    temporary: bool
    connected: bool
    told: bool
    readiness: Readiness | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, and when to look again if nothing happens; None: only when something does."""

    act: Act
    again: datetime | None = None


def decide(view: View, rule: Intake, now: datetime) -> Decision:
    """What to do with the folder at `now`."""
    if view.writing:
        return Decision(Act.HOLD)
    quiet = now - view.touched
    if view.is_empty:
        return _after(view, timedelta(seconds=rule.connected_limit_seconds), quiet, Act.SEAL)
    first = timedelta(seconds=min(rule.marker_seconds, rule.settle_seconds))
    if quiet < first:
        return Decision(Act.HOLD, view.touched + first)
    if view.readiness is None:
        return Decision(Act.LOOK)
    if view.readiness.is_whole and not view.interrupted and not view.temporary:
        return _after(view, timedelta(seconds=_needed(view.readiness, rule)), quiet, Act.SEAL)
    return _incomplete(view, rule, quiet)


def _needed(readiness: Readiness, rule: Intake) -> float:
    """Seconds of quiet before a whole release is sealed; a batch whose marker is yet to come may grow by a release."""
    if readiness.has_marker:
        return rule.marker_seconds
    return max(rule.incomplete_seconds, rule.settle_seconds) if readiness.awaits_marker else rule.settle_seconds


def _incomplete(view: View, rule: Intake, quiet: timedelta) -> Decision:
    """Wait for the rest; then judge what is there, unless someone may still be uploading it."""
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
