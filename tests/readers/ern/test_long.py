"""Messages that say more than any release needs: each value is cut, and too many of them are refused."""

from __future__ import annotations

import json
import time
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.core.defaults import MESSAGE_MAX_BYTES as MAX_BYTES
from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.core.text import LONGEST
from ingest.readers.answers import MOST_WEIGHT, is_too_heavy, to_text, weight_of
from ingest.readers.contents_reader import read_contents
from tests.messages import Sheet, guide_xml
from tests.readers.ern.messages import GENUINE, GUIDE, NAME, changed, read, refused

TOO_MUCH = "it says more than any release needs"
WRITER = (
    "<MusicalWorkContributor><PartyName><FullName>A</FullName></PartyName>"
    "<MusicalWorkContributorRole>Composer</MusicalWorkContributorRole></MusicalWorkContributor>"
)


def texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for one in value for text in texts_of(one)]
    if is_dataclass(value):
        return [text for one in fields(value) for text in texts_of(getattr(value, one.name))]
    return []


def test_no_text_of_a_message_is_longer_than_what_is_looked_at(tmp_path: Path) -> None:
    long = "x" * 5000
    pieces = [piece.partition("<") for piece in GENUINE.split(">")]
    text = ">".join(long + lt + tag if words.strip() and lt else words + lt + tag for words, lt, tag in pieces)
    assert text.count(long) > 100
    told = texts_of(read(tmp_path, text.replace(' UserDefinedValue="', f' UserDefinedValue="{long}')))
    assert len([one for one in told if len(one) == LONGEST]) > 100
    assert max(map(len, told)) == LONGEST


def test_a_name_in_parts_is_cut_as_a_whole(tmp_path: Path) -> None:
    parts = f"<KeyName>{'k' * 900}</KeyName><NamesAfterKeyName>{'n' * 900}</NamesAfterKeyName>"
    message = read(tmp_path, changed(GUIDE, ("<FullName>Artist Name</FullName>", parts)))
    (artist,) = message.recordings[0].display_artists
    assert artist.name is not None and len(artist.name.value) == LONGEST


def shared_works(recordings: int, references: int, writers: int) -> str:
    """A work of many writers that every recording names, several times."""
    named = "<ResourceMusicalWorkReference>W1</ResourceMusicalWorkReference>" * references
    work = f"<MusicalWork><MusicalWorkReference>W1</MusicalWorkReference>{WRITER * writers}</MusicalWork>"
    listed = f"<SoundRecording>{named}</SoundRecording>" * recordings
    root = '<NewReleaseMessage xmlns="http://ddex.net/xml/ern/382">'
    return f"{root}<WorkList>{work}</WorkList><ResourceList>{listed}</ResourceList></NewReleaseMessage>"


def test_a_work_that_every_recording_names_is_not_read_for_ever(tmp_path: Path) -> None:
    begun = time.process_time()
    text = shared_works(recordings=5_000, references=2, writers=9_000)
    assert refused(tmp_path, text) == UnreadableMessage(NAME, MessageProblem.TOO_LARGE, found=TOO_MUCH)
    assert time.process_time() - begun < 20


def test_a_work_that_is_named_twice_has_its_writers_once(tmp_path: Path) -> None:
    assert [len(one.writers) for one in read(tmp_path, shared_works(2, 3, 2)).recordings] == [2, 2]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (shared_works(4_001, 0, 0), "it holds 4,001 recordings, and we take 4,000"),
        (
            changed(
                GUIDE,
                (
                    "</ReleaseList>",
                    "<Release><ReleaseReference>R2</ReleaseReference></Release>" * 4_001 + "</ReleaseList>",
                ),
            ),
            "it holds 4,002 releases, and we take 4,001",
        ),
    ],
)
def test_a_message_of_more_tracks_than_any_release_has_is_refused_with_their_number(
    tmp_path: Path, text: str, found: str
) -> None:
    assert refused(tmp_path, text) == UnreadableMessage(NAME, MessageProblem.TOO_LARGE, found=found)


def test_a_message_of_as_many_tracks_as_a_release_may_have_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, shared_works(4_000, 0, 0)).recordings) == 4_000


def many_deals(count: int) -> str:
    releases = "<DealReleaseReference>R1</DealReleaseReference>" * count
    deals = "<Deal><DealTerms><TerritoryCode>GB</TerritoryCode></DealTerms></Deal>" * count
    return f"<ReleaseDeal>{releases}{deals}</ReleaseDeal>"


def test_deals_that_repeat_each_other_too_often_make_a_message_too_large(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(changed(GUIDE, ("<DealList>", f"<DealList>{many_deals(4_900)}")))
    begun = time.process_time()
    contents = read_contents(tmp_path, "Album", MAX_BYTES)
    assert contents.unreadable == UnreadableMessage(NAME, MessageProblem.TOO_LARGE, found=TOO_MUCH)
    assert (contents.message, contents.files, contents.digest is not None) == (None, (), True)
    assert time.process_time() - begun < 20


def test_what_is_not_too_heavy_is_taken_as_an_answer(tmp_path: Path) -> None:
    for count in (1, 10, 100, 400):
        (tmp_path / NAME).write_text(changed(GUIDE, ("<DealList>", f"<DealList>{many_deals(count)}")))
        contents = read_contents(tmp_path, "Album", MAX_BYTES)
        assert contents.message is not None
        assert weight_of(to_text({"facts": contents}).encode()) <= MOST_WEIGHT


def test_weight_is_never_told_too_low() -> None:
    """Facts that are not too heavy make an answer that is not; texts of commas and of escaped letters too."""
    for text in ("a", ",", "\u00e9", "\U0001f3b5", '"', "[{,"):
        count = MOST_WEIGHT // (len(json.dumps(text * 100)) + 16)
        heaviest = next(n for n in range(count, 0, -max(1, count // 50)) if not is_too_heavy([text * 100] * n))
        assert weight_of(to_text([text * 100] * heaviest).encode()) <= MOST_WEIGHT


def test_a_release_of_three_thousand_tracks_is_read(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(guide_xml(Sheet(tracks=tuple(f"Title {number}" for number in range(3_000)))))
    contents = read_contents(tmp_path, "Album", MAX_BYTES)
    assert contents.message is not None and len(contents.message.tracks) == 3_000
