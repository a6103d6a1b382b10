"""Partner keys of the REST API: created, listed, revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ingest.core.caller import Scope
from ingest.core.decision import By, DecisionKind
from ingest.flow.api_secrets import LIVE_KEY, TEST_KEY, digest_of, new_id, new_secret, start_of
from ingest.flow.callers import Callers
from ingest.flow.errors import Code, NotFound, Refused
from ingest.flow.lookup import label_named
from ingest.store import api_keys
from ingest.store.database import Clock, Store
from ingest.store.decisions import record_decision
from ingest.store.models import ApiKey

LONGEST_NAME: Final = 100
USUAL: Final = (Scope.READ, Scope.WRITE)
USUAL_OF_SANDBOX: Final = (*USUAL, Scope.MODERATE)
"""The scopes of a key unless others are asked for: in a sandbox an integrator approves its releases itself."""


@dataclass(frozen=True, slots=True)
class ApiKeyLine:
    """A key as lists show it, without its secret: `start` is how that begins. Keys of sandboxes are `is_test`."""

    id: str
    label: str
    name: str
    start: str
    scopes: tuple[Scope, ...]
    is_test: bool
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key with its secret, which is told this once: only its hash is stored."""

    line: ApiKeyLine
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """The use cases on keys. Methods raise NotFound for an unknown label or key, and Refused for an invalid value."""

    store: Store
    callers: Callers
    clock: Clock

    def create(
        self, label: str, by: By, *, scopes: Sequence[Scope] = (), name: str = "", test: bool = False
    ) -> NewApiKey:
        """Make a key of this label. It is a test key where the label is a sandbox; else `test` is refused.

        No scopes: read and write, of a sandbox moderate too.
        """
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise Refused(Code.API_KEY_NAME_REFUSED, most=LONGEST_NAME)
        with self.store.transaction() as tx:
            owner = label_named(tx, label)
            if test and not owner.is_sandbox:
                raise Refused(Code.NOT_A_SANDBOX, label=label)
            now, secret = self.clock(), new_secret(TEST_KEY if owner.is_sandbox else LIVE_KEY)
            given = scopes or (USUAL_OF_SANDBOX if owner.is_sandbox else USUAL)
            row = api_keys.add_key(
                tx,
                id=new_id("key", now),
                label=owner.id,
                name=name,
                digest=digest_of(secret),
                start=start_of(secret),
                scopes=[scope.value for scope in Scope if scope in given],
                is_test=owner.is_sandbox,
                now=now,
            )
            details = {"key": row.id, "name": name, "scopes": row.scopes}
            record_decision(tx, DecisionKind.CREATE_KEY, by, now, label=owner.id, details=details)
            return NewApiKey(_line(row, label), secret)

    def every(self, label: str) -> tuple[ApiKeyLine, ...]:
        """The keys of a label, oldest first, with those that were revoked."""
        with self.store.reading() as tx:
            return tuple(_line(row, label) for row in api_keys.list_keys(tx, label_named(tx, label).id))

    def revoke(self, label: str, key: str, by: By) -> ApiKeyLine:
        """Revoke a key, and the tokens that were issued with it; every process refuses them within 15 seconds.

        A key that was revoked before stays as it is.
        """
        with self.store.transaction() as tx:
            owner = label_named(tx, label)
            row = api_keys.get_key(tx, owner.id, key)
            if row is None:
                raise NotFound("api-key", key, label=label)
            now = self.clock()
            if api_keys.revoke_key(tx, row.id, now):
                record_decision(tx, DecisionKind.REVOKE_KEY, by, now, label=owner.id, details={"key": row.id})
                tx.refresh(row)
            line = _line(row, label)
        self.callers.forget(line.id)
        return line


def _line(row: ApiKey, label: str) -> ApiKeyLine:
    return ApiKeyLine(
        id=row.id,
        label=label,
        name=row.name,
        start=row.start,
        scopes=tuple(map(Scope, row.scopes)),
        is_test=row.is_test,
        created_at=row.created_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
