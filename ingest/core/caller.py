"""Who sends a request of the REST API, and what that one may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ingest.core.decision import By, Face


class Scope(StrEnum):
    """What a key of the REST API may do: read, write (create, change, deliver), moderate (approve, reject...)."""

    READ = "read"
    WRITE = "write"
    MODERATE = "moderate"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever a secret belongs to: a partner key of a label, or a token of one of the label's users.

    `label` is the label's number, `key_id` the public id of the key (`key_...`) or token (`tok_...`). `is_test`: the
    label is a sandbox. `user_id` is the label's own id of the user, None for a key.
    """

    label: int
    label_name: str
    key_id: str
    scopes: frozenset[Scope]
    is_test: bool
    user_id: str | None = None

    @property
    def by(self) -> By:
        """Who decides, as recorded with decisions."""
        return By(self.key_id, Face.API)
