"""Tokens of users: found by their hash with their label and key, and removed once they have expired."""

from __future__ import annotations

from datetime import timedelta

from ingest.store import api_keys, api_tokens
from ingest.store.database import Store
from tests.store.rows import NOW

LATER = NOW + timedelta(minutes=15)


def add(store: Store, number: int, key: str | None = None, minutes: int = 15) -> None:
    id, digest, expires = f"tok_{number:026}", f"{number:064}", NOW + timedelta(minutes=minutes)
    with store.transaction() as tx:
        api_tokens.add_token(tx, id=id, label=2, key=key, user="user_2290", digest=digest, now=NOW, expires=expires)


def add_key(store: Store) -> str:
    with store.transaction() as tx:
        given = {"name": "", "start": "isp_live_Ab3d", "scopes": ["read"], "is_test": False}
        return api_keys.add_key(tx, id="key_1", label=2, digest="d", now=NOW, **given).id  # type: ignore[arg-type]


def found(store: Store, number: int) -> tuple[object, ...] | None:
    with store.reading() as tx:
        one = api_tokens.find_token(tx, f"{number:064}")
        if one is None:
            return None
        token = one.token
        return (token.id[-1], token.key_id, token.user_id, token.expires_at, one.label.name, one.is_key_revoked)


def test_a_token_is_found_with_its_label_and_tells_whether_its_key_was_revoked(store: Store) -> None:
    key = add_key(store)
    add(store, 1)
    add(store, 2, key)
    assert found(store, 1) == ("1", None, "user_2290", LATER, "ben", False)
    assert found(store, 2) == ("2", key, "user_2290", LATER, "ben", False)
    assert found(store, 3) is None
    with store.transaction() as tx:
        api_keys.revoke_key(tx, key, NOW)
    assert found(store, 1) == ("1", None, "user_2290", LATER, "ben", False)
    assert found(store, 2) == ("2", key, "user_2290", LATER, "ben", True)


def test_only_what_has_expired_is_removed(store: Store) -> None:
    for number, minutes in ((1, 14), (2, 15), (3, 16)):
        add(store, number, minutes=minutes)
    with store.transaction() as tx:
        api_tokens.remove_expired(tx, LATER)
    assert [found(store, number) is not None for number in (1, 2, 3)] == [False, False, True]
