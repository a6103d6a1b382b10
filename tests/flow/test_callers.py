"""Who a secret belongs to: found, remembered for seconds, refused soon after it was revoked, and cheap to ask."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from ingest.core.caller import Caller, Scope
from ingest.core.decision import By, Face
from ingest.flow import callers as module
from ingest.flow.api_keys import ApiKeys
from ingest.flow.api_secrets import LIVE_KEY, TOKEN, new_secret
from ingest.flow.api_tokens import ApiTokens
from ingest.flow.callers import Callers
from ingest.store.database import Store
from ingest.store.models import ApiKey, Label
from tests.stage import Stage, by

ROOT = by("root")


@dataclass
class Ticking:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Desk:
    """Callers with a clock set by hand, beside another process on the same database."""

    on: Stage
    ticking: Ticking
    callers: Callers
    other: Callers

    @property
    def keys(self) -> ApiKeys:
        return ApiKeys(self.on.app.store, self.callers, self.on.clock)

    @property
    def tokens(self) -> ApiTokens:
        return ApiTokens(self.on.app.store, self.on.clock)

    def wait(self, seconds: float) -> None:
        self.ticking.seconds += seconds
        self.on.clock.advance(seconds=seconds)

    def label(self, **values: object) -> None:
        with self.on.app.store.transaction() as tx:
            tx.execute(sa.update(Label).where(Label.name == "anna").values(**values))


@pytest.fixture
def desk(on: Stage) -> Desk:
    ticking = Ticking()
    return Desk(on, ticking, *(Callers(on.app.store, on.clock, ticking) for _ in range(2)))


@contextmanager
def questions(store: Store) -> Iterator[list[str]]:
    """The statements that the database is asked within the block."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *others: object) -> None:
        asked.append(statement)

    sa.event.listen(store.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", note)


def test_a_key_is_found_with_its_label_and_scopes_and_then_remembered_for_15_seconds(desk: Desk) -> None:
    made = desk.keys.create("anna", ROOT, scopes=[Scope.MODERATE, Scope.READ])
    anna = Caller(desk.on.label().id, "anna", made.line.id, frozenset({Scope.READ, Scope.MODERATE}), False)
    assert desk.callers.remembered(made.secret) is None
    assert desk.callers.verify(made.secret) == anna
    with questions(desk.on.app.store) as asked:
        desk.wait(14.9)
        assert (desk.callers.verify(made.secret), desk.callers.remembered(made.secret)) == (anna, anna)
        assert asked == []
        desk.wait(0.2)
        assert desk.callers.remembered(made.secret) is None
        assert desk.callers.verify(made.secret) == anna
        assert len(asked) == 1
    assert anna.by == By(made.line.id, Face.API)


def test_a_secret_that_nobody_has_is_refused_and_one_that_cannot_be_asks_no_database(desk: Desk) -> None:
    made = desk.keys.create("anna", ROOT)
    for one in (new_secret(LIVE_KEY), new_secret(TOKEN), made.secret.swapcase(), made.line.id):
        assert desk.callers.verify(one) is None
    with questions(desk.on.app.store) as asked:
        for one in ("", made.secret[:-1], f"{made.secret}x", f"{made.secret}\0", "isp_live_" + "'" * 43, "x" * 10**6):
            assert desk.callers.verify(one) is None
    assert asked == []


def test_a_key_that_is_revoked_is_refused_at_once_here_and_within_15_seconds_elsewhere(desk: Desk) -> None:
    made = desk.keys.create("anna", ROOT)
    for one in (desk.callers, desk.other):
        assert one.verify(made.secret) is not None
    desk.keys.revoke("anna", made.line.id, ROOT)
    assert (desk.callers.remembered(made.secret), desk.callers.verify(made.secret)) == (None, None)
    desk.wait(15)
    assert desk.other.verify(made.secret) is None


def test_a_label_that_is_disabled_is_refused_within_15_seconds_and_comes_back_with_its_keys(desk: Desk) -> None:
    key, token = desk.keys.create("anna", ROOT).secret, desk.tokens.issue("anna", "u1").secret
    for one in (key, token):
        assert desk.callers.verify(one) is not None
    desk.on.app.accounts.disable("anna", ROOT)
    desk.wait(15)
    assert [desk.callers.verify(one) for one in (key, token)] == [None, None]
    desk.on.app.accounts.enable("anna", ROOT)
    assert None not in [desk.callers.verify(one) for one in (key, token)]


def test_a_test_key_never_acts_on_an_account_that_is_no_sandbox_any_more(desk: Desk) -> None:
    live = desk.keys.create("anna", ROOT).secret
    desk.label(is_sandbox=True)
    test = desk.keys.create("anna", ROOT).secret
    found = desk.callers.verify(test)
    assert found is not None and found.is_test
    assert desk.callers.verify(live) is None
    desk.label(is_sandbox=False)
    desk.wait(15)
    assert desk.callers.verify(test) is None
    found = desk.callers.verify(live)
    assert found is not None and not found.is_test


def test_a_token_reads_for_its_user_until_it_expires_though_it_is_remembered(desk: Desk) -> None:
    issued = desk.tokens.issue("anna", "user_2290", 20)
    user = Caller(desk.on.label().id, "anna", issued.id, frozenset({Scope.READ}), False, "user_2290")
    assert desk.callers.verify(issued.secret) == user
    desk.wait(16)
    assert desk.callers.verify(issued.secret) == user
    desk.wait(3.9)
    assert desk.callers.remembered(issued.secret) == user
    desk.wait(0.1)
    assert (desk.callers.remembered(issued.secret), desk.callers.verify(issued.secret)) == (None, None)


def test_a_token_ends_with_the_key_that_it_was_issued_with(desk: Desk) -> None:
    made = desk.keys.create("anna", ROOT)
    caller = desk.callers.verify(made.secret)
    assert caller is not None
    bound, free = desk.tokens.issue_with(caller, "u1"), desk.tokens.issue("anna", "u1")
    desk.keys.revoke("anna", made.line.id, ROOT)
    assert desk.callers.verify(bound.secret) is None
    assert desk.callers.verify(free.secret) is not None


def test_the_use_of_a_key_is_recorded_once_a_minute_over_all_processes(desk: Desk) -> None:
    made = desk.keys.create("anna", ROOT)
    caller = desk.callers.verify(made.secret)
    assert caller is not None

    def used() -> list[object]:
        due = []
        for one in (desk.callers, desk.other):
            if one.is_use_due(caller):
                due.append(one)
                one.note_use(caller)
        with desk.on.app.store.reading() as tx:
            return [len(due), tx.scalar(sa.select(ApiKey.used_at))]

    start = desk.on.clock.now
    assert used() == [2, start]
    desk.wait(59)
    assert used() == [0, start]
    desk.wait(1)
    assert used() == [2, start]  # not more than a minute after the use that is recorded
    desk.wait(61)
    assert used() == [2, desk.on.clock.now]
    token = Caller(caller.label, "anna", "tok_1", caller.scopes, False, "u1")
    assert not desk.callers.is_use_due(token)


def test_no_more_than_so_many_callers_are_remembered(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    first, *later = (desk.keys.create("anna", ROOT).secret for _ in range(3))
    for one in (first, *later):
        desk.callers.verify(one)
    assert [desk.callers.remembered(one) is None for one in (first, *later)] == [True, False, False]


def test_many_threads_ask_at_one_time(desk: Desk) -> None:
    made = [desk.keys.create("anna", ROOT) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda number: desk.callers.verify(made[number % 4].secret), range(200)))
    assert [one and one.key_id for one in found] == [made[number % 4].line.id for number in range(200)]


def test_a_key_that_is_remembered_takes_less_than_a_tenth_of_a_millisecond(desk: Desk) -> None:
    secret = desk.keys.create("anna", ROOT).secret
    desk.callers.verify(secret)
    assert best_of(5, lambda: [desk.callers.verify(secret) for _ in range(100)]) / 100 < 1e-4


def best_of(times: int, call: Callable[[], object]) -> float:
    """The shortest CPU time in seconds of several calls."""

    def timed() -> float:
        begun = time.process_time()
        call()
        return time.process_time() - begun

    return min(timed() for _ in range(times))
