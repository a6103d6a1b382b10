"""K-weighting (ITU-R BS.1770-4, annex 1) for any sample rate, as matrix products over blocks of 32 samples."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.pcm import Floats

Matrix = NDArray[np.float64]
STEP = 32
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
        taps = np.zeros((STEP, STEP))
        for column in range(STEP):
            taps[: column + 1, column] = impulse[: column + 1][::-1]
        self._taps = taps.astype(np.float32)
        self._from_state = np.stack([c @ powers[j] for j in range(STEP)], axis=1).astype(np.float32)
        self._to_state = np.stack([powers[STEP - 1 - i] @ b for i in range(STEP)]).astype(np.float32)
        self._levels = [_level(np.linalg.matrix_power(powers[STEP], _GROUP**level)) for level in range(4)]
        self._steps = [np.linalg.matrix_power(powers[STEP], _GROUP**level) for level in range(5)]
        self._state = np.zeros((channels, 4))

    def feed(self, samples: Floats) -> Floats:
        """Weighted samples of one chunk (channels × frames, frames a multiple of STEP)."""
        weighted = np.empty_like(samples)
        for channel in range(len(samples)):
            rows = samples[channel].reshape(-1, STEP)
            states, self._state[channel] = self._scan(rows @ self._to_state, self._state[channel], 0)
            out = weighted[channel].reshape(-1, STEP)
            np.matmul(rows, self._taps, out=out)
            out += states.astype(np.float32) @ self._from_state
        return weighted

    def _scan(self, inputs: NDArray[np.floating], state: Matrix, level: int) -> tuple[NDArray[np.floating], Matrix]:
        """The state before each input, and after the last: s' = P s + u, in groups of 8, of 8 groups, and so on."""
        count = len(inputs)
        if level == len(self._levels) or count % _GROUP:
            return self._one_by_one(inputs, state, self._steps[level])
        inside, whole, carry = self._levels[level]
        if level == 0:
            inside, whole = inside.astype(np.float32), whole.astype(np.float32)
        groups = inputs.reshape(-1, _GROUP * 4)
        starts, state = self._scan((groups @ whole).astype(np.float64), state, level + 1)
        before = groups @ inside + starts @ carry
        return before.reshape(count, 4), state

    @staticmethod
    def _one_by_one(inputs: NDArray[np.floating], state: Matrix, step: Matrix) -> tuple[Matrix, Matrix]:
        before = np.empty((len(inputs), 4))
        for index, value in enumerate(inputs):
            before[index] = state
            state = step @ state + value
        return before, state


def _level(step: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Matrices from 8 inputs to the states before each, to the state after all, and from the state before all."""
    powers = [np.linalg.matrix_power(step, n).T for n in range(_GROUP)]
    inside = np.zeros((_GROUP * 4, _GROUP * 4))
    for target in range(_GROUP):
        for source in range(target):
            inside[4 * source : 4 * source + 4, 4 * target : 4 * target + 4] = powers[target - 1 - source]
    whole = np.vstack([powers[_GROUP - 1 - source] for source in range(_GROUP)])
    return inside, whole, np.hstack(powers)
