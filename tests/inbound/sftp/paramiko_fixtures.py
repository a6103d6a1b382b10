"""The fixtures that paramiko's own SFTP tests ask for, against a server that runs already.

Copied beside those tests as their `conftest.py`, so nothing of ours is imported.
Reads $SFTP_PORT and $SFTP_PASSWORD.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

import paramiko
import pytest

FOLDER = "incoming/paramiko"
"""Relative: the tests put the root in front of it themselves."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: a mark of paramiko's tests")


@pytest.fixture
def sftp_server() -> Iterator[paramiko.Transport]:
    with paramiko.Transport(("127.0.0.1", int(os.environ["SFTP_PORT"]))) as transport:
        transport.connect(username="anna", password=os.environ["SFTP_PASSWORD"])
        yield transport


@pytest.fixture
def sftp(sftp_server: paramiko.Transport) -> Iterator[paramiko.SFTPClient]:
    """A client, and an empty folder of its own on the server; what the test leaves there is removed."""
    client = paramiko.SFTPClient.from_transport(sftp_server)
    keeper = paramiko.SFTPClient.from_transport(sftp_server)
    assert client is not None and keeper is not None
    client.FOLDER = FOLDER  # type: ignore[attr-defined]
    keeper.mkdir(FOLDER)
    yield client
    remove(keeper, FOLDER)


def remove(client: paramiko.SFTPClient, folder: str) -> None:
    for entry in client.listdir_attr(folder):
        path = f"{folder}/{entry.filename}"
        if stat.S_ISDIR(entry.st_mode or 0):
            remove(client, path)
        else:
            client.remove(path)
    client.rmdir(folder)
