"""What ops are told of a failure of ours: what it is, what becomes of it, and what a person can do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outlook(StrEnum):
    """What becomes of the cause of an alarm; the values are stored.

    NEWS: nothing is to be started again, and no email says when it is over. RETRIED: the program tries again by itself.
    WAITS: nothing happens until a person acts. OVER: what an earlier alarm told of has ended.
    """

    NEWS = "news"
    RETRIED = "retried"
    WAITS = "waits"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Alarm:
    """What happened, in a sentence without its full stop; `commands` are what a person can do once the cause is gone.

    `about` names the work or thing, the same in every alarm about it; empty where no all-clear follows.
    """

    what: str
    outlook: Outlook = Outlook.NEWS
    commands: tuple[str, ...] = ()
    about: str = ""
