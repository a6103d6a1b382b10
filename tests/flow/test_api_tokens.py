"""Tokens of users: issued for an hour at most, stored as hashes, removed once they have expired."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from ingest.core.caller import Caller, Scope
from ingest.flow.errors import Code, NotFound, Refused
from ingest.store.models import ApiToken
from tests.stage import START, Stage, by


def rows(on: Stage) -> list[ApiToken]:
    with on.app.store.reading() as tx:
        return list(tx.scalars(sa.select(ApiToken).order_by(ApiToken.created_at)))


def test_a_token_tells_its_secret_once_and_when_it_ends(on: Stage) -> None:
    made = on.app.api_tokens.issue("anna", "user_2290")
    assert (made.user_id, made.expires_at) == ("user_2290", START + timedelta(minutes=15))
    assert made.secret.startswith("ist_") and made.secret not in repr(made)
    (row,) = rows(on)
    assert (row.id, row.label_id, row.key_id, row.user_id) == (made.id, on.label().id, None, "user_2290")
    assert made.secret not in str(vars(row))


def test_a_token_that_a_key_issues_belongs_to_that_key(on: Stage) -> None:
    key = on.app.api_keys.create("anna", by("root")).line.id
    caller = Caller(on.label().id, "anna", key, frozenset({Scope.WRITE}), False)
    made = on.app.api_tokens.issue_with(caller, "u" * 256, 3600)
    (row,) = rows(on)
    assert (row.id, row.label_id, row.key_id, row.expires_at) == (
        made.id,
        caller.label,
        key,
        START + timedelta(hours=1),
    )


def test_those_that_have_expired_are_removed_when_the_next_is_issued(on: Stage) -> None:
    first = on.app.api_tokens.issue("anna", "u1", 60)
    on.clock.advance(seconds=59)
    second = on.app.api_tokens.issue("anna", "u1", 60)
    assert [row.id for row in rows(on)] == [first.id, second.id]
    on.clock.advance(seconds=1)
    third = on.app.api_tokens.issue("anna", "u1", 60)
    assert [row.id for row in rows(on)] == [second.id, third.id]


@pytest.mark.parametrize("user", ["", "u" * 257, "a\0", "a\nb", "\udcff"])
def test_an_id_of_a_user_is_printable_and_not_endless(on: Stage, user: str) -> None:
    with pytest.raises(Refused) as told:
        on.app.api_tokens.issue("anna", user)
    assert (told.value.code, told.value.values) == (Code.API_USER_REFUSED, {"most": 256})
    assert rows(on) == []


@pytest.mark.parametrize("seconds", [-1, 0, 3601])
def test_a_token_is_valid_for_an_hour_at_most(on: Stage, seconds: int) -> None:
    with pytest.raises(Refused) as told:
        on.app.api_tokens.issue("anna", "u1", seconds)
    assert (told.value.code, told.value.values) == (Code.API_TOKEN_TIME_REFUSED, {"least": 1, "most": 3600})


def test_an_unknown_label_has_no_users(on: Stage) -> None:
    with pytest.raises(NotFound):
        on.app.api_tokens.issue("ben", "u1")
