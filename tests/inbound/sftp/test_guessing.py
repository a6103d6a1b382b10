"""Guesses at passwords: who is not believed, who still is, and that a refusal does not tell a right password."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncssh
import pytest

from ingest.config import Sftp
from ingest.inbound.backend import Account
from ingest.inbound.sftp import accounts, hash_password
from ingest.inbound.sftp.accounts import Passwords
from ingest.inbound.sftp.context import ServerContext
from ingest.inbound.sftp.guessing import PasswordCheck
from ingest.inbound.sftp.limits import LocalLimits
from ingest.inbound.sftp.throttle import BAN_AFTER, GUESSES_PER_LABEL, Throttle
from tests.inbound.sftp.memory_backend import MemoryBackend
from tests.sftp_clients import PASSWORD, RecordingLog

ANNA = Account(1, "anna", Path("/nowhere"), hash_password(PASSWORD), (), enabled=True)
HOME, STRANGER = "192.0.2.1", "198.51.100.1"


@pytest.fixture
def context() -> Iterator[ServerContext]:
    with ThreadPoolExecutor(2) as threads:
        made = ServerContext(
            backend=MemoryBackend({"anna": ANNA}, known_addresses={("anna", HOME)}),
            config=Sftp(),
            log=RecordingLog(),
            passwords=Passwords(),
            limits=LocalLimits(Throttle(), 2),
            threads=threads,
            account_threads=threads,
            read_only=lambda account: {},
        )
        yield made
        made.passwords.close()


def memory(context: ServerContext) -> MemoryBackend:
    assert isinstance(context.backend, MemoryBackend)
    return context.backend


async def guess_from_many(context: ServerContext, guesses: int) -> None:
    for number in range(guesses):
        await PasswordCheck(context, f"203.0.113.{number}").failed(ANNA)


async def test_a_right_password_passes_up_to_the_ban_of_its_address_and_not_after(context: ServerContext) -> None:
    asked = PasswordCheck(context, HOME)
    told = [await asked.failed(None) for _ in range(BAN_AFTER - 1)]
    assert (told, await asked.passes(ANNA, PASSWORD)) == ([False] * (BAN_AFTER - 1), True)
    assert await asked.failed(None)
    assert not await asked.passes(ANNA, PASSWORD)
    assert await PasswordCheck(context, STRANGER).passes(ANNA, PASSWORD)


async def test_a_label_at_which_many_guess_gets_in_from_where_it_logged_in_and_strangers_do_not(
    context: ServerContext,
) -> None:
    await guess_from_many(context, GUESSES_PER_LABEL - 1)
    assert await PasswordCheck(context, STRANGER).passes(ANNA, PASSWORD)
    assert memory(context).alarms == []
    await PasswordCheck(context, STRANGER).failed(ANNA)
    assert not await PasswordCheck(context, STRANGER).passes(ANNA, PASSWORD)
    assert await PasswordCheck(context, HOME).passes(ANNA, PASSWORD)
    assert not await PasswordCheck(context, HOME).passes(ANNA, "wrong")
    await PasswordCheck(context, STRANGER).failed(ANNA)
    assert memory(context).alarms == ["guesses at the password of anna"]


async def test_who_is_not_believed_waits_as_long_with_a_right_password_as_with_a_wrong_one(
    context: ServerContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await PasswordCheck(context, HOME).passes(ANNA, PASSWORD)  # remembered: it would be answered at once
    await guess_from_many(context, GUESSES_PER_LABEL)
    checked: list[str | None] = []
    verify = accounts.verify_password

    def noted(stored: str | None, password: str) -> bool:
        checked.append(stored)
        return verify(stored, password)

    monkeypatch.setattr(accounts, "verify_password", noted)
    for password in (PASSWORD, "wrong"):
        assert not await PasswordCheck(context, STRANGER).passes(ANNA, password)
    assert checked == [None, None]


async def test_of_many_guesses_at_one_moment_no_more_are_answered_than_in_turn(context: ServerContext) -> None:
    async def connection(password: str) -> bool:
        asked = PasswordCheck(context, STRANGER)
        if await asked.passes(ANNA, password):
            return True
        await asked.failed(ANNA)
        return False

    # Of those that are checked side by side with the right one, some may be recorded after it: hence more than enough.
    guesses = [f"wrong {number}" for number in range(2 * BAN_AFTER)] + [PASSWORD]
    assert await asyncio.gather(*map(connection, guesses)) == [False] * (2 * BAN_AFTER + 1)


async def test_a_journal_that_is_away_ends_the_connection_and_accuses_nobody(context: ServerContext) -> None:
    await guess_from_many(context, GUESSES_PER_LABEL)
    memory(context).crashing.add("logged_in_lately")
    with pytest.raises(asyncssh.DisconnectError, match="Our system"):
        await PasswordCheck(context, HOME).passes(ANNA, PASSWORD)
