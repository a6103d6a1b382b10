"""Connections and wrong passwords, counted per source of connections (`core.source`) and per label.

A source that fails too often is banned, whomever it logged in as meanwhile. A label whose password is guessed at from
many sources is not banned, which would lock it out: whoever logged in from a source before may still do so.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ingest.core.source import source_of

BAN_AFTER: Final = 20
BAN_SECONDS: Final = 600.0
GUESSES_PER_LABEL: Final = 100
"""Wrong passwords of one label within `BAN_SECONDS`, from all sources, after which new sources are not believed."""
MOST_SOURCES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Failure:
    """A wrong password: when, from where, and for which label; None where there is no such user."""

    at: float
    source: str
    label: int | None


class Throttle:
    """Failed logins of the last ten minutes, and open connections. Addresses are those of clients.

    Of every source as many failures are kept as lead to a ban, of every label as many as make it guarded; beyond
    `MOST_SOURCES` sources the one that has failed least recently is forgotten.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_source: dict[str, list[Failure]] = {}
        self._by_label: dict[int, list[Failure]] = {}
        self._connections: Counter[str] = Counter()

    def failed(self, address: str, label: int | None) -> bool:
        """Record a failed login as this label; True when its source is banned with it."""
        failure = Failure(self._clock(), source_of(address), label)
        recent = [*self._recent(self._by_source.pop(failure.source, [])), failure][-BAN_AFTER:]
        self._by_source[failure.source] = recent
        if len(self._by_source) > MOST_SOURCES:
            del self._by_source[next(iter(self._by_source))]
        if label is not None:
            self._by_label[label] = [*self._recent(self._by_label.get(label, [])), failure][-GUESSES_PER_LABEL:]
        return len(recent) >= BAN_AFTER

    def succeeded(self, address: str, label: int) -> None:
        """Forget the failed logins of this label from this source, and no others: else it could guess for ever."""
        source = source_of(address)
        if source in self._by_source:
            self._by_source[source] = [failure for failure in self._by_source[source] if failure.label != label]
        if label in self._by_label:
            self._by_label[label] = [failure for failure in self._by_label[label] if failure.source != source]

    def is_banned(self, address: str) -> bool:
        """Whether twenty logins from this source failed within the last ten minutes."""
        return len(self._recent(self._by_source.get(source_of(address), []))) >= BAN_AFTER

    def is_guarded(self, label: int) -> bool:
        """Whether the label's password is guessed at: only sources that it logged in from lately are believed."""
        return len(self._recent(self._by_label.get(label, []))) >= GUESSES_PER_LABEL

    def connections(self, address: str) -> int:
        """How many connections are open from this source."""
        return self._connections[source_of(address)]

    def enter(self, address: str) -> None:
        """Count one connection of this source more."""
        self._connections[source_of(address)] += 1

    def leave(self, address: str) -> None:
        """Count one connection of this source less."""
        source = source_of(address)
        self._connections[source] -= 1
        if self._connections[source] <= 0:
            del self._connections[source]

    def _recent(self, failures: list[Failure]) -> list[Failure]:
        since = self._clock() - BAN_SECONDS
        return [failure for failure in failures if failure.at > since]
