"""Output to whatever stdout is."""

from __future__ import annotations

import io
import sys


def say_it_anyhow() -> None:
    """Let stdout show what its encoding cannot as `?`, where it would fail: names and signs may be any Unicode."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
