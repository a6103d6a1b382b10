"""Bytes to an XML tree, safely: no DOCTYPE, bounded size and depth, and every failure a value of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from lxml import etree

from ingest.core.message import MessageProblem, UnclosedTag, UnreadableMessage
from ingest.readers.ern.xml_file import XmlFile

MAX_ELEMENTS = 300_000
MAX_CHILDREN = 10_000
LINE_LIMIT = 65_535  # libxml2 keeps 16 bits of a line number and guesses beyond
EXCERPT = 120
LONGEST_NAME = 200  # characters of the name of an element or attribute

Element = etree._Element
_Error = etree.ErrorTypes
_ENCODING = {_Error.ERR_UNSUPPORTED_ENCODING, _Error.ERR_INVALID_ENCODING, _Error.ERR_UNKNOWN_ENCODING}
_UNCLOSED = {_Error.ERR_TAG_NAME_MISMATCH, _Error.ERR_TAG_NOT_FINISHED}
_TAGS = re.compile(r"(?:mismatch:|in tag) (\S+) line (\d+)(?: and (\S+))?")
_DECLARED = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BROKEN_TAG = re.compile(rb"<\x00?[^!?/<>\s\x00][^<>\r\n]{0,4000}[\r\n]")
"""A start tag that goes on in the next line, in any encoding; and some comments, which costs time only."""
_CHARACTER = re.compile(r"0x([0-9A-Fa-f]+)|[Vv]alue (\d+)")
_CROWDED = etree.XPath(f"(//*)[{MAX_ELEMENTS + 1}] | //*[*[{MAX_CHILDREN + 1}]]")
_IS_LONG = f"string-length(local-name()) > {LONGEST_NAME}"
_LONG_NAMED = etree.XPath(f"(//*[{_IS_LONG} or @*[{_IS_LONG}]])[1]")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


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
    if (line := doctype_line(data)) is not None:
        return UnreadableMessage(name, MessageProblem.DOCTYPE, line)
    reader = parser()
    try:
        root = etree.fromstring(data, reader)
    except etree.XMLSyntaxError:
        return _not_parsed(data, name, reader)
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
    at = next((len(bom) for bom in _BOMS if text.startswith(bom)), 0)
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


def _lines(data: bytes, root: Element) -> Lines:
    """The lines where start tags begin, where libxml2 does not know them: it counts to 65,535, and tells where a tag
    ends. A second reading finds them, in files with so many lines or with a start tag over several.
    """
    if data.count(b"\n") < LINE_LIMIT and _BROKEN_TAG.search(data) is None:
        return Lines()
    starts: list[int] = []
    reader = expat.ParserCreate()
    reader.StartElementHandler = lambda _name, _attributes: starts.append(reader.CurrentLineNumber)
    try:
        reader.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        return Lines()
    read = zip(root.iter("*"), starts, strict=False)
    return Lines({element: line for element, line in read if source_line(element) != line})


def _not_parsed(data: bytes, name: str, reader: etree.XMLParser) -> UnreadableMessage:
    """What the parser stumbled over, in our terms; the log of the exception also holds what others stumbled over."""
    log: Any = reader.error_log
    first = next(iter(log), None)
    kind = first.type if first is not None else None
    message = first.message if first is not None else ""
    line = max(first.line if first is not None else 1, 1)
    declared = _declared(data)
    wide = declared is not None and declared.upper().startswith(("UTF-16", "UTF-32", "UCS")) and data[:5] == b"<?xml"
    if kind in _ENCODING or wide:
        return UnreadableMessage(name, MessageProblem.ENCODING, _undecodable(data, declared) or line, declared)
    if kind == _Error.ERR_RESOURCE_LIMIT:
        problem = MessageProblem.TOO_DEEP if "depth" in message else MessageProblem.TOO_LARGE
        return UnreadableMessage(name, problem, line)
    if kind == _Error.ERR_INVALID_CHAR and (match := _CHARACTER.search(message)):
        code = int(match[1], 16) if match[1] else int(match[2])
        return UnreadableMessage(name, MessageProblem.NOT_XML, line, f"U+{code:04X}")
    unclosed = _unclosed(message) if kind in _UNCLOSED else None
    return UnreadableMessage(name, MessageProblem.NOT_XML, line, _excerpt(data, line), unclosed=unclosed)


def _unclosed(sentence: str) -> UnclosedTag | None:
    """The names and the line in libxml2's remark on a tag; of its sentence nothing else is used."""
    match = _TAGS.search(sentence)
    if match is None:
        return None
    closed_by = None if match[3] is None else shown_text(match[3])
    return UnclosedTag(shown_text(match[1]), int(match[2]), closed_by)


def _declared(data: bytes) -> str | None:
    match = _DECLARED.match(data.removeprefix(_BOMS[0]))
    return match[1].decode("ascii") if match else None


def _undecodable(data: bytes, declared: str | None) -> int | None:
    """The line of the first bytes that are not UTF-8, where UTF-8 was declared or nothing was."""
    if declared is not None and declared.upper() not in ("UTF-8", "UTF8"):
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data.count(b"\n", 0, error.start) + 1
    return None


def _excerpt(data: bytes, line: int) -> str | None:
    """The line as it stands in the file, shortened, with unprintable characters replaced."""
    rows = data.replace(b"\x00", b"").split(b"\n", line)
    if len(rows) < line:
        return None
    return shown_text(rows[line - 1].strip()[: EXCERPT * 4].decode("utf-8", "replace")) or None


def shown_text(text: str) -> str:
    """A piece of the file, shortened, with unprintable characters replaced."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)[:EXCERPT]
