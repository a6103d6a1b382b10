"""Defaults of the configuration: limits of the processes that read files, and sizes of what they read.

The thresholds of the rules are those of `core.dossier.Policy`.
"""

from __future__ import annotations

from typing import Final

CHILD_MEMORY_BYTES: Final = 1_500_000_000
CHILD_CPU_SECONDS: Final = 300
CHILD_WALL_SECONDS: Final = 600
MESSAGE_MAX_BYTES: Final = 20_000_000
ARTWORK_MAX_PIXELS: Final = 144_000_000
SILENCE_LEVEL: Final = -60.0
"""dBFS."""
MAX_DURATION: Final = 43_200.0
"""Seconds of one track."""
