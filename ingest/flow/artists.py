"""Artists of labels, as integrators keep them. An artist of another label is not found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ulid import ULID

from ingest.flow.catalogue import ChangeFields
from ingest.flow.errors import NotFound
from ingest.store import artists
from ingest.store.database import Clock, Store
from ingest.store.models import Artist


@dataclass(frozen=True, slots=True)
class Artists:
    """The use cases of integrators on artists. `label` is always the caller's own, `user` whose token it is."""

    store: Store
    clock: Clock

    def create(self, label: int, user: str | None, fields: Mapping[str, Any]) -> Artist:
        """Add an artist of these fields, by their names in the API, which were validated."""
        now = self.clock()
        with self.store.transaction() as tx:
            return artists.add_artist(tx, f"artist_{ULID()}", label, user, fields, now)

    def update(self, label: int, artist: str, change: ChangeFields) -> Artist:
        """Change fields of an artist, as `Catalogue.update`. Raises NotFound."""
        with self.store.transaction() as tx:
            row = artists.find_artist(tx, label, artist)
            if row is None:
                raise NotFound("artist", artist)
            artists.set_artist(row, change(artists.fields_of(row)), self.clock())
            return row

    def all(self, label: int, user: str | None = None) -> Sequence[Artist]:
        """The label's artists, oldest first; for a user those that its tokens or the label's keys made."""
        with self.store.reading() as tx:
            return artists.list_artists(tx, label, user)
