"""What the connections of one process share: each label's room and turns, and what ops are told."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.config import Sftp
from ingest.inbound.backend import Account
from ingest.inbound.sftp.accounts import Passwords
from ingest.inbound.sftp.context import ServerContext
from ingest.inbound.sftp.limits import LocalLimits
from ingest.inbound.sftp.quota_limits import QuotaLimits
from ingest.inbound.sftp.throttle import Throttle
from ingest.inbound.sftp.usage import NAME
from tests.inbound.sftp.memory_backend import MemoryBackend
from tests.sftp_clients import RecordingLog

CONFIG = Sftp(
    max_bytes_per_label=1000,
    max_files_per_label=20,
    max_folders_per_label=30,
    min_free_bytes=4,
    max_bytes_kept_per_label=5000,
)


@pytest.fixture
def anna(tmp_path: Path) -> Account:
    (tmp_path / "anna" / "incoming").mkdir(parents=True)
    return Account(1, "anna", tmp_path / "anna", None, (), enabled=True)


@pytest.fixture
def context(anna: Account) -> Iterator[ServerContext]:
    with ThreadPoolExecutor(2) as threads:
        made = ServerContext(
            backend=MemoryBackend({"anna": anna}),
            config=CONFIG,
            log=RecordingLog(),
            passwords=Passwords(),
            limits=LocalLimits(Throttle(), 2),
            threads=threads,
            account_threads=threads,
            read_only=lambda account: {},
        )
        yield made
        made.passwords.close()
        for quota in made.quotas.values():
            quota.close()


def memory(context: ServerContext) -> MemoryBackend:
    assert isinstance(context.backend, MemoryBackend)
    return context.backend


def events(context: ServerContext) -> list[str]:
    assert isinstance(context.log, RecordingLog)
    return context.log.events()


@pytest.mark.parametrize(
    ("own", "limits"),
    [
        ({}, QuotaLimits(1000, 20, 30, 4, 5000)),
        ({"max_bytes": 7, "max_files": 8, "max_folders": 9}, QuotaLimits(7, 8, 9, 4, 5000)),
        ({"max_bytes": 0, "max_files": 8}, QuotaLimits(1000, 8, 30, 4, 5000)),
    ],
)
def test_a_label_has_the_room_of_the_configuration_where_it_has_none_of_its_own(
    context: ServerContext, anna: Account, own: dict[str, Any], limits: QuotaLimits
) -> None:
    assert context.quota_of(replace(anna, **own)).quota == limits


def test_all_sessions_of_a_label_share_one_room_which_counts_what_was_sealed(
    context: ServerContext, anna: Account
) -> None:
    memory(context).kept_bytes = 4400
    (anna.home / "incoming" / "a.wav").write_bytes(bytes(50))
    quota = context.quota_of(anna)
    assert context.quota_of(replace(anna, password_hash="x")) is quota
    assert quota.room().free == 550
    memory(context).crashing.add("kept")
    assert quota.room().free == 550


def test_a_quota_that_was_changed_holds_for_open_sessions_and_the_old_one_while_the_journal_is_away(
    context: ServerContext, anna: Account
) -> None:
    quota = context.quota_of(anna)
    memory(context).accounts["anna"] = replace(anna, max_bytes=70)
    context.refresh_quota(anna)
    assert quota.quota.bytes == 70
    memory(context).accounts["anna"] = replace(anna, max_bytes=80)
    memory(context).crashing.add("account")
    context.refresh_quota(anna)
    assert (quota.quota.bytes, events(context)) == (70, ["backend failed"])
    memory(context).crashing.clear()
    memory(context).accounts.clear()
    context.refresh_quota(anna)
    assert quota.quota.bytes == 70


def test_turns_are_shared_while_a_label_has_connections_and_given_up_with_the_last(
    context: ServerContext, anna: Account
) -> None:
    turns, others = context.turns_of(anna), context.turns_of(replace(anna, id=2))
    assert (context.turns_of(anna) is turns, others is turns, len(context.turns)) == (True, False, 2)
    del turns, others
    gc.collect()
    assert len(context.turns) == 0


def test_what_ops_must_know_is_logged_and_told_and_a_deaf_journal_ends_nothing(context: ServerContext) -> None:
    context.tell_ops("the disk is full", "in words")
    memory(context).crashing.add("alarm")
    context.tell_ops("the disk is full", "in words")
    assert memory(context).alarms == ["the disk is full"]
    assert events(context) == ["told ops", "told ops", "backend failed"]


def test_without_sessions_no_bytes_of_requests_are_held(context: ServerContext) -> None:
    assert context.held() == 0


def test_the_counts_of_a_label_are_open_while_one_of_its_connections_is_and_no_longer(
    context: ServerContext, anna: Account
) -> None:
    def is_open() -> bool:
        return any(os.path.realpath(one) == str(anna.home / NAME) for one in Path("/proc/self/fd").iterdir())

    for _ in range(2):
        context.enter(anna.id)
        context.enter(anna.id)
        quota = context.quota_of(anna)
        quota.room()
        context.leave(anna.id)
        assert is_open()
        context.leave(anna.id)
        assert not is_open()
    assert (context.quota_of(anna) is quota, len(context.connected)) == (True, 0)


def test_a_connection_whose_sessions_never_came_to_be_leaves_as_well(context: ServerContext, anna: Account) -> None:
    context.enter(anna.id)
    context.leave(anna.id)
    assert len(context.connected) == 0
