"""Hostile and broken XML: one clear answer each, never an exception."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.core.text import Text
from ingest.readers.ern.document import Document, doctype_line, parse
from ingest.readers.ern.message import read_message
from tests.readers.ern.messages import GENUINE, GUIDE, NAME, changed, read, refused

LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
ROOT = '<NewReleaseMessage xmlns="http://ddex.net/xml/ern/382">'
LONG_NAME = "it holds a name of more than 200 characters"
WINDOWS, UTF_8 = ("Windows-1252",), ("UTF-8",)
LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?>'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def unreadable(
    problem: MessageProblem, line: int | None = None, found: str | None = None, fits: tuple[str, ...] = ()
) -> UnreadableMessage:
    return UnreadableMessage(NAME, problem, line, found, fits)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", unreadable(MessageProblem.EMPTY)),
        (b" \n\t\r\n", unreadable(MessageProblem.EMPTY, found="5 bytes, all of them blank or zero")),
        (b"\xef\xbb\xbf", unreadable(MessageProblem.EMPTY, found="3 bytes, all of them blank or zero")),
        (b"\x00" * 4096, unreadable(MessageProblem.EMPTY, found="4096 bytes, all of them blank or zero")),
        (b"Title;Artist\nA;B\n", unreadable(MessageProblem.OTHER_DOCUMENT, None, "a table (CSV)")),
        (b"RIFF\x24\x00\x00\x00WAVE", unreadable(MessageProblem.OTHER_DOCUMENT, None, "an audio file")),
        (b"<a>\n<b>Me & You</b></a>", unreadable(MessageProblem.AMPERSAND, 2, "<b>Me & You</b></a>")),
        (f"{LAUGHS}<a>&b;</a>".encode(), unreadable(MessageProblem.DOCTYPE, 1)),
        (f"{DECLARATION}\n<!-- x -->\n{LAUGHS}<a/>".encode(), unreadable(MessageProblem.DOCTYPE, 3)),
        (f"{LAUGHS}<a/>".encode("utf-16"), unreadable(MessageProblem.DOCTYPE, 1)),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', unreadable(MessageProblem.DOCTYPE, 1)),
        (b"<!doctype html><html></html>", unreadable(MessageProblem.OTHER_DOCUMENT, None, "a web page (HTML)")),
        (b"<a>" * 300, unreadable(MessageProblem.TOO_DEEP, 1)),
        (b"<a>" + b"x" * 11_000_000 + b"</a>", unreadable(MessageProblem.TOO_LARGE, 1)),
        (b"<r>\n<a>" + b"<b/>" * 10_001 + b"</a></r>", unreadable(MessageProblem.TOO_LARGE, 2)),
        (b"<a>\n<" + b"b" * 201 + b"/></a>", unreadable(MessageProblem.TOO_LARGE, 2, LONG_NAME)),
        (b"<a>\n\n<b " + b"c" * 40_000 + b"='1'/></a>", unreadable(MessageProblem.TOO_LARGE, 3, LONG_NAME)),
        (f"{DECLARATION}\n<a>\né</a>".encode("latin-1"), unreadable(MessageProblem.ENCODING, 3, "UTF-8", WINDOWS)),
        ("<a>\né</a>".encode("cp1252"), unreadable(MessageProblem.ENCODING, 2, None, WINDOWS)),
        (b'<?xml version="1.0" encoding="KLINGON"?><a/>', unreadable(MessageProblem.ENCODING, 1, "KLINGON", UTF_8)),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', unreadable(MessageProblem.ENCODING, 1, "UTF-16", UTF_8)),
        (f"{LATIN}\n<a>\né</a>".encode(), unreadable(MessageProblem.ENCODING, 1, "ISO-8859-1", UTF_8)),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, content: bytes, expected: UnreadableMessage
) -> None:
    assert refused(tmp_path, content) == expected


def test_more_bytes_than_allowed_are_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(GUIDE, "utf-8")
    assert read_message(path, NAME, max_bytes=1000) == unreadable(
        MessageProblem.TOO_LARGE, None, "more than 1000 bytes"
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "cp1252"])
def test_encodings_that_say_what_they_are_give_the_same_message(tmp_path: Path, encoding: str) -> None:
    plain = read(tmp_path, GENUINE)
    name = {"utf-8-sig": "UTF-8", "cp1252": "windows-1252"}.get(encoding, encoding)
    text = GENUINE.replace('encoding="UTF-8"', f'encoding="{name}"')
    assert read(tmp_path, text.encode(encoding)) == plain


@pytest.mark.parametrize("blanks", ["\n", "\r\n\r\n", "  ", " \t\n", "\ufeff\n", "\n\ufeff"])
def test_blanks_in_front_of_the_declaration_change_nothing_but_lines(tmp_path: Path, blanks: str) -> None:
    title = read(tmp_path, f"{blanks}{GUIDE}").recordings[0].title
    plain = read(tmp_path, GUIDE).recordings[0].title
    assert title is not None and title.text is not None
    assert plain is not None and plain.text is not None
    assert title.text == Text(plain.text.value, plain.text.line + blanks.count("\n"))


def test_blanks_in_front_of_a_declaration_of_utf_16_change_nothing_either(tmp_path: Path) -> None:
    text = GUIDE.replace('encoding="UTF-8"', 'encoding="UTF-16"')
    assert read(tmp_path, f"\n{text}".encode("utf-16")).header == read(tmp_path, f"\n{GUIDE}").header


def test_words_in_front_of_the_declaration_are_told(tmp_path: Path) -> None:
    assert refused(tmp_path, f"x\n{GUIDE}") == unreadable(MessageProblem.BEFORE_START, 1, "x")


def test_a_byte_order_mark_is_believed_before_what_is_declared(tmp_path: Path) -> None:
    text = changed(GUIDE, ('encoding="UTF-8"', 'encoding="ISO-8859-1"'), ("My Track Title", "Où"))
    title = read(tmp_path, text.encode("utf-8-sig")).recordings[0].title
    assert title is not None and title.text is not None
    assert title.text.value == "Où"


def test_comments_and_instructions_between_elements_change_nothing_but_lines(tmp_path: Path) -> None:
    text = changed(GUIDE, ("<TitleText>My Track Title", "<!-- one\n two --><TitleText>My <?x y?>Track<!-- z --> Title"))
    recording = read(tmp_path, text).recordings[0]
    assert recording.title is not None
    assert recording.title.text == Text("My Track Title", 30)


def test_lines_stay_right_beyond_what_libxml2_can_count(tmp_path: Path) -> None:
    text = changed(GUIDE, ("  <ResourceList>", "\n" * 70_000 + "  <ResourceList>"), ("PT3M42S", "3:42"))
    text = changed(
        text, ("<TerritoryCode>Worldwide</TerritoryCode>\n        <Disp", "<TerritoryCode>XX</TerritoryCode><Disp")
    )
    message = read(tmp_path, text)
    assert message.recordings[0].isrc == Text("GBDUM7620001", 70_025)
    assert [(fault.line, fault.found) for fault in message.schema_faults] == [(70_031, "3:42"), (70_033, "XX")]
    assert message.deals[0].territories == (Text("Worldwide", 70_074),)


def test_lines_stay_right_after_elements_were_moved(tmp_path: Path) -> None:
    text = "\n\n\n".join(GUIDE.split("\n")).lstrip()
    release = read(tmp_path, text).releases[0]
    lines = text.splitlines()
    assert release.release_date is not None
    assert "<ReleaseDate>" in lines[release.release_date.line - 1]
    assert "<ReleaseType>" in lines[release.types[0].line - 1]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"<!DOCTYPE a><a/>", 1),
        (b"\xef\xbb\xbf<?xml?>\n<!DOCTYPE a>", 2),
        (b"<?a?><!-- <!DOCTYPE no> -->\n\n <!DOCTYPE a>", 3),
        (b"<!-- never closed <!DOCTYPE a>", None),
        (b"<?never closed", None),
        (b"<a><!DOCTYPE a></a>", None),
        (b"", None),
    ],
)
def test_a_document_type_is_seen_before_the_root_only(data: bytes, line: int | None) -> None:
    assert doctype_line(data) == line


@pytest.mark.parametrize("faulty", ["<Deal><DealTerms/></Deal>", "<Deal x='1'/>", "<Foo/>", "<Deal/>text"])
def test_thousands_of_faults_are_told_in_seconds(tmp_path: Path, faulty: str) -> None:
    text = changed(GUIDE, ("</ReleaseDeal>", faulty * 9_000 + "</ReleaseDeal>"))
    started = time.process_time()
    message = read(tmp_path, text)
    assert 0 < len(message.schema_faults) <= 200
    assert time.process_time() - started < 30


def test_a_message_is_read_and_judged_without_the_slow_validator(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(changed(GUIDE, ("PT3M42S", "3:42")), "utf-8")
    code = (
        "import sys; from pathlib import Path; from ingest.readers.ern.message import read_message;"
        "from tests.ern.judged import judge; found = judge(read_message(Path(sys.argv[1]), 'metadata.xml'));"
        "assert 'XML-023' in {one.code for one in found}; print('xmlschema' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_line_of_an_element_is_that_where_its_start_tag_begins(codec: str, end: str) -> None:
    text = '<?xml version="1.0"?>\n<a\n  x="1"\n  y="2 > 1">\n<!-- <c\n -->\n<b\n/><b z="&lt;\n"/>\n<b/></a>'
    document = parse(text.replace("\n", end).encode(codec), "m.xml")
    assert isinstance(document, Document)
    assert [(str(each.tag), document.lines.of(each)) for each in document.root.iter()] == [
        ("a", 2),
        ("b", 7),
        ("b", 8),
        ("b", 10),
    ]


def test_a_file_whose_tags_stand_in_one_line_each_is_read_once() -> None:
    document = parse(b"<a>\n<b/>\n<b>x\ny</b></a>", "m.xml")
    assert isinstance(document, Document)
    assert document.lines.known == {}


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "head",
    [
        "",
        '<?xml version="1.0"?>\n',
        '<?xml version="1.0"?>\n<!-- made\nby hand -->\n\n',
        '<?xml version="1.0"?>\n<!-- <a\n x="1"> -->\n',
    ],
)
def test_where_only_the_root_s_tag_spans_lines_it_begins_on_its_first(codec: str, end: str, head: str) -> None:
    text = f'{head}<a\n  x="1"\n  y="2">\n<b/>\n<b>x\ny</b></a>'
    document = parse(text.replace("\n", end).encode(codec), "m.xml")
    assert isinstance(document, Document)
    first = head.count("\n") + 1
    assert [document.lines.of(each) for each in document.root.iter()] == [first, first + 3, first + 4]
