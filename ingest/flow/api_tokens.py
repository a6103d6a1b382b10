"""Tokens of the users of labels: for programs that run where a key must not be, as in a browser.

A token reads what belongs to its user, and ends by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from ingest.core.caller import Caller
from ingest.flow.api_secrets import TOKEN, digest_of, new_id, new_secret
from ingest.flow.errors import Code, Refused
from ingest.flow.lookup import label_named
from ingest.store import api_tokens
from ingest.store.database import Clock, Store

LONGEST_USER: Final = 256
LEAST_SECONDS: Final = 1
USUAL_SECONDS: Final = 900
MOST_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class NewApiToken:
    """A token with its secret, which is told this once: only its hash is stored."""

    id: str
    user_id: str
    expires_at: datetime
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiTokens:
    """The use cases on tokens. Methods raise Refused for an id of a user or a time that cannot be."""

    store: Store
    clock: Clock

    def issue(self, label: str, user: str, seconds: int = USUAL_SECONDS) -> NewApiToken:
        """Issue a token of this user of a label, for so many seconds. Raises NotFound for an unknown label."""
        with self.store.transaction() as tx:
            return self._issue(tx, label_named(tx, label).id, None, user, seconds)

    def issue_with(self, caller: Caller, user: str, seconds: int = USUAL_SECONDS) -> NewApiToken:
        """As `issue`, for the label whose key the caller has; the token ends with that key."""
        with self.store.transaction() as tx:
            return self._issue(tx, caller.label, caller.key_id, user, seconds)

    def _issue(self, tx: Session, label: int, key: str | None, user: str, seconds: int) -> NewApiToken:
        if not 1 <= len(user) <= LONGEST_USER or not user.isprintable():
            raise Refused(Code.API_USER_REFUSED, most=LONGEST_USER)
        if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
            raise Refused(Code.API_TOKEN_TIME_REFUSED, least=LEAST_SECONDS, most=MOST_SECONDS)
        now, secret = self.clock(), new_secret(TOKEN)
        made = NewApiToken(new_id("tok", now), user, now + timedelta(seconds=seconds), secret)
        api_tokens.remove_expired(tx, now)
        api_tokens.add_token(
            tx,
            id=made.id,
            label=label,
            key=key,
            user=user,
            digest=digest_of(secret),
            now=now,
            expires=made.expires_at,
        )
        return made
