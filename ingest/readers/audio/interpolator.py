"""The two interpolation filters of the true-peak meter, with the matrices and bounds that make them fast and exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.readers.audio.pcm import SPAN, Floats

_ITU = (
    (
        0.001708984375,
        0.010986328125,
        -0.0196533203125,
        0.033203125,
        -0.0594482421875,
        0.1373291015625,
        0.97216796875,
        -0.102294921875,
        0.047607421875,
        -0.026611328125,
        0.014892578125,
        -0.00830078125,
    ),
    (
        -0.0291748046875,
        0.029296875,
        -0.0517578125,
        0.089111328125,
        -0.16650390625,
        0.465087890625,
        0.77978515625,
        -0.2003173828125,
        0.1015625,
        -0.0582275390625,
        0.0330810546875,
        -0.0189208984375,
    ),
)


@dataclass(frozen=True, slots=True)
class Interpolator:
    """Phases × taps, the matrix that gives SPAN samples' outputs from SPAN + taps - 1 samples, and the two bounds.

    |y| <= `gain` * max|x|, and |y| <= s * max|x| + g * max|x''| for the worst pair of `pairs`: each phase is a line
    through the two middle taps plus a twice differenced rest. The line spans two neighbours only.
    """

    taps: int
    phases: NDArray[np.float64]
    matrix: Floats
    gain: float
    pairs: tuple[tuple[float, float], ...]


def _interpolator(phases: NDArray[np.float64]) -> Interpolator:
    count, taps = phases.shape
    matrix = np.zeros((SPAN + taps - 1, SPAN * count), np.float32)
    for phase, row in enumerate(phases):
        for place in range(SPAN):
            matrix[place : place + taps, count * place + phase] = row[::-1]
    gain = float(np.abs(phases).sum(axis=1).max()) * (1 + 1e-6)
    return Interpolator(taps, phases, matrix, gain, tuple(sorted({_pair(row) for row in phases})))


def _pair(row: NDArray[np.float64]) -> tuple[float, float]:
    middle = len(row) // 2 - 1
    total, moment = float(row.sum()), float((np.arange(len(row)) * row).sum())
    second = moment - middle * total
    first = total - second
    rest = row.copy()
    rest[middle] -= first
    rest[middle + 1] -= second
    curve = np.cumsum(np.cumsum(rest))[: len(row) - 2]
    return (abs(first) + abs(second)) * (1 + 4e-6), float(np.abs(curve).sum()) * (1 + 4e-6)


def _sinc() -> NDArray[np.float64]:
    """4-fold, 24 taps a phase, Kaiser window with beta 6; phase 0 is the identity and left out."""
    k = np.arange(-48, 48)
    whole = np.sinc(k / 4) * np.kaiser(97, 6)[k + 48]
    return np.stack([whole[phase::4] for phase in (1, 2, 3)])


def _itu() -> NDArray[np.float64]:
    """ITU-R BS.1770-4, annex 2: phases 2 and 3 are 1 and 0 reversed."""
    zero, one = np.array(_ITU[0]), np.array(_ITU[1])
    return np.stack([zero, one, one[::-1], zero[::-1]])


SINC = _interpolator(_sinc())
ITU = _interpolator(_itu())
