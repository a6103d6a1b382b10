"""Which file of a folder is the message."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.readers.ern import candidates
from ingest.readers.sealed import open_sealed
from tests.readers.ern.messages import GENUINE, GUIDE

OTHER = "<html/>"
BROKEN = "<NewReleaseMessage"
NEWER = '<e:NewReleaseMessage xmlns:e="http://ddex.net/xml/ern/43"/>'
PURGE = '<e:PurgeReleaseMessage xmlns:e="http://ddex.net/xml/ern/382"/>'


def find_message(folder: Path, names: list[str]) -> str | UnreadableMessage:
    """The name of the message among the files of a folder."""
    found = candidates.find_message(names, lambda name: open_sealed(folder / name, name), 20_000_000)
    return found if isinstance(found, UnreadableMessage) else found.name


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


LONG_COMMENT = "<!--" + "x" * 200_000 + "-->" + PURGE
CATALOG = '<CatalogListMessage xmlns="http://ddex.net/xml/ern/36">'


@pytest.mark.parametrize(
    "content", [GUIDE, GUIDE[:400], NEWER, PURGE, LONG_COMMENT, CATALOG, GENUINE.encode("utf-16")], ids=lambda _: ""
)
def test_a_message_is_known_by_its_root_without_reading_the_rest(tmp_path: Path, content: str | bytes) -> None:
    (tmp_path / "x.xml").write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "y.xml").write_text(BROKEN)
    assert find_message(tmp_path, ["x.xml", "y.xml"]) == "x.xml"


@pytest.mark.parametrize("content", [BROKEN, "", "RIFF", "<!DOCTYPE a><NewReleaseMessage/>"])
def test_a_file_without_such_a_root_is_no_message(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.xml").write_text(content)
    (tmp_path / "y.xml").write_text(BROKEN)
    assert find_message(tmp_path, ["x.xml", "y.xml"]) == missing("x.xml", "y.xml")


def test_a_file_that_has_gone_is_broken_at_worst(tmp_path: Path) -> None:
    (tmp_path / "folder.xml").mkdir()
    assert find_message(tmp_path, ["gone.xml", "folder.xml"]) == missing("gone.xml", "folder.xml")


@pytest.mark.parametrize("filler", [b"<?a?>", b"<!---->", b" "])
def test_files_that_never_begin_cost_no_more_than_a_few(tmp_path: Path, filler: bytes) -> None:
    endless = filler * (300_000 // len(filler))
    late = b"<!--" + b"x" * 100_000 + b"-->" + PURGE.encode()
    names = [f"{number}.xml" for number in range(9)]
    for name in names:
        (tmp_path / name).write_bytes(endless)
    (tmp_path / "late.xml").write_bytes(late)
    (tmp_path / "soon.xml").write_text(GUIDE, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "MOST_HEADS", 1_000_000)
        assert find_message(tmp_path, [*names, "late.xml", "soon.xml"]) == "soon.xml"
    assert find_message(tmp_path, [*names, "late.xml", "soon.xml"]) == several("late.xml", "soon.xml")
