"""Deliveries: folders and files at DSPs, the transports that put them there, and packages as the label sent them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ingest.config import Dsp
from ingest.core.outcome import Outcome
from ingest.outbound.dsp import directory
from ingest.outbound.dsp.as_received import push_over
from ingest.outbound.dsp.directory import CHANGED
from ingest.outbound.dsp.transport import Progress

__all__ = ["CHANGED", "push_to"]


def push_to(
    target: Dsp, source: Path, name: str, digests: Mapping[str, str | None], progress: Progress = lambda size: None
) -> Outcome:
    """Deliver a package as it was received; returns what came of it. It may be repeated, also after a crash.

    `digests` maps the paths to deliver to their SHA-256 in hex; `name` is what the DSP sees, the same at every attempt.
    A directory is not asked for its progress.
    """
    if target.path is None:
        return push_over(target, source, name, digests, progress)
    return directory.push(target.path, source, name, digests)
