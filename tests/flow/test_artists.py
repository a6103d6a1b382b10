"""Artists of labels."""

from __future__ import annotations

import pytest

from ingest.flow.errors import NotFound
from tests.stage import Stage


def test_an_artist_is_added_changed_and_listed_for_its_label_only(on: Stage) -> None:
    artists = on.app.parts.artists
    made = artists.create(1, None, {"name": "Ama Beats", "country": "NG", "externalIds": {"spotify": "x"}})
    assert made.id.startswith("artist_")
    changed = artists.update(1, made.id, lambda kept: {**kept, "country": None, "name": "Ama"})
    assert (changed.name, changed.country, changed.external_ids) == ("Ama", None, {"spotify": "x"})
    assert [one.id for one in artists.all(1)] == [made.id]
    assert artists.all(2) == []
    with pytest.raises(NotFound):
        artists.update(2, made.id, lambda kept: kept)


def test_a_user_sees_its_own_artists_and_those_of_the_label(on: Stage) -> None:
    artists = on.app.parts.artists
    for user, name in ((None, "Label's"), ("one", "One's"), ("two", "Two's")):
        artists.create(1, user, {"name": name})
    assert [one.name for one in artists.all(1, "one")] == ["Label's", "One's"]
    assert [one.name for one in artists.all(1)] == ["Label's", "One's", "Two's"]
