"""Whose file is read next: weighted fair queueing over labels, at the granularity of files.

Every package gets the moment at which it would be finished if the children were shared evenly between the labels that
have something to read (the finish number of Demers, Keshav and Shenker, "Analysis and Simulation of a Fair Queueing
Algorithm", 1989); the package with the earliest is served. So a package that was begun is finished before the next of
its kind is begun, packages come out in the order of their labels' turns, and a small one of a label that had nothing to
read goes before all large ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

COST: Final = 10_000_000.0
"""The cost of every request beside that of its file, in bytes of sound: a child, and what does not grow with size."""


@dataclass(frozen=True, slots=True)
class Share:
    """Whose turn a reading takes, and what the file of each request costs, in bytes of sound; empty: nothing."""

    label: str = ""
    costs: Sequence[float] = ()


NOBODY: Final = Share()


class Turns:
    """The finish numbers, in the unit of `cost`. One thread at a time uses this."""

    def __init__(self) -> None:
        self._now = 0.0
        self._ends: dict[str, float] = {}
        self._waiting: Counter[str] = Counter()

    def enter(self, label: str, cost: float) -> float:
        """The finish number of work of this label which comes now; call `leave` when it is done."""
        end = max(self._now, self._ends.get(label, 0.0)) + cost
        self._ends[label] = end
        self._waiting[label] += 1
        return end

    def served(self, cost: float) -> None:
        """A part of this cost was taken up, of whatever work."""
        self._now += cost / max(1, len(self._waiting))

    def took_more(self, label: str, cost: float) -> None:
        """Work of this label took so much more than it was said to cost: what comes of it from now on ends later."""
        self._ends[label] = self._ends.get(label, self._now) + cost
        self.served(cost)

    def leave(self, label: str) -> None:
        """Work of this label is done. Once no label has any, nothing is remembered."""
        self._waiting[label] -= 1
        if self._waiting[label] <= 0:
            del self._waiting[label]
            if self._ends[label] <= self._now:
                del self._ends[label]
        if not self._waiting:
            self._now = 0.0
            self._ends.clear()
