"""Which elements of the guide a place goes without."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers.ern.content_model import read_content_model
from ingest.readers.ern.schema import own_schema
from ingest.readers.ern.wanted import WANTED, all_wanted_in
from tests.readers.ern.messages import GENUINE, GUIDE, changed, read


def test_what_is_wanted_may_stand_where_it_is_wanted() -> None:
    model = read_content_model(own_schema())
    for parent, children in WANTED.items():
        assert [name for name in children if parent not in model.parents_of(name)] == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Genre", ("GenreText",)),
        ("DisplayArtist", ("PartyName", "FullName")),
        ("Duration", ()),
    ],
)
def test_all_that_is_wanted_within_an_element(name: str, wanted: tuple[str, ...]) -> None:
    assert all_wanted_in(name) == wanted


@pytest.mark.parametrize(
    ("text", "old", "new", "lacking"),
    [
        (GUIDE, "<ISRC>GBDUM7620001</ISRC>", "<Code>GBDUM7620001</Code>", {"ISRC"}),
        (GUIDE, "<ISRC>GBDUM7620001</ISRC>", "<ISRC>GBDUM7620001</ISRC><Code/>", set()),
        (GUIDE, "<Genre><GenreText>Afrobeats</GenreText></Genre>", "<Mood/>", {"Genre", "GenreText"}),
        (GENUINE, "<ReleaseDate>2026-05-01</ReleaseDate>", "<Date/>", {"ReleaseDate"}),
    ],
)
def test_an_element_that_may_not_stand_there_may_be_what_is_missing(
    tmp_path: Path, text: str, old: str, new: str, lacking: set[str]
) -> None:
    (fault,) = read(tmp_path, changed(text, (old, new))).schema_faults

    assert {name for name in fault.lacking if name != "IndirectResourceContributor"} == lacking
