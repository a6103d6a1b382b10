"""Deliveries: one module per kind of DSP, each with a `push` that may be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ingest.config import Dsp
from ingest.core.outcome import Failed, Outcome
from ingest.outbound.dsp import directory
from ingest.outbound.dsp.directory import CHANGED

__all__ = ["CHANGED", "push_to"]


def push_to(target: Dsp, source: Path, name: str, digests: Mapping[str, str | None]) -> Outcome:
    """Deliver a package to a DSP; returns what came of it. It may be repeated, also after a crash.

    `digests` maps the paths to deliver to their SHA-256 in hex; `name` is what the DSP sees, the same at every attempt.
    Only whole packages into directories are delivered by now: anything else fails, and nothing is sent.
    """
    if target.writes_messages:
        return Failed(f"the layout {target.layout} is configured, but this version cannot deliver messages of ours yet")
    if target.path is None:
        return Failed(f"the kind {target.kind} is configured, but this version cannot deliver over it yet")
    return directory.push(target.path, source, name, digests)
