"""Who a secret of the REST API belongs to, asked at every request.

Secrets are found by their SHA-256, so how long an answer takes tells nothing about the secrets that there are. What was
found is remembered for 15 seconds: within that time every process refuses a key that was revoked, and a label that was
disabled.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from math import inf
from threading import Lock
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from ingest.core.caller import Caller, Scope
from ingest.flow.api_secrets import TOKEN, digest_of, is_secret
from ingest.store.api_keys import find_key, note_use
from ingest.store.api_tokens import find_token
from ingest.store.database import Clock, Store

T = TypeVar("T")

REMEMBERED_SECONDS: Final = 15.0
NOTED: Final = timedelta(minutes=1)
"""The use of a key is recorded once in this time."""
MOST: Final = 10_000
"""Callers that are remembered at one time; beyond, the one that was found first is forgotten."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    until: float


class Callers:
    """The callers that secrets belong to. Its methods may be called from any thread."""

    def __init__(self, store: Store, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._noted: OrderedDict[str, datetime] = OrderedDict()
        self._lock = Lock()

    def remembered(self, secret: str) -> Caller | None:
        """The caller if `verify` found it within 15 seconds, else None; asks no database."""
        with self._lock:
            one = self._remembered.get(digest_of(secret))
        return one.caller if one is not None and one.until > self._monotonic() else None

    def was_found(self, secret: str) -> bool:
        """Whether the caller was found when it was last asked for, however long ago; asks no database."""
        with self._lock:
            return digest_of(secret) in self._remembered

    def verify(self, secret: str) -> Caller | None:
        """The caller of this secret; None for one that is unknown, revoked, expired, or of a disabled label.

        A key that was made for a sandbox is refused once its label is none any more, and the other way round. Raises
        sqlalchemy's errors.
        """
        if not is_secret(secret):
            return None
        if (known := self.remembered(secret)) is not None:
            return known
        digest = digest_of(secret)
        # Counted from before the question: what is revoked while it is asked must not be believed for longer.
        asked, now = self._monotonic(), self._clock()
        with self._store.reading() as tx:
            found = (_of_token if secret.startswith(TOKEN) else _of_key)(tx, digest, now)
        if found is None:
            self._forget(digest)
            return None
        caller, seconds = found
        self._remember(digest, _Remembered(caller, asked + min(seconds, REMEMBERED_SECONDS)))
        return caller

    def forget(self, key_id: str) -> None:
        """Ask the database at the next request of this key or token; others of this process do not change."""
        with self._lock:
            for digest in [digest for digest, one in self._remembered.items() if one.caller.key_id == key_id]:
                del self._remembered[digest]

    def is_use_due(self, caller: Caller) -> bool:
        """Whether the use of this key is to be recorded now, by `note_use`: once a minute. Of a token nothing is."""
        now = self._clock()
        with self._lock:
            last = self._noted.get(caller.key_id)
            if caller.user_id is not None or (last is not None and timedelta() <= now - last < NOTED):
                return False
            _keep(self._noted, caller.key_id, now)
            return True

    def note_use(self, caller: Caller) -> None:
        """Record that a key was used just now, unless another process did within a minute.

        The commit does not wait for the disk. Raises sqlalchemy's errors.
        """
        now = self._clock()
        with self._store.unsynced() as rows:
            note_use(rows, caller.key_id, now, now - NOTED)

    def _forget(self, digest: str) -> None:
        with self._lock:
            self._remembered.pop(digest, None)

    def _remember(self, digest: str, one: _Remembered) -> None:
        with self._lock:
            _keep(self._remembered, digest, one)


def _keep(kept: OrderedDict[str, T], key: str, value: T) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MOST:
        kept.popitem(last=False)


def _of_key(tx: Session, digest: str, _now: datetime) -> tuple[Caller, float] | None:
    """The caller whose key has this hash, and for how many seconds it may be believed."""
    found = find_key(tx, digest)
    if found is None:
        return None
    key, label = found
    stands = key.revoked_at is None and label.enabled and key.is_test == label.is_sandbox
    if not stands or not compare_digest(key.digest, digest):
        return None
    return Caller(label.id, label.name, key.id, frozenset(map(Scope, key.scopes)), key.is_test), inf


def _of_token(tx: Session, digest: str, now: datetime) -> tuple[Caller, float] | None:
    """As `_of_key`, of a token; it is believed until it expires."""
    found = find_token(tx, digest)
    if found is None:
        return None
    token, label = found.token, found.label
    seconds = (token.expires_at - now).total_seconds()
    stands = seconds > 0 and label.enabled and not found.is_key_revoked
    if not stands or not compare_digest(token.digest, digest):
        return None
    return Caller(label.id, label.name, token.id, frozenset({Scope.READ}), label.is_sandbox, token.user_id), seconds
