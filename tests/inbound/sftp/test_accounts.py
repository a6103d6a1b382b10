"""Passwords and keys: who may log in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import asyncssh
import paramiko
import pytest
from argon2 import PasswordHasher

from ingest.inbound.backend import Account
from ingest.inbound.sftp import accounts, hash_password, verify_password
from ingest.inbound.sftp.accounts import THREADS, Passwords, authorized_keys, prepared
from tests.sftp_clients import Running


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


SAME: Final = [
    ("m²", "m2"),
    ("ﬁnale", "finale"),
    ("a™", "aTM"),
    ("u\u0308ber", "über"),
    ("soft\u00adhyphen", "softhyphen"),
]
"""Passwords, and what SASLprep (RFC 4013) makes of them."""


@pytest.mark.parametrize(("typed", "ready"), SAME)
def test_a_password_is_the_same_however_a_program_prepares_it(typed: str, ready: str) -> None:
    assert prepared(typed) == prepared(ready) == ready
    for stored in (hash_password(typed), hash_password(ready)):
        assert verify_password(stored, typed)
        assert verify_password(stored, ready)
        assert not verify_password(stored, ready + "x")


def test_a_hash_of_an_earlier_version_which_prepared_nothing_still_holds() -> None:
    stored = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("m²")
    assert verify_password(stored, "m²")
    assert not verify_password(stored, "m2")


@pytest.mark.parametrize("password", ["\N{GRINNING FACE}", "\N{BITCOIN SIGN}", "שלום1", "\ue000", "\u00ad", ""])
def test_what_saslprep_forbids_is_never_hashed_and_never_right(password: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        hash_password(password)
    assert not verify_password(hash_password("right"), password)


def answering(sent: str) -> Callable[..., list[str]]:
    """Answers every prompt of keyboard-interactive."""
    return lambda title, instructions, prompts: [sent for _ in prompts]


@pytest.mark.parametrize(("typed", "ready"), SAME)
def test_the_methods_password_and_keyboard_interactive_take_the_same(running: Running, typed: str, ready: str) -> None:
    running.add_label("bob", password_hash=hash_password(typed))
    for sent in (typed, ready):
        for method in ("auth_password", "auth_interactive"):
            with paramiko.Transport(("127.0.0.1", running.port)) as transport:
                transport.start_client(timeout=30)
                if method == "auth_password":
                    transport.auth_password("bob", sent, fallback=False)
                else:
                    transport.auth_interactive("bob", answering(sent))
                assert transport.is_authenticated()


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


async def test_a_login_waits_for_one_turn_of_an_address_that_floods_and_not_for_all_its_logins() -> None:
    passwords, anna = Passwords(), account()
    ended: list[str] = []

    async def check(address: str) -> None:
        await passwords.check(None, "guess", address)
        ended.append(address)

    flood = [asyncio.create_task(check("198.51.100.1")) for _ in range(30)]
    await asyncio.sleep(0)
    assert await passwords.check(anna, "right", "192.0.2.1")
    assert len(ended) <= 2 * THREADS
    await asyncio.gather(*flood)
    passwords.close()
