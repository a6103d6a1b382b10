"""States of a linear system over many inputs, as matrix products instead of one step after another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.pcm import Floats

Matrix = NDArray[np.float64]
States = NDArray[np.floating]

STATES = 4
_GROUP = 8
_LEVELS = 4


class Scan:
    """s' = P s + u for all inputs at once: in groups of 8, those in groups of 8 again, and so on."""

    def __init__(self, step: Matrix, channels: int, most: int) -> None:
        """`step` is P; `most` the greatest number of inputs at one time."""
        self._step = step
        self._levels: list[tuple[States, ...]] = []
        for level in range(_LEVELS):
            # Single precision holds the states of the first level; the few that carry on are kept in double.
            kind = np.float64 if level else np.float32
            self._levels.append(tuple(matrix.astype(kind) for matrix in _level(step)))
            step = np.linalg.matrix_power(step, _GROUP)
        self._last = step.T
        self._inputs = np.zeros((channels, _whole(most), STATES), np.float32)

    def inputs(self, count: int) -> Floats:
        """Where to put inputs: channels × count × 4."""
        return self._inputs[:, :count]

    def before(self, count: int, state: Matrix) -> tuple[Floats, Matrix]:
        """The states before each of `count` inputs (channels × count × 4), and after the last (channels × 4)."""
        states = self._before(self._inputs[:, : _whole(count)], state, 0)[:, :count]
        return states, states[:, -1] @ self._step.T + self._inputs[:, count - 1]

    def _before(self, inputs: States, state: Matrix, level: int) -> States:
        if level == _LEVELS:
            return self._one_by_one(inputs, state)
        inside, whole, carry = self._levels[level]
        channels, count, _ = inputs.shape
        if count % _GROUP:
            inputs = np.concatenate((inputs, np.zeros((channels, -count % _GROUP, STATES))), axis=1)
        groups = inputs.reshape(-1, _GROUP * STATES)
        starts = self._before((groups @ whole).reshape(channels, -1, STATES), state, level + 1)
        found = groups @ inside
        found += starts.reshape(-1, STATES).astype(carry.dtype) @ carry
        return found.reshape(channels, -1, STATES)[:, :count]

    def _one_by_one(self, inputs: States, state: Matrix) -> States:
        before = np.empty(inputs.shape)
        for index in range(inputs.shape[1]):
            before[:, index] = state
            state = state @ self._last + inputs[:, index]
        return before


def _whole(count: int) -> int:
    """Inputs in whole groups."""
    return -(-count // _GROUP) * _GROUP


def _level(step: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Matrices from 8 inputs to the states before each, to the state after all, and from the state before all."""
    powers = [np.linalg.matrix_power(step, n).T for n in range(_GROUP)]
    inside = np.zeros((_GROUP * STATES, _GROUP * STATES))
    for target in range(_GROUP):
        for source in range(target):
            place = slice(STATES * source, STATES * (source + 1)), slice(STATES * target, STATES * (target + 1))
            inside[place] = powers[target - 1 - source]
    return inside, np.vstack(powers[::-1]), np.hstack(powers)
