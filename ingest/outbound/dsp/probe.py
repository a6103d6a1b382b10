"""Trying a DSP out: that we reach it, may write and remove there, and what it answered."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from ingest.config import Dsp
from ingest.outbound.dsp.open_transport import open_transport
from ingest.outbound.dsp.transport import Step, Transport, TransportError

PREFIX: Final = "ingest-probe-"
CONTENT: Final = b"A file of ours that tries out whether we can write here. It may be removed.\n"


def probe(dsp: Dsp) -> list[Step]:
    """What came of each step, up to the first that failed. A small file is written and removed again."""
    steps: list[Step] = []
    try:
        with open_transport(dsp) as transport:
            steps.append(Step("connect", _reached(dsp)))
            for what, result in _tries(dsp, transport):
                steps.append(Step(what, result()))
    except TransportError as error:
        steps.append(Step(_next(steps), str(error), failed=True))
    return steps


_ORDER: Final = ("connect", "write", "list", "remove", "acknowledgements")


def _next(done: list[Step]) -> str:
    return _ORDER[len(done)]


def _reached(dsp: Dsp) -> str:
    if dsp.sftp is None:
        return f"{dsp.path} is there"
    return f"{dsp.sftp.host}:{dsp.sftp.port} has the pinned host key and lets {dsp.sftp.user} in"


def _tries(dsp: Dsp, transport: Transport) -> list[tuple[str, Callable[[], str]]]:
    path = f"{PREFIX}{secrets.token_hex(8)}/probe.txt"
    folder = path.rpartition("/")[0]

    def write() -> str:
        transport.put_bytes(path, CONTENT)
        return f"{path}, {len(CONTENT)} bytes"

    def listed() -> str:
        found = transport.sizes(folder).get(path)
        if found != len(CONTENT):
            raise TransportError(f"{path} is listed with {found} bytes", "Ask the DSP what changes our files")
        return "it is listed with its size"

    def remove() -> str:
        transport.remove(path)
        transport.remove_folder(folder)
        return "done"

    def acknowledgements() -> str:
        count = len(transport.names(dsp.acknowledgements.folder))
        return f"{count} files in {dsp.acknowledgements.folder}/"

    tries = (write, listed, remove, acknowledgements)
    return list(zip(_ORDER[1:], tries, strict=True))
