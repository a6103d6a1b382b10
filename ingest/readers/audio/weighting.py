"""Energies of the K-weighted signal (ITU-R BS.1770-4, annex 1) for any sample rate, as matrix products."""

from __future__ import annotations

import math

import numpy as np

from ingest.readers.audio.pcm import CHUNK, Floats
from ingest.readers.audio.scan import STATES, Matrix, Scan

_LEAST = 1e-6
"""What the filter leaves of DC, and of all that it lowers by more than 60 dB, is rounding: it counts as silence."""


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


def state_space(rate: int, step: int) -> tuple[Matrix, Matrix, Matrix, float]:
    """Both filters as one system (A, B, C, D) of four states.

    The states are such that they are orthonormal as outputs over `step` samples: float32 can hold them.
    """
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
    outputs = np.stack([c @ np.linalg.matrix_power(a, n) for n in range(step)])
    basis = np.linalg.qr(outputs)[1]
    back = np.linalg.inv(basis)
    return basis @ a @ back, basis @ b, c @ back, float(c0 * b0)


class Weighted:
    """Rows of samples with what the states before them add to the energies of their outputs."""

    def __init__(self, rows: Floats, added: Floats, products: Matrix) -> None:
        self._rows, self._added, self._products = rows, added, products

    def energy(self, start: int, stop: int, count: int) -> Matrix:
        """Energies of `count` equal pieces of the rows from `start` to `stop`: channels × count."""
        channels, _, step = self._rows.shape
        pieces = self._rows[:, start:stop].reshape(channels, count, -1, step)
        products = np.matmul(pieces.transpose(0, 1, 3, 2), pieces).reshape(channels, count, -1)
        added = self._added[:, start:stop].reshape(channels, count, -1).sum(axis=2, dtype=np.float64)
        energies = products @ self._products + added
        unweighted = products[..., :: step + 1].sum(axis=2)
        return np.where(energies > _LEAST * unweighted, energies, 0.0)


class KWeighting:
    """The energy of the filter's output over consecutive chunks of all channels, by rows of `step` samples.

    A row x and the state s before it give the outputs x W + s V. The states are kept in a basis in which V VT = 1, so
    that rows X and their states S have the energy <XT X, W WT> + <2 X W VT + S, S>: no output is ever made.
    """

    def __init__(self, rate: int, step: int, channels: int) -> None:
        a, b, c, d = state_space(rate, step)
        powers = [np.linalg.matrix_power(a, n) for n in range(step + 1)]
        impulse = np.array([d, *(c @ powers[n] @ b for n in range(step - 1))])
        outputs = np.stack([np.concatenate((np.zeros(n), impulse[: step - n])) for n in range(step)])
        left = np.stack([c @ powers[n] for n in range(step)], axis=1)
        self._products = (outputs @ outputs.T).reshape(-1)
        self._across = (2 * outputs @ left.T).astype(np.float32)
        self._to_state = np.stack([powers[step - 1 - n] @ b for n in range(step)]).astype(np.float32)
        self._scan = Scan(powers[step], channels, CHUNK // step + 1)
        self._state = np.zeros((channels, STATES))

    def feed(self, rows: Floats) -> Weighted:
        """Samples of the next rows: channels × count × step. What is returned is good until the next call."""
        inputs = self._scan.inputs(rows.shape[1])
        for channel, inputs_of in zip(rows, inputs, strict=True):
            np.matmul(channel, self._to_state, out=inputs_of)
        states, self._state = self._scan.before(rows.shape[1], self._state)
        added = np.stack([channel @ self._across for channel in rows])
        added += states
        added *= states
        return Weighted(rows, added, self._products)
