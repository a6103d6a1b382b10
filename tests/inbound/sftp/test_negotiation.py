"""Clients that cannot agree on the algorithms they are offered: the log says why, and the next offer is wide."""

from __future__ import annotations

from pathlib import Path

import paramiko
import pytest

from ingest.inbound.sftp import negotiation
from ingest.inbound.sftp.algorithms import GCM, WIDE
from ingest.inbound.sftp.negotiation import Offers
from tests import sftp_clients as clients
from tests.sftp_clients import Running, digests, release_folder, run

OPENSSH = b"SSH-2.0-OpenSSH_9.2p1"


def test_a_client_that_does_not_agree_gets_the_wide_offer_and_no_other_client_does() -> None:
    offers = Offers()
    assert offers.ciphers("192.0.2.1", OPENSSH) == GCM
    assert offers.note_failed("192.0.2.1", OPENSSH)
    assert not offers.note_failed("192.0.2.1", OPENSSH)
    assert not offers.note_failed("192.0.2.1", b"SSH-2.0-Go")
    assert offers.ciphers("192.0.2.1", OPENSSH) == WIDE
    assert offers.ciphers("192.0.2.2", OPENSSH) == offers.ciphers("192.0.2.1", b"SSH-2.0-rclone/v1") == GCM


def test_only_the_latest_failures_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(negotiation, "MOST_REMEMBERED", 2)
    offers = Offers()
    assert [offers.note_failed(f"192.0.2.{number}", OPENSSH) for number in (1, 2, 3)] == [True] * 3
    assert [offers.ciphers(f"192.0.2.{number}", OPENSSH) for number in (1, 2, 3)] == [GCM, WIDE, WIDE]
    assert offers.note_failed("192.0.2.1", OPENSSH)


def told(running: Running) -> list[dict[str, object]]:
    return [values for _, event, values in running.log.lines if event == "no agreement in key exchange"]


@pytest.mark.clients
@pytest.mark.parametrize("ciphers", ["aes256-ctr", "aes128-ctr,chacha20-poly1305@openssh.com"])
def test_openssh_without_gcm_uploads_at_its_second_try(running: Running, tmp_path: Path, ciphers: str) -> None:
    folder = release_folder(tmp_path, "Album", size=10_000)
    command = clients.sftp_command(running)
    command = [*command[:-1], "-c", ciphers, command[-1]]
    upload = f"cd incoming\nput -r {folder}\n"
    run(command, upload, fails=True)
    running.until(lambda: bool(told(running)))
    run(command, upload)
    assert digests(running.incoming / "Album") == digests(folder)
    run(clients.sftp_command(running), "ls /\n")
    (one,) = told(running)
    assert str(one["client"]).startswith("SSH-2.0-OpenSSH_")
    assert one["address"] == "127.0.0.1"
    assert ",".join(GCM) in str(one["offered"])


@pytest.mark.clients
def test_a_client_with_ecdsa_host_keys_only_uploads(running: Running, tmp_path: Path) -> None:
    folder = release_folder(tmp_path, "Album", size=10_000)
    command = [clients.need("sftp"), "-i", str(running.key_file), "-P", str(running.port)]
    for option in ("HostKeyAlgorithms=ecdsa-sha2-nistp256", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"):
        command += ["-o", option]
    run([*command, "anna@127.0.0.1"], f"cd incoming\nput -r {folder}\n")
    assert digests(running.incoming / "Album") == digests(folder)


@pytest.mark.parametrize(
    ("attribute", "about", "algorithm"),
    [
        ("_preferred_kex", "key exchange", "diffie-hellman-group14-sha1"),
        ("_preferred_keys", "host key", "ssh-dss"),
        ("_preferred_ciphers", "cipher", "3des-cbc"),
    ],
)
def test_the_log_says_once_what_was_asked_and_what_offered(
    running: Running, attribute: str, about: str, algorithm: str
) -> None:
    for _ in range(2):
        with paramiko.Transport(("127.0.0.1", running.port)) as transport:
            setattr(transport, attribute, (algorithm,))
            with pytest.raises((paramiko.SSHException, EOFError)):
                transport.start_client(timeout=30)
    running.until(lambda: running.log.events().count("connection ended before login") == 2)
    (one,) = told(running)
    assert one["about"] == about
    assert algorithm in str(one["asked"]).split(",")
    assert algorithm not in str(one["offered"]).split(",")
    assert str(one["client"]).startswith("SSH-2.0-paramiko_")


def test_a_client_that_leaves_after_the_key_exchange_is_not_told_of(running: Running) -> None:
    with paramiko.Transport(("127.0.0.1", running.port)) as transport:
        transport.start_client(timeout=30)
    running.until(lambda: "connection ended before login" in running.log.events())
    assert told(running) == []
