"""Shipments to send: files of random bytes, laid out as a batch; also as a program that sends one, to be killed."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from ingest.config import SftpTarget
from ingest.outbound.dsp.layouts import Placed
from ingest.outbound.dsp.send import send
from ingest.outbound.dsp.sftp_transport import SftpTransport

FOLDER = "20261130123456789"


def shipment(folder: Path, sizes: tuple[int, ...], seed: int = 1) -> Placed:
    """A batch of files with these sizes, its message, and its marker."""
    folder.mkdir(exist_ok=True)
    source = random.Random(seed)
    files = {}
    for number, size in enumerate(sizes, start=1):
        path = folder / f"{number}.flac"
        if not path.exists():
            path.write_bytes(source.randbytes(size))
        files[f"{FOLDER}/1/resources/{number}.flac"] = path
    message = folder / "message.xml"
    message.write_bytes(b"<message/>")
    files[f"{FOLDER}/1/1.xml"] = message
    return Placed(FOLDER, files, (f"{FOLDER}/BatchComplete_{FOLDER}.xml", b"<manifest/>"))


def landed(root: Path) -> dict[str, bytes]:
    """All files that lie at the DSP."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def wanted(placed: Placed) -> dict[str, bytes]:
    """All files that are to lie there."""
    files = {path: local.read_bytes() for path, local in placed.files.items()}
    return files | ({} if placed.marker is None else dict([placed.marker]))


def main() -> None:
    """Send once: the configuration of the target as JSON, the folder of the shipment, the sizes of its files."""
    target, folder, sizes = SftpTarget.model_validate_json(sys.argv[1]), Path(sys.argv[2]), sys.argv[3].split(",")
    transport = SftpTransport(target)
    send(transport, shipment(folder, tuple(map(int, sizes))), lambda size: None)
    os._exit(0)


if __name__ == "__main__":
    main()
