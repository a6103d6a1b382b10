"""The names of the guide's example, sent unchanged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.message import Header, Party
from ingest.core.resources import Artist
from ingest.rules import check
from ingest.rules.style.placeholders import PLACEHOLDERS
from tests.readers.ern.messages import GUIDE
from tests.rules.dossiers import GOOD, POLICY, RECORDING, RELEASE, message_of, text, title, with_message


def test_the_placeholders_are_those_of_the_guide() -> None:
    assert [name for name in PLACEHOLDERS if f">{name}<" not in GUIDE.casefold()] == []


@pytest.mark.parametrize(
    ("track", "artist", "sender", "found"),
    [
        ("Sunrise", "Ayo Lande", "LABEL", []),
        ("My Track Title", "Ayo Lande", "LABEL", ['"My Track Title" is from']),
        ("Sunrise", "artist name", "LABEL", ['"artist name" is from']),
        ("Sunrise", "Ayo Lande", "YOUR_LABEL_ID", ['"YOUR_LABEL_ID" is from']),
        ("My Track Title", "Artist Name", "LABEL", ['"My Track Title" and "Artist Name" are from']),
        ("My Track", "The Artist Name", "MY_LABEL_ID", []),
    ],
)
def test_a_name_of_the_example_is_told_once_with_the_others(
    track: str, artist: str, sender: str, found: list[str]
) -> None:
    artists = (Artist(text(artist, 31), (text("MainArtist", 31),), 31),)
    recording = replace(RECORDING, title=title(track), display_artists=artists)
    header = Header(line=7, sender=Party((text(sender, 11),)), created=text("2026-03-20T10:00:00", 17))
    message = replace(message_of((recording,), (replace(RELEASE, title=title(track)),)), header=header)

    told = [one.text for one in check(with_message(message), POLICY) if one.code == "STY-041"]

    assert len(told) == len(found)
    assert all(words in one for one, words in zip(told, found, strict=True))
    assert check(GOOD, POLICY) == ()
