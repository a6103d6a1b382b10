"""Bytes to an XML tree, safely: no DOCTYPE, bounded size and depth, and every failure a value of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from lxml import etree

from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.readers.ern.encodings import BOMS, UTF_8, declaration_first, declared_encoding, is_misdeclared
from ingest.readers.ern.foreign import other_document
from ingest.readers.ern.syntax import not_parsed
from ingest.readers.ern.xml_file import XmlFile

MAX_ELEMENTS = 300_000
MAX_CHILDREN = 10_000
LINE_LIMIT = 65_535  # libxml2 keeps 16 bits of a line number and guesses beyond
LONGEST_NAME = 200  # characters of the name of an element or attribute

Element = etree._Element
_BROKEN_TAG = re.compile(rb"<\x00?[^!?/<>\s\x00][^<>\r\n]{0,4000}[\r\n]")
"""A start tag that goes on in the next line, in any encoding; and some comments, which costs time only."""
_CROWDED = etree.XPath(f"(//*)[{MAX_ELEMENTS + 1}] | //*[*[{MAX_CHILDREN + 1}]]")
_IS_LONG = f"string-length(local-name()) > {LONGEST_NAME}"
_LONG_NAMED = etree.XPath(f"(//*[{_IS_LONG} or @*[{_IS_LONG}]])[1]")


@dataclass(slots=True)
class Lines:
    """The label's line of every element, where its start tag begins: libxml2's own unless `known` has another."""

    known: dict[Element, int] = field(default_factory=dict)

    def of(self, element: Element) -> int:
        if self.known and (line := self.known.get(element)) is not None:
            return line
        return source_line(element)


@dataclass(slots=True)
class Document:
    """A well-formed XML document as its root element, where its elements stand, and the namespaces it uses."""

    root: Element
    lines: Lines
    namespaces: frozenset[str] = frozenset()


def source_line(element: Element) -> int:
    """libxml2's line of an element; right up to line 65,535."""
    line: int | None = element.sourceline  # type: ignore[assignment]
    return line or 1


def parser() -> etree.XMLParser:
    """A parser that fetches nothing, resolves nothing and keeps libxml2's limits."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def load(file: XmlFile) -> Document | UnreadableMessage:
    """Parse one file, anew each time."""
    if file.data is None:
        return UnreadableMessage(file.name, MessageProblem.TOO_LARGE, found=f"more than {file.most} bytes")
    return parse(file.data, file.name)


def parse(data: bytes, name: str) -> Document | UnreadableMessage:
    """Parse bytes; comments and processing instructions are dropped."""
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        blank = f"{len(data)} bytes, all of them blank or zero" if data else None
        return UnreadableMessage(name, MessageProblem.EMPTY, found=blank)
    if (document := other_document(data)) is not None:
        return UnreadableMessage(name, MessageProblem.OTHER_DOCUMENT, found=document.value)
    data = declaration_first(data)
    if (line := doctype_line(data)) is not None:
        return UnreadableMessage(name, MessageProblem.DOCTYPE, line)
    if is_misdeclared(data, declared := declared_encoding(data)):
        return UnreadableMessage(name, MessageProblem.ENCODING, 1, declared, (UTF_8,))
    reader = parser()
    try:
        root = etree.fromstring(data, reader)
    except etree.XMLSyntaxError:
        return not_parsed(data, name, reader)
    except (ValueError, UnicodeError):
        return UnreadableMessage(name, MessageProblem.NOT_XML, 1)
    about: Any = root.getroottree().docinfo
    if about.doctype:
        return UnreadableMessage(name, MessageProblem.DOCTYPE)
    if data.count(b"<") > MAX_CHILDREN and (line := _line_of(_CROWDED, root)) is not None:
        return UnreadableMessage(name, MessageProblem.TOO_LARGE, line)
    if _may_hold_long_names(data) and (line := _line_of(_LONG_NAMED, root)) is not None:
        found = f"it holds a name of more than {LONGEST_NAME} characters"
        return UnreadableMessage(name, MessageProblem.TOO_LARGE, line, found)
    return Document(root, _lines(data, root), _namespaces(data, root))


def doctype_line(data: bytes) -> int | None:
    """The line of a document type declaration before the root, in any encoding that contains ASCII."""
    text = data.replace(b"\x00", b"")
    at = next((len(bom) for bom in BOMS if text.startswith(bom)), 0)
    closing = {b"<?": b"?>", b"<!--": b"-->"}
    while True:
        while text[at : at + 1].isspace():
            at += 1
        opened = next((mark for mark in closing if text.startswith(mark, at)), None)
        if opened is None:
            return text.count(b"\n", 0, at) + 1 if text[at : at + 9].upper() == b"<!DOCTYPE" else None
        end = text.find(closing[opened], at + len(opened))
        if end < 0:
            return None
        at = end + len(closing[opened])


def _may_hold_long_names(data: bytes) -> bool:
    """False where no two blanks stand so far apart, as in most files; bytes of UTF-16 and UTF-32 say nothing."""
    return b"\0" in data or max(map(len, data.split()), default=0) > LONGEST_NAME


def _line_of(path: etree.XPath, root: Element) -> int | None:
    """The line of an element that no message has."""
    found: Any = path(root)
    return next((source_line(element) for element in found), None)


def _namespaces(data: bytes, root: Element) -> frozenset[str]:
    """Every namespace that is declared; mostly all of them at the root."""
    scopes = [root] if data.count(b"xmlns") == len(root.nsmap) else root.iter("*")
    return frozenset(uri for element in scopes for uri in element.nsmap.values() if uri)


def _is_before_root(data: bytes) -> bool:
    """Whether these bytes are a declaration, whole instructions and whole comments only, with usual line ends."""
    instructions, comments = data.count(b"<?"), data.count(b"<!--")
    are_closed = data.count(b"?>") == instructions and data.count(b"-->") == comments
    return are_closed and data.count(b"<") == instructions + comments and data.count(b"\r") == data.count(b"\r\n")


def _has_broken_tag(data: bytes, start: int) -> bool:
    """Whether a start tag after the one that holds byte `start` goes on in the next line.

    None does where each line is blank or ends with a tag, which is so in most files, and is counted much faster than
    tags are looked at.
    """
    rest = data[data.find(b">", start) :]
    text = rest.replace(b"\r\n", b"\n").translate(None, b" \t")
    expected = text.count(b">\n") + text.count(b"\n\n")
    return text.count(b"\n") + text.count(b"\r") > expected and _BROKEN_TAG.search(rest) is not None


def _lines(data: bytes, root: Element) -> Lines:
    """The lines where start tags begin, where libxml2 does not know them: it counts to 65,535, and tells where a tag
    ends. A second reading finds them, in files with so many lines or with a start tag over several.
    """
    if data.count(b"\n") < LINE_LIMIT:
        broken = _BROKEN_TAG.search(data)
        if broken is None:
            return Lines()
        before = data[: broken.start()]
        if _is_before_root(before) and not _has_broken_tag(data, broken.end()):
            return Lines({root: before.count(b"\n") + 1})
    starts: list[int] = []
    reader = expat.ParserCreate()
    reader.StartElementHandler = lambda _name, _attributes: starts.append(reader.CurrentLineNumber)
    try:
        reader.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        return Lines()
    read = zip(root.iter("*"), starts, strict=False)
    return Lines({element: line for element, line in read if source_line(element) != line})
