"""QR codes and barcodes in a cover, where zxing-cpp (the extra `codes`) is installed; without it none are found."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from PIL import Image

try:
    import zxingcpp

    _READER: Any = zxingcpp
except ImportError:
    _READER = None

SIDE: Final = 1000
"""Pixels; a code that nobody can scan from a cover of this size is none."""
KINDS: Final = ("QRCode", "MicroQRCode", "DataMatrix", "Aztec", "EAN13", "UPCA")
"""Codes that carry a check of their own; weaker ones are found in stripes and railings."""
LONGEST: Final = 200
MOST: Final = 16
"""One is too many already."""


def codes_of(image: Image.Image) -> tuple[str, ...]:
    """What the codes in a grey picture say, each once, in alphabetical order."""
    if _READER is None:
        return ()
    small = image.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    formats = [getattr(_READER.BarcodeFormat, kind) for kind in KINDS]
    found = _READER.read_barcodes(np.asarray(small, np.uint8), formats=formats)
    return tuple(sorted({one.text[:LONGEST] for one in found if one.valid and one.text})[:MOST])
