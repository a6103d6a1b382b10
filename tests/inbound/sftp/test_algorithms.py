"""What a client is offered by its version line, and how large a window it gets by how far away it is."""

from __future__ import annotations

import pytest

from ingest.inbound.sftp.algorithms import GCM, GCM_128, WIDE, ciphers_for, window_for


@pytest.mark.parametrize("milliseconds, mebibytes", [(0, 4), (29, 4), (30, 16), (80, 16), (2000, 16)])
def test_a_client_far_away_gets_a_large_window(milliseconds: int, mebibytes: int) -> None:
    assert window_for(milliseconds / 1000) == mebibytes << 20


@pytest.mark.parametrize(
    ("line", "ciphers"),
    [
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", GCM),
        (b"SSH-2.0-OpenSSH_10.0\r\n", GCM),
        (b"SSH-2.0-OpenSSH_6.6\r\n", WIDE),
        (b"SSH-2.0-PuTTY_Release_0.78\r\n", GCM),
        (b"SSH-2.0-PuTTY_Release_0.70\r\n", WIDE),
        (b"SSH-2.0-FileZilla_3.63.0\r\n", GCM_128),
        (b"SSH-2.0-FileZilla_3.51.0\r\n", WIDE),
        (b"SSH-2.0-WinSCP_release_6.3.3\r\n", GCM),
        (b"SSH-2.0-WinSCP_release_5.21\r\n", WIDE),
        (b"SSH-2.0-Go\r\n", GCM),
        (b"SSH-2.0-rclone/v1.60.1\r\n", GCM),
        (b"SSH-2.0-libssh2_1.10.0\r\n", WIDE),
        (b"SSH-2.0-libssh2_1.11.1\r\n", GCM),
        (b"SSH-2.0-paramiko_5.1.0\r\n", WIDE),
        (b"", WIDE),
    ],
)
def test_only_clients_known_to_speak_gcm_are_offered_nothing_else(line: bytes, ciphers: tuple[str, ...]) -> None:
    assert ciphers_for(line) == ciphers
