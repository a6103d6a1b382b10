"""Passwords, keys, steering and the ban: each by itself."""

from __future__ import annotations

import stat
import subprocess
import sys
import time
from pathlib import Path

import asyncssh
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ingest.inbound.backend import Account
from ingest.inbound.sftp import accounts, hash_password, make_host_keys, verify_password
from ingest.inbound.sftp.accounts import Passwords, authorized_keys
from ingest.inbound.sftp.algorithms import GCM, GCM_128, WIDE, ciphers_for
from ingest.inbound.sftp.throttle import BAN_AFTER, BAN_SECONDS, Throttle


def account(**changes: object) -> Account:
    values = {"password_hash": hash_password("right"), "public_keys": (), "enabled": True} | changes
    return Account(id=1, name="anna", home=Path("/nowhere"), **values)  # type: ignore[arg-type]


def test_a_password_is_hashed_with_argon2id_at_19_mebibytes() -> None:
    stored = hash_password("right")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(stored, "right")
    assert not verify_password(stored, "wrong")
    assert not verify_password(None, "right")
    assert not verify_password("not a hash", "right")


async def test_only_an_enabled_account_with_the_right_password_logs_in() -> None:
    passwords = Passwords()
    anna = account()
    assert await passwords.check(anna, "right")
    assert not await passwords.check(anna, "wrong")
    assert not await passwords.check(anna, "r" * 2000)
    assert not await passwords.check(None, "right")
    assert not await passwords.check(account(enabled=False), "right")
    assert not await passwords.check(account(password_hash=None), "right")
    passwords.close()


def test_an_unknown_user_takes_as_long_as_a_wrong_password() -> None:
    stored, times = hash_password("right"), {True: list[float](), False: list[float]()}
    for _ in range(8):
        for is_known in (True, False):
            start = time.perf_counter()
            verify_password(stored if is_known else None, "wrong")
            times[is_known].append(time.perf_counter() - start)
    assert 0.4 < min(times[True]) / min(times[False]) < 2.5


async def test_a_good_login_is_remembered_until_the_password_changes_or_time_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, asked = [0.0], list[str | None]()
    passwords, anna = Passwords(lambda: now[0]), account()
    real = verify_password

    def counted(stored: str | None, password: str) -> bool:
        asked.append(stored)
        return real(stored, password)

    monkeypatch.setattr(accounts, "verify_password", counted)
    for _ in range(3):
        assert await passwords.check(anna, "right")
    assert len(asked) == 1
    assert not await passwords.check(account(password_hash=hash_password("new")), "right")
    assert not await passwords.check(account(enabled=False), "right")
    now[0] = 301.0
    assert await passwords.check(anna, "right")
    assert len(asked) == 4
    passwords.close()


def test_unreadable_key_lines_are_counted_and_the_others_hold() -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    line = key.export_public_key().decode().strip()
    keys, bad = authorized_keys(account(public_keys=(f'from="10.0.0.0/8" {line} anna@studio', "rubbish")))
    assert bad == 1
    assert keys is not None
    assert keys.validate(key.convert_to_public(), "10.1.2.3", "10.1.2.3") is not None
    assert keys.validate(key.convert_to_public(), "192.0.2.1", "192.0.2.1") is None
    assert authorized_keys(account(public_keys=(line,), enabled=False)) == (None, 0)
    assert authorized_keys(None) == (None, 0)


def test_host_keys_are_made_once_and_stay(tmp_path: Path) -> None:
    first = make_host_keys(tmp_path / "keys")
    before = [path.read_bytes() for path in first]
    assert [path.name for path in first] == ["ssh_host_ed25519_key", "ssh_host_rsa_key"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in first] == [0o600, 0o600]
    rsa = serialization.load_ssh_private_key(before[1], None)
    assert isinstance(rsa, RSAPrivateKey) and rsa.key_size == 3072
    assert make_host_keys(tmp_path / "keys") == first
    assert [path.read_bytes() for path in first] == before
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [
        "ssh_host_ed25519_key",
        "ssh_host_ed25519_key.pub",
        "ssh_host_rsa_key",
        "ssh_host_rsa_key.pub",
    ]


@pytest.mark.slow
def test_processes_that_start_at_once_agree_on_the_host_keys(tmp_path: Path) -> None:
    command = "import sys, pathlib; from ingest.inbound.sftp import make_host_keys as m; m(pathlib.Path(sys.argv[1]))"
    starting = [subprocess.Popen([sys.executable, "-c", command, str(tmp_path / "keys")]) for _ in range(4)]
    assert [process.wait(60) for process in starting] == [0] * 4
    paths = make_host_keys(tmp_path / "keys")
    assert sorted(path.name for path in (tmp_path / "keys").iterdir() if path.name.startswith(".")) == []
    for path in paths:
        public = asyncssh.read_public_key(path.with_name(path.name + ".pub"))
        assert asyncssh.read_private_key(path).convert_to_public() == public


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


def test_an_address_is_banned_after_twenty_failures_and_freed_by_time_or_a_good_login() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    assert [throttle.failed("192.0.2.1") for _ in range(BAN_AFTER)] == [False] * (BAN_AFTER - 1) + [True]
    assert throttle.is_banned("192.0.2.1")
    assert not throttle.is_banned("192.0.2.2")
    now[0] = BAN_SECONDS + 1
    assert not throttle.is_banned("192.0.2.1")
    for _ in range(BAN_AFTER - 1):
        throttle.failed("192.0.2.2")
    throttle.succeeded("192.0.2.2")
    throttle.failed("192.0.2.2")
    assert not throttle.is_banned("192.0.2.2")
