"""K-weighting (ITU-R BS.1770-4, annex 1) for any sample rate, as matrix products over blocks of 32 samples."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.pcm import CHUNK, Floats

Matrix = NDArray[np.float64]
States = NDArray[np.floating]
STEP = 32
STATES = 4
_GROUP = 8


def k_filters(rate: int) -> tuple[Matrix, Matrix]:
    """Shelf and high-pass as rows (b0, b1, b2, a1, a2)."""
    vh = 10 ** (3.999843853973347 / 20)
    vb = vh**0.4996667741545416
    k, q = math.tan(math.pi * 1681.974450955533 / rate), 0.7071752369554196
    a0 = 1 + k / q + k * k
    shelf = [(vh + vb * k / q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0]
    shelf += [2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]
    k, q = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    a0 = 1 + k / q + k * k
    high = [1.0, -2.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]
    return np.array(shelf), np.array(high)


def state_space(rate: int) -> tuple[Matrix, Matrix, Matrix, float]:
    """Both filters as one system of four states; the last two as (s3, s3 + s4), which float32 can hold."""
    (b0, b1, b2, a1, a2), (c0, c1, c2, d1, d2) = k_filters(rate)
    a = np.array(
        [
            [-a1, 1, 0, 0],
            [-a2, 0, 0, 0],
            [c1 - d1 * c0, 0, -d1, 1],
            [c2 - d2 * c0, 0, -d2, 0],
        ]
    )
    b = np.array([b1 - a1 * b0, b2 - a2 * b0, (c1 - d1 * c0) * b0, (c2 - d2 * c0) * b0])
    c = np.array([c0, 0, 1, 0])
    basis = np.eye(4)
    basis[3, 2] = 1
    back = np.linalg.inv(basis)
    return basis @ a @ back, basis @ b, c @ back, float(c0 * b0)


class KWeighting:
    """The filter over consecutive chunks of all channels; the state is kept between chunks."""

    def __init__(self, rate: int, channels: int) -> None:
        a, b, c, d = state_space(rate)
        powers = [np.linalg.matrix_power(a, n) for n in range(STEP + 1)]
        impulse = np.array([d, *(c @ powers[n] @ b for n in range(STEP - 1))])
        weights = np.zeros((STEP + STATES, STEP))
        for column in range(STEP):
            weights[: column + 1, column] = impulse[: column + 1][::-1]
            weights[STEP:, column] = c @ powers[column]
        self._weights = weights.astype(np.float32)
        self._to_state = np.stack([powers[STEP - 1 - i] @ b for i in range(STEP)]).astype(np.float32)
        self._scan = Scan(powers[STEP], CHUNK // STEP)
        self._state = np.zeros((channels, STATES))
        # Blocks of STEP samples, each followed by the state before it: one product then does both.
        self._blocks = np.empty((CHUNK // STEP, STEP + STATES), np.float32)
        self._weighted = np.empty((channels, CHUNK), np.float32)

    def feed(self, samples: Floats) -> Floats:
        """Weighted samples of one chunk (channels × CHUNK); the array is used again for the next."""
        inputs = np.stack([channel.reshape(-1, STEP) @ self._to_state for channel in samples])
        states, self._state = self._scan.before(inputs, self._state)
        for channel, weighted in enumerate(self._weighted):
            self._blocks[:, :STEP] = samples[channel].reshape(-1, STEP)
            self._blocks[:, STEP:] = states[channel]
            np.matmul(self._blocks, self._weights, out=weighted.reshape(-1, STEP))
        return self._weighted


class Scan:
    """States of s' = P s + u for all inputs at once: in groups of 8, those in groups of 8 again, and so on."""

    def __init__(self, step: Matrix, count: int) -> None:
        self._levels: list[tuple[States, ...]] = []
        while count % _GROUP == 0:
            # Single precision holds the blocks' states; the few that carry on over the file are kept in double.
            kind = np.float64 if self._levels else np.float32
            self._levels.append(tuple(matrix.astype(kind) for matrix in _level(step)))
            step, count = np.linalg.matrix_power(step, _GROUP), count // _GROUP
        self._last = step

    def before(self, inputs: States, state: Matrix, level: int = 0) -> tuple[States, Matrix]:
        """The states before each input (channels × count × 4), and after the last."""
        if level == len(self._levels):
            return self._one_by_one(inputs, state)
        inside, whole, carry = self._levels[level]
        groups = inputs.reshape(-1, _GROUP * STATES)
        starts, state = self.before((groups @ whole).reshape(len(inputs), -1, STATES), state, level + 1)
        found = groups @ inside
        found += starts.reshape(-1, STATES).astype(carry.dtype) @ carry
        return found.reshape(inputs.shape), state

    def _one_by_one(self, inputs: States, state: Matrix) -> tuple[Matrix, Matrix]:
        before = np.empty(inputs.shape)
        for index in range(inputs.shape[1]):
            before[:, index] = state
            state = state @ self._last.T + inputs[:, index]
        return before, state


def _level(step: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Matrices from 8 inputs to the states before each, to the state after all, and from the state before all."""
    powers = [np.linalg.matrix_power(step, n).T for n in range(_GROUP)]
    inside = np.zeros((_GROUP * STATES, _GROUP * STATES))
    for target in range(_GROUP):
        for source in range(target):
            place = slice(STATES * source, STATES * (source + 1)), slice(STATES * target, STATES * (target + 1))
            inside[place] = powers[target - 1 - source]
    return inside, np.vstack(powers[::-1]), np.hstack(powers)
