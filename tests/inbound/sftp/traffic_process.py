"""A further process of the server, as `ingest.app.sftp_workers` opens one, with sessions that do anything."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from tests.inbound.sftp.sessions import Server
from tests.inbound.sftp.traffic import Traffic, uploads_of


def serve(parent: Connection, root: Path, number: int, seed: int) -> None:
    """Let two sessions of anna and one of bert do as many steps as `parent` says, until it says 0.

    It says "ready" first. After each round the faults of ours are sent back; in the end all uploads.
    """
    server = Server(root, f"w/{number}")
    labels = ("anna", "anna", "bert")
    traffic = [Traffic(server, label, seed + at, (number * 10 + at) * 10_000_000) for at, label in enumerate(labels)]
    with suppress(EOFError):
        _play(parent, server, traffic)
    server.close()


def _play(parent: Connection, server: Server, traffic: list[Traffic]) -> None:
    """Raises EOFError when the parent has given up."""
    parent.send("ready")
    with ThreadPoolExecutor(len(traffic)) as threads:
        while steps := parent.recv():
            for playing in [threads.submit(one.run, steps) for one in traffic]:
                playing.result()
            parent.send(server.trouble())
    for one in traffic:
        one.lose()
    parent.send(uploads_of(traffic))
