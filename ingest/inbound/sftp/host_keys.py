"""The server's own keys, made once and then kept: with new ones every client would warn of an attack."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import asyncssh

from ingest.config import Config
from ingest.host.private import make_folder, write

KEYS: Final[dict[str, Callable[[], asyncssh.SSHKey]]] = {
    "ssh_host_ed25519_key": lambda: asyncssh.generate_private_key("ssh-ed25519", comment="ingest"),
    "ssh_host_rsa_key": lambda: asyncssh.generate_private_key("ssh-rsa", comment="ingest", key_size=3072),
    "ssh_host_ecdsa_key": lambda: asyncssh.generate_private_key("ecdsa-sha2-nistp256", comment="ingest"),
}


def host_keys(config: Config) -> Sequence[Path]:
    """The configured host keys; else those in the state folder, which are made at the first start. Raises OSError."""
    return config.sftp.host_keys or make_host_keys(config.paths.state_dir / "host-keys")


def make_host_keys(directory: Path) -> list[Path]:
    """The paths of the host keys in `directory`, which are made where they are missing (mode 0600).

    An ed25519 key for all who can; RSA of 3072 bits and ECDSA P-256 for clients that lack it (JSch before 0.1.56 has
    neither ed25519 nor RSA without SHA-1).
    """
    make_folder(directory)
    paths = []
    for name, make in KEYS.items():
        path = directory / name
        if not path.exists():
            _write_once(path, make())
        paths.append(path)
    return paths


def _write_once(path: Path, key: asyncssh.SSHKey) -> None:
    """Write the key so that its final name never shows part of it; one that another process made meanwhile is kept."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.export_private_key())
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        pass
    else:
        write(path.with_name(path.name + ".pub"), key.export_public_key())
    finally:
        unfinished.unlink()
