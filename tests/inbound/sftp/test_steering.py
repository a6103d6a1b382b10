"""What a client is offered, by the version line it sends and by how far away it is."""

from __future__ import annotations

import pytest

from ingest.inbound.sftp.steering import speaks_gcm, window_for


@pytest.mark.parametrize(
    "line, holds",
    [
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n", True),
        (b"SSH-2.0-OpenSSH_10.0\r\n", True),
        (b"SSH-2.0-OpenSSH_6.6\r\n", False),
        (b"SSH-2.0-PuTTY_Release_0.78\r\n", True),
        (b"SSH-2.0-PuTTY_Release_0.74\r\n", False),
        (b"SSH-2.0-FileZilla_3.63.0\r\n", True),
        (b"SSH-2.0-FileZilla_3.52.2\r\n", False),
        (b"SSH-2.0-WinSCP_release_6.3.4\r\n", True),
        (b"SSH-2.0-WinSCP_release_5.21\r\n", False),
        (b"SSH-2.0-libssh2_1.11.0\r\n", True),
        (b"SSH-2.0-libssh2_1.10.0\r\n", False),
        (b"SSH-2.0-Go\r\n", True),
        (b"SSH-2.0-rclone/v1.60.1\r\n", True),
        (b"SSH-2.0-paramiko_5.1.0\r\n", False),
        (b"SSH-2.0-Cyberduck/8.7 (Mac OS X)\r\n", False),
        (b"", False),
    ],
)
def test_only_clients_known_to_speak_aes_gcm_are_offered_nothing_else(line: bytes, holds: bool) -> None:
    assert speaks_gcm(line) is holds


@pytest.mark.parametrize("milliseconds, mebibytes", [(0, 4), (29, 4), (30, 16), (80, 16), (2000, 16)])
def test_a_client_far_away_gets_a_large_window(milliseconds: int, mebibytes: int) -> None:
    assert window_for(milliseconds / 1000) == mebibytes << 20
