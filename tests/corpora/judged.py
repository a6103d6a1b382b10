"""What the rules say of a signal or a picture, without a package around it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ingest.core.facts import Measurement
from ingest.core.finding import Finding
from ingest.readers.audio.measure import Meter
from ingest.readers.audio.pcm import CHUNK, LEAD, Encoding
from ingest.rules import check
from tests.corpora.music import RATE
from tests.rules.dossiers import MASTER, POLICY, with_audio
from tests.signals import Signal, integers, packed


def measured(signal: Signal, rate: int = RATE, kind: str = "i") -> Measurement:
    """As 24-bit integers, or 32-bit floats (`f`), through the meters without a file."""
    width, channels = (3, signal.shape[1]) if kind == "i" else (4, signal.shape[1])
    data = packed(integers(signal, 24), 24) if kind == "i" else signal.astype("<f4").tobytes()
    meter, step = Meter(Encoding(kind, width, 8 * width, channels), rate, len(signal), -60.0), width * channels
    for start in range(0, len(signal), CHUNK):
        piece = np.frombuffer(data[start * step : (start + CHUNK) * step], np.uint8)
        raw = np.zeros(2 * LEAD + len(piece), np.uint8)
        raw[LEAD : LEAD + len(piece)] = piece
        meter.feed(raw, len(piece) // step)
    return meter.measurement()


def sound_findings(signal: Signal, rate: int = RATE, kind: str = "i") -> list[Finding]:
    """Findings on a master of these samples, with a header that is as it should be."""
    codec, bits = ("PCM", 24) if kind == "i" else ("float", 32)
    measurement = measured(signal, rate, kind)
    master = replace(MASTER, codec=codec, bits=bits, sample_rate=rate, measurement=measurement)
    return [finding for finding in check(with_audio(master), POLICY) if finding.code.startswith("AUD")]
