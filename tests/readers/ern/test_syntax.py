"""What keeps a file from being XML is told by its cause, with the place and the tags that are meant."""

from __future__ import annotations

import pytest

from ingest.core.message import NOT_WELL_FORMED, MessageProblem, UnclosedTag, UnreadableMessage
from ingest.readers.ern.document import parse

P = MessageProblem
D = '<?xml version="1.0" encoding="UTF-8"?>'


def read(text: str | bytes) -> UnreadableMessage:
    found = parse(text if isinstance(text, bytes) else text.encode(), "metadata.xml")
    assert isinstance(found, UnreadableMessage), found
    return found


@pytest.mark.parametrize(
    ("text", "problem", "line", "found"),
    [
        ("<ern:a/>", P.PREFIX, 1, "ern:"),
        ("<a>\n<b xsi:type='1'/></a>", P.PREFIX, 2, "xsi:"),
        (f"{D}\n<a><!-- x -- y --></a>", P.HYPHENS, 2, "<a><!-- x -- y --></a>"),
        ("<a>\n<!-- x ---></a>", P.HYPHENS, 2, "<!-- x ---></a>"),
        ("<a>\n<!-- x <b/></a>", P.UNFINISHED_COMMENT, 2, "<!-- x <b/></a>"),
        ("<a>\n<t><![CDATA[ x</t></a>", P.CDATA, 2, "<t><![CDATA[ x</t></a>"),
        ("<a>\n<t>x ]]> y</t></a>", P.CDATA, 2, "<t>x ]]> y</t></a>"),
        ("<a>\n<t>I <3 You</t></a>", P.LESS_THAN, 2, "<t>I <3 You</t></a>"),
        ("<a>\n<t>A < B</t></a>", P.LESS_THAN, 2, "<t>A < B</t></a>"),
        ("<a>\n< t>A</t></a>", P.LESS_THAN, 2, "< t>A</t></a>"),
        ("<a>\n<t>A <B</t></a>", P.UNFINISHED_TAG, 2, "<t>A <B</t></a>"),
        ("<a>\n<t\n<b>I</b></a>", P.UNFINISHED_TAG, 2, "<t"),
        ("<a>\n<t>I</t\n<b/></a>", P.UNFINISHED_TAG, 2, "<t>I</t"),
        ("<a>\n<t>I</ t></a>", P.UNFINISHED_TAG, 2, "<t>I</ t></a>"),
        ("<a>\n<t x=1/></a>", P.QUOTES, 2, "<t x=1/></a>"),
        ("<a>\n<t x=“1”/></a>", P.QUOTES, 2, "<t x=“1”/></a>"),
        ('<a>\n<t x="1>I</t></a>', P.OPEN_QUOTE, 2, '<t x="1>I</t></a>'),
        ("<a>\n<t x>I</t></a>", P.NO_VALUE, 2, "x"),
        ("<a>\n<Title Text>I</Title Text></a>", P.NO_VALUE, 2, "Text"),
        ("<a>\n<t x='1' x='2'/></a>", P.REPEATED_ATTRIBUTE, 2, "x"),
        ('<a>\n<t x="1"y="2"/></a>', P.BETWEEN_ATTRIBUTES, 2, '<t x="1"y="2"/></a>'),
        ('<a>\n<t x="1", y="2"/></a>', P.BETWEEN_ATTRIBUTES, 2, '<t x="1", y="2"/></a>'),
        ("<a>\n<t>A & B</t></a>", P.AMPERSAND, 2, "<t>A & B</t></a>"),
        ("<a>\n<t>R&B</t></a>", P.AMPERSAND, 2, "<t>R&B</t></a>"),
        ("<a>\n<t>A &amp B</t></a>", P.AMPERSAND, 2, "<t>A &amp B</t></a>"),
        ("<a>\n<t>A &#xZZ; B</t></a>", P.AMPERSAND, 2, "<t>A &#xZZ; B</t></a>"),
        ("<a b='1&2'/>", P.AMPERSAND, 1, "<a b='1&2'/>"),
        ("<a>\n<t>&eacute;</t></a>", P.ENTITY, 2, "&eacute;"),
        ("<a>\n<t>&Amp;</t></a>", P.ENTITY, 2, "&Amp;"),
        ("<a>\nx\x00</a>", P.CHARACTER, 2, "U+0000"),
        ("<a>\n\x0b</a>", P.CHARACTER, 2, "U+000B"),
        ("<a>&#2;</a>", P.CHARACTER, 1, "U+0002"),
        ("<a/>\nthe end", P.AFTER_END, 2, "the end"),
        ("<a/><b/>", P.AFTER_END, 1, "<a/><b/>"),
        ("<a></a>\n</b>", P.AFTER_END, 2, "</b>"),
        (f"This page shows XML.\n{D}\n<a/>", P.BEFORE_START, 1, "This page shows XML."),
        ("&lt;?xml version='1.0'?&gt;", P.ESCAPED, 1, "&lt;?xml version='1.0'?&gt;"),
        (f"{D}\n{D}\n<a/>", P.SECOND_DECLARATION, 2, D),
        (f"<a/>\n{D}\n<a/>", P.SECOND_DECLARATION, 2, D),
        ("<?xml version=“1.0”?>\n<a/>", P.DECLARATION, 1, "<?xml version=“1.0”?>"),
        ('<?xml version="1.0">\n<a></a>', P.DECLARATION, 1, '<?xml version="1.0">'),
        ("<? xml version='1.0'?>\n<a/>", P.DECLARATION, 1, "<? xml version='1.0'?>"),
        ('<a xmlns:b=""/>', P.NOT_XML, 1, '<a xmlns:b=""/>'),
    ],
)
def test_the_cause_is_told_with_its_place(text: str, problem: MessageProblem, line: int, found: str) -> None:
    assert read(text) == UnreadableMessage("metadata.xml", problem, line, found)
    assert problem in NOT_WELL_FORMED


