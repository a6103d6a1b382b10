"""Passwords and keys: who may log in."""

from __future__ import annotations

import time
from pathlib import Path

import asyncssh
import pytest

from ingest.inbound.backend import Account
from ingest.inbound.sftp import accounts, hash_password, verify_password
from ingest.inbound.sftp.accounts import Passwords, authorized_keys


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
