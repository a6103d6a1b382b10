"""Reading packages in this process, each file's bytes once: what the sandboxed children do, fast."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ingest.core.dossier import Policy
from ingest.core.finding import Finding
from ingest.readers import dossier
from ingest.readers.batches import Accept, Progress
from ingest.readers.fork_client import Answer, Hashes, Limits, Request
from ingest.readers.pool import Pool
from ingest.readers.reads import READS, hash_first
from ingest.readers.turns import NOBODY, Share
from ingest.rules import check
from tests.broken.change import Broken
from tests.good import RECEIVED, write_good

_READ: dict[tuple[str, str, str, bytes], tuple[Any, Hashes]] = {}


def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `read_dossier` read in this process, and remember what it read of each file."""
    monkeypatch.setattr(Pool, "read", _read_all)


def findings_of(folder: Path, broken: Broken | None = None) -> tuple[Finding, ...]:
    """What the rules say of the package in `folder`, received on the day of the good packages."""
    uploads, known = (broken.uploads, broken.known) if broken is not None else ((), ())
    read = dossier.read_dossier(folder, folder.name, dossier.ReaderSettings(), uploads, lambda _: known)
    assert read.unread == ()
    return check(read, Policy(received=RECEIVED))


def findings_after(parent: Path, broken: Broken) -> tuple[Finding, ...]:
    """Write the good package, break it, read and judge it."""
    written = write_good(parent, broken.good)
    return findings_of(broken.change(written) or written, broken)


def _read_all(
    pool: Pool,
    requests: Sequence[Request],
    limits: Limits,
    progress: Progress = lambda done, total, name: None,
    accept: Accept = lambda index, facts, hashes: facts,
    share: Share = NOBODY,
) -> list[Answer]:
    return [accept(index, *_answer(request)) for index, request in enumerate(requests)]


def _answer(request: Request) -> tuple[Any, Hashes]:
    read = READS[request["read"]]
    if request["read"] == "folder":
        return read(request), {}
    digest = hashlib.blake2b(Path(request["path"]).read_bytes()).digest()
    key = (request["read"], request["name"], str(request.get("hashes")), digest)
    if key not in _READ:
        _READ[key] = read(request), hash_first(request) if "hashes" in request else {}
    return _READ[key]
