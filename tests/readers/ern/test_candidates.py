"""Which file of a folder is the message."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.readers.ern import find_message, looks_like_message
from tests.readers.ern.messages import GENUINE, GUIDE

OTHER = "<html/>"
BROKEN = "<NewReleaseMessage"
NEWER = '<e:NewReleaseMessage xmlns:e="http://ddex.net/xml/ern/43"/>'
PURGE = '<e:PurgeReleaseMessage xmlns:e="http://ddex.net/xml/ern/382"/>'


def missing(*candidates: str) -> UnreadableMessage:
    return UnreadableMessage(None, MessageProblem.MISSING, candidates=candidates)


def several(*candidates: str) -> UnreadableMessage:
    return UnreadableMessage(None, MessageProblem.SEVERAL, candidates=candidates)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, missing()),
        ({"01.wav": GUIDE}, missing()),
        ({"metadata.xml": GUIDE}, "metadata.xml"),
        ({"METADATA.XML": GUIDE}, "METADATA.XML"),
        ({"5034.xml": GENUINE, "other.xml": OTHER}, "5034.xml"),
        ({"5034.xml": NEWER, "other.xml": BROKEN}, "5034.xml"),
        ({"5034.xml": PURGE}, "5034.xml"),
        ({"metadata.xml": OTHER, "5034.xml": GENUINE}, "5034.xml"),
        ({"metadata.xml": BROKEN, "5034.xml": GENUINE}, several("metadata.xml", "5034.xml")),
        ({"a.xml": GUIDE, "b.xml": GENUINE}, several("a.xml", "b.xml")),
        ({"metadata.xml": BROKEN, "notes.xml": OTHER}, "metadata.xml"),
        ({"release.xml": BROKEN}, "release.xml"),
        ({"release.xml": OTHER}, "release.xml"),
        ({"a.xml": OTHER, "b.xml": OTHER}, missing("a.xml", "b.xml")),
        (
            {"BatchComplete_1.xml": GUIDE, "ACK_1.xml": GUIDE, "._metadata.xml": GUIDE, ".x.xml": GUIDE},
            missing(),
        ),
        ({"batchcomplete.xml": GUIDE, "metadata.xml": GUIDE, "__MACOSX/metadata.xml": GUIDE}, "metadata.xml"),
        ({"delivery.complete": GENUINE, "metadata.xml": GUIDE}, "metadata.xml"),
        ({"metadata.xml": ""}, "metadata.xml"),
        ({"metadata.xml": "<!DOCTYPE a>" + GUIDE[39:]}, "metadata.xml"),
    ],
)
def test_the_message_is_found_among_the_files(
    tmp_path: Path, files: dict[str, str], expected: str | UnreadableMessage
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    assert find_message(tmp_path, list(files)) == expected


def test_the_root_is_recognised_without_reading_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    roots: list[str | None] = []
    truncated = GUIDE[:400]
    long_comment = "<!--" + "x" * 200_000 + "-->" + PURGE
    catalog = '<CatalogListMessage xmlns="http://ddex.net/xml/ern/36">'
    for content in (GUIDE, NEWER, PURGE, truncated, long_comment, catalog, OTHER, BROKEN, "", "RIFF"):
        path.write_text(content, "utf-8")
        roots.append(looks_like_message(path))
    new, purge = "NewReleaseMessage", "PurgeReleaseMessage"
    assert roots == [new, new, purge, new, purge, "CatalogListMessage", None, None, None, None]
    path.write_bytes(GENUINE.encode("utf-16"))
    assert looks_like_message(path) == new


def test_a_file_that_is_not_there_looks_like_nothing(tmp_path: Path) -> None:
    assert looks_like_message(tmp_path / "none.xml") is None
    assert looks_like_message(tmp_path) is None
