"""Packages that go to a DSP as the label sent them, over a transport: proved first, the message last."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ingest.config import Dsp
from ingest.core.outcome import Done, Failed, Outcome
from ingest.core.relative import relative_parts
from ingest.host.openat import directory, read_beneath
from ingest.outbound.dsp.directory import CHANGED
from ingest.outbound.dsp.layouts import Placed
from ingest.outbound.dsp.open_transport import open_transport
from ingest.outbound.dsp.send import send
from ingest.outbound.dsp.transport import Progress, TransportError


def push_over(
    target: Dsp, source: Path, name: str, digests: Mapping[str, str | None], progress: Progress = lambda size: None
) -> Outcome:
    """Put the files that `digests` names into the folder `name` at the DSP; it may be repeated, also after a crash.

    A package is sealed, so that what is proved here is what is sent a moment later.
    """
    try:
        changed = _changed(source, digests)
        if changed is not None:
            return Failed(f"{CHANGED}: {changed}", permanent=True)
        with open_transport(target) as transport:
            send(transport, _placed(source, name, digests), progress)
    except TransportError as error:
        return Failed(str(error), error.permanent)
    except OSError as error:
        return Failed(f"{type(error).__name__}: {error.strerror or error} ({error.filename})")
    return Done()


def _placed(source: Path, name: str, digests: Mapping[str, str | None]) -> Placed:
    """The package's files, those that may be the message last."""
    ordered = sorted(digests, key=lambda path: (path.lower().endswith(".xml"), path))
    return Placed(name, {f"{name}/{path}": source / path for path in ordered})


def _changed(source: Path, digests: Mapping[str, str | None]) -> str | None:
    """What of the package is not what was checked, in words."""
    with directory(source) as root:
        for path, digest in digests.items():
            try:
                parts = relative_parts(path)
            except ValueError as error:
                return str(error)
            if digest is None:
                return f"no SHA-256 of {path} was recorded"
            with read_beneath(root, parts) as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != digest:
                return f"{path} has SHA-256 {found} where {digest} was recorded"
    return None
