"""Characters that nobody can see in names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.finding import Severity
from ingest.core.resources import Artist, Title
from ingest.rules.characters import plain
from tests.rules.dossiers import (
    RECORDING,
    RELEASE,
    codes,
    message_of,
    only,
    text,
    title,
    titled,
    with_message,
    with_recording,
    with_release,
)


@pytest.mark.parametrize(
    ("name", "character", "expected"),
    [
        ("Ayo\u202e Lande", "a direction character (U+202E)", "Ayo Lande"),
        ("Ayo\u0085Lande", "a control character (U+0085)", "AyoLande"),
        ("Ayo\u2028Lande", "a line break character (U+2028)", "Ayo Lande"),
    ],
)
def test_a_hidden_character_of_an_artist_is_told_with_its_place(name: str, character: str, expected: str) -> None:
    artist = Artist(text(name, 31), (text("MainArtist", 31),), 31)

    finding = only(with_recording(replace(RECORDING, display_artists=(artist,))))

    assert (finding.code, finding.severity, finding.line, finding.track) == ("ERN-021", Severity.WARNING, 31, 1)
    assert finding.text == (
        f'metadata.xml, line 31 (track 1): the artist name "{plain(name)}" holds {character}, which nobody can see.'
    )
    assert finding.fix == "Remove the character from the artist name: delete the whole artist name and type it again."
    assert finding.expected == expected


def test_titles_subtitles_and_artists_of_the_release_are_looked_at() -> None:
    subtitled = Title(text("Sunrise", 53), text("Live\u200e", 53), 53)
    artist = Artist(text("Ayo\u2066 Lande", 57), (), 57)

    assert codes(with_release(replace(RELEASE, title=subtitled))) == ["ERN-021"]
    assert codes(with_release(replace(RELEASE, display_artists=(artist,)))) == ["ERN-021"]
    assert codes(titled("Sun\u202erise")) == ["ERN-021", "ERN-021"]


def test_one_title_under_two_elements_is_told_once() -> None:
    hidden = title("Sun\u202erise", 28)
    recording = replace(RECORDING, title=hidden, titles=(hidden,))

    assert [one for one in codes(with_recording(recording)) if one == "ERN-021"] == ["ERN-021"]


@pytest.mark.parametrize("words", ["Sun\nrise", "Sun\trise", "می\u200cخواهم", "👩\u200d🎤 Song", "שלום"])
def test_characters_that_scripts_and_editors_need_are_no_fault(words: str) -> None:
    message = message_of((replace(RECORDING, title=title(words)),), (replace(RELEASE, title=title(words)),))

    assert "ERN-021" not in codes(with_message(message))


def test_debris_of_a_wrong_encoding_that_cannot_be_seen_is_told_once() -> None:
    assert codes(titled("Caf\u00c3\u0089")) == ["ERN-021", "ERN-021"]
