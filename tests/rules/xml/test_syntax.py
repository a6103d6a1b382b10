"""The words for what is not XML: the cause, a cure for that cause, and what is needed in its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.documents import Document
from ingest.core.finding import Finding
from ingest.core.message import NOT_WELL_FORMED, MessageProblem, UnclosedTag, UnreadableMessage
from ingest.readers.ern.document import parse
from ingest.rules.xml.document import NOT_YET
from ingest.rules.xml.syntax import words_for
from tests.rules.dossiers import GOOD, MESSAGE, only

REACH = " We could not read past line 2: titles, codes and dates are not checked yet."


def told(text: str | bytes) -> Finding:
    unread = parse(text if isinstance(text, bytes) else text.encode(), MESSAGE)
    assert isinstance(unread, UnreadableMessage)
    return only(replace(GOOD, message=None, unreadable=unread, files=()))


@pytest.mark.parametrize(
    ("text", "cause", "found", "needed"),
    [
        (
            "<a>\n<ern:b/></a>",
            "the prefix ern: is used, but nothing says what it stands for",
            "ern:",
            'xmlns:ern="http://ddex.net/xml/ern/382"',
        ),
        (
            "<a>\n<b xsi:type='1'/></a>",
            "the prefix xsi: is used, but nothing says what it stands for",
            "xsi:",
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
        ),
        (
            "<a>\n<!-- a--b --></a>",
            "a comment has two hyphens in a row (--), which XML does not allow",
            "<!-- a--b --></a>",
            "single hyphens",
        ),
        ("<a>\nI <3 You</a>", "a < in this line does not begin a tag", "I <3 You</a>", "&lt;"),
        ("<a>\nA & B</a>", "an & in this line is not written as XML needs it", "A & B</a>", "&amp;"),
        (
            "<a>\n<b c=d/></a>",
            "an attribute in this line has no straight quotation marks around its value",
            "<b c=d/></a>",
            'straight quotation marks, as in "en"',
        ),
        (
            "<a></a>\nPS",
            "it goes on after its first element was closed",
            "PS",
            "nothing after the last tag",
        ),
        ("<a>\n&eacute;</a>", "XML does not know &eacute;, which is HTML", "&eacute;", "é"),
        ("<a>\n&nbsp;</a>", "XML does not know &nbsp;, which is HTML", "&nbsp;", "an ordinary space"),
        ("<a>\n&AMP;</a>", "XML does not know &AMP;", "&AMP;", "&amp;"),
        ("<a>\n&ern;</a>", "XML does not know &ern;", "&ern;", "&amp;ern;"),
        ("<a>\n\x01</a>", "it contains a control character (U+0001), which XML does not allow", "U+0001", None),
        ("<a>\n\x00", "it contains bytes of zero, as an upload that broke off leaves them", "U+0000", None),
        ("<a>\n<b>x</a>", "<b> of line 2 is not closed before </a>", "<b>x</a>", "</b>"),
        (
            "<a>\n<Genre>Pop</GenreText></Genre></a>",
            "</GenreText> stands where <Genre> of line 2 must be closed first, or <GenreText> was never opened",
            "<Genre>Pop</GenreText></Genre></a>",
            "</Genre>, or <GenreText> before it",
        ),
        (
            "<a xmlns:p='p' xmlns:q='q'>\n<p:X>x</q:X></a>",
            "<p:X> of line 2 is closed by </q:X>, which is spelled differently",
            "<p:X>x</q:X></a>",
            "</p:X>",
        ),
        ("<a>\n<b>x", "it breaks off inside <b> of line 2", None, "the whole file, down to its last closing tag"),
    ],
)
def test_the_cause_is_named_and_what_is_needed(text: str, cause: str, found: str | None, needed: str | None) -> None:
    finding = told(text)

    assert (finding.code, finding.text) == (
        "XML-001",
        f"metadata.xml, line 2: the file is not readable XML: {cause}.{REACH}",
    )
    assert (finding.found, finding.expected) == (found, needed)


@pytest.mark.parametrize(
    ("data", "text", "cure"),
    [
        (b"{\\rtf1 <a/>}", "it is an RTF document", "copy it into a plain text editor"),
        (b"PK\x03\x04word/", "it is a Word document", "copy it into a plain text editor"),
        (b"PK\x03\x04", "it is an archive", "Unpack it on your computer"),
        (b"<html/>", "it is a web page (HTML)", "Download the XML file itself"),
        (b'{"a": 1}', "it is JSON", "Export the release from your distribution program"),
        (b"a,b\n1,2", "it is a table (CSV)", "Export the release from your distribution program"),
    ],
)
def test_another_document_is_named_with_what_to_do(data: bytes, text: str, cure: str) -> None:
    finding = told(data)

    assert finding.text == f"metadata.xml: the file is not readable XML: {text}. {NOT_YET}"
    assert (finding.code, finding.expected) == ("XML-001", "an XML file")
    assert cure in finding.fix


@pytest.mark.parametrize("document", Document)
def test_every_document_has_a_whole_cure(document: Document) -> None:
    unread = UnreadableMessage(MESSAGE, MessageProblem.OTHER_DOCUMENT, None, document.value)
    fix = only(replace(GOOD, message=None, unreadable=unread, files=())).fix

    assert fix == words_for(unread).cure
    assert fix.endswith(".")


@pytest.mark.parametrize("problem", sorted(NOT_WELL_FORMED))
@pytest.mark.parametrize("tag", [None, UnclosedTag("a", 1), UnclosedTag("a", 1, "b")])
def test_every_problem_has_words_whatever_is_known_of_it(problem: MessageProblem, tag: UnclosedTag | None) -> None:
    words = words_for(UnreadableMessage(MESSAGE, problem, 3, None, (), tag))

    assert words.cause
    assert not words.cause.endswith(".")
    assert words.cure.endswith(".")
    assert words.needed != words.cause


def test_a_cure_is_not_cut_however_long_it_is() -> None:
    assert told("<a>\n<" + "n" * 120 + ">x</a>").fix.endswith("the slash is part of it.")
