"""Wall time that passes evenly: a step of the system's clock is noticed, and does not count as time that passed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ingest.store.database import Clock

STEP: Final = timedelta(seconds=2)
"""A difference between wall clock and monotonic clock that is larger is a step; NTP slews what is smaller."""


class SteadyClock:
    """The wall clock's time at the last `follow`, plus what the monotonic clock counted since. Thread-safe.

    `monotonic` returns seconds since any moment, as time.monotonic does.
    """

    def __init__(self, wall: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self.follow()

    def __call__(self) -> datetime:
        """The time, aware, in UTC."""
        at, since = self._anchor
        return at + timedelta(seconds=self._monotonic() - since)

    def has_stepped(self) -> bool:
        """Whether the wall clock was set forward or back, by more than `STEP`, since the last `follow`."""
        return abs(self._wall() - self()) > STEP

    def follow(self) -> None:
        """Go on from what the wall clock says now."""
        self._anchor = self._wall(), self._monotonic()