@pytest.mark.parametrize(
    ("text", "problem", "tag"),
    [
        ("<a>\n<Genre><Text>Pop</Genre></a>", P.UNCLOSED, UnclosedTag("Text", 2, "Genre")),
        ("<a>\n<t>I<t></a>", P.UNCLOSED, UnclosedTag("t", 2, "a")),
        ("<a>\n<Genre>Pop</GenreText></Genre></a>", P.UNOPENED, UnclosedTag("Genre", 2, "GenreText")),
        ("<a>\n<Release>1</ReleaseId></a>", P.UNOPENED, UnclosedTag("Release", 2, "ReleaseId")),
        ("<a>\n<Title>x</Titel></a>", P.MISMATCHED, UnclosedTag("Title", 2, "Titel")),
        ("<a>\n<Title>x</title></a>", P.MISMATCHED, UnclosedTag("Title", 2, "title")),
        ("<a xmlns:p='p' xmlns:q='q'>\n<p:X>x</q:X></a>", P.MISMATCHED, UnclosedTag("p:X", 2, "q:X")),
        ("<a xmlns:p='p'>\n<p:X>x</X></a>", P.MISMATCHED, UnclosedTag("p:X", 2, "X")),
    ],
)
def test_the_tags_of_a_pair_that_does_not_fit_are_named(text: str, problem: MessageProblem, tag: UnclosedTag) -> None:
    for data in (text.encode(), f"\ufeff{text}".encode("utf-16-le")):
        found = read(data)
        assert (found.problem, found.line, found.unclosed) == (problem, 2, tag)


WHOLE = f"{D}\n<a>\n<Genre x='1'>A &amp; Bé<!-- x --></Genre><b><![CDATA[x]]></b>\n</a>"


@pytest.mark.parametrize("end", range(len(D) + 1, len(WHOLE.encode()) - 2))
def test_a_file_that_breaks_off_anywhere_is_cut_off_and_nothing_else(end: int) -> None:
    found = read(WHOLE.encode()[:end])
    assert (found.problem, found.found) == (P.CUT_OFF, None)


def test_a_cut_file_names_the_tag_in_which_it_ends() -> None:
    assert read("<a>\n<Genre><Text>Pop</Te").unclosed == UnclosedTag("Text", 2)
    assert read("<é>\n<b>\n").unclosed == UnclosedTag("b", 2)
    assert read(D[:20]).unclosed is None


def test_a_fault_before_the_place_where_a_file_breaks_off_is_told_first() -> None:
    assert read("<a>\n<t>A & B</t>\n<Gen").problem is P.AMPERSAND


def test_of_a_long_line_the_part_with_the_fault_is_shown() -> None:
    found = read("<a>" + "<t>x</t>" * 5000 + "<t>Tom & Jerry</t>" + "<t>x</t>" * 5000 + "</a>").found
    assert found is not None
    assert "Tom & Jerry" in found
    assert len(found) <= 120


@pytest.mark.parametrize("opened", ["<!--{}-->", "<![CDATA[{}]]>", "<?b {}?>", "{}", "<b c='{}'/>"])
def test_what_is_longer_than_the_parser_reads_is_too_large(opened: str) -> None:
    found = read(f"<a>\n{opened.format('x' * 11_000_000)}</a>")
    assert (found.problem, found.line) == (P.TOO_LARGE, 2)
