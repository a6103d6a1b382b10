"""What keeps a file from being XML: the fault by the parser's error code, and what stands at its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from xml.parsers import expat

from lxml import etree

from ingest.core.likeness import is_alike
from ingest.core.message import MessageProblem, UnclosedTag, UnreadableMessage
from ingest.readers.ern.encodings import declared_encoding, fitting_encoding, is_utf_8, undecodable_at

EXCERPT: Final = 120
MOST_OPEN: Final = 300
"""Tags that may be open at once; libxml2 reads no deeper than 256."""

_Error = etree.ErrorTypes
_ENCODING: Final = {_Error.ERR_UNSUPPORTED_ENCODING, _Error.ERR_INVALID_ENCODING, _Error.ERR_UNKNOWN_ENCODING}
_PROBLEMS: Final[Mapping[int, MessageProblem]] = {
    _Error.ERR_TAG_NAME_MISMATCH: MessageProblem.MISMATCHED,
    _Error.ERR_TAG_NOT_FINISHED: MessageProblem.CUT_OFF,
    _Error.ERR_GT_REQUIRED: MessageProblem.UNFINISHED_TAG,
    _Error.ERR_COMMENT_NOT_FINISHED: MessageProblem.UNFINISHED_COMMENT,
    _Error.ERR_HYPHEN_IN_COMMENT: MessageProblem.HYPHENS,
    _Error.ERR_CDATA_NOT_FINISHED: MessageProblem.CDATA,
    _Error.ERR_MISPLACED_CDATA_END: MessageProblem.CDATA,
    _Error.ERR_NAME_REQUIRED: MessageProblem.LESS_THAN,
    _Error.ERR_ENTITYREF_SEMICOL_MISSING: MessageProblem.AMPERSAND,
    _Error.ERR_INVALID_DEC_CHARREF: MessageProblem.AMPERSAND,
    _Error.ERR_INVALID_HEX_CHARREF: MessageProblem.AMPERSAND,
    _Error.ERR_UNDECLARED_ENTITY: MessageProblem.ENTITY,
    _Error.WAR_UNDECLARED_ENTITY: MessageProblem.ENTITY,
    _Error.ERR_INVALID_CHAR: MessageProblem.CHARACTER,
    _Error.ERR_ATTRIBUTE_NOT_STARTED: MessageProblem.QUOTES,
    _Error.ERR_ATTRIBUTE_NOT_FINISHED: MessageProblem.OPEN_QUOTE,
    _Error.ERR_LT_IN_ATTRIBUTE: MessageProblem.OPEN_QUOTE,
    _Error.ERR_ATTRIBUTE_WITHOUT_VALUE: MessageProblem.NO_VALUE,
    _Error.ERR_ATTRIBUTE_REDEFINED: MessageProblem.REPEATED_ATTRIBUTE,
    _Error.ERR_SPACE_REQUIRED: MessageProblem.BETWEEN_ATTRIBUTES,
    _Error.NS_ERR_UNDEFINED_NAMESPACE: MessageProblem.PREFIX,
    _Error.ERR_DOCUMENT_EMPTY: MessageProblem.BEFORE_START,
    _Error.ERR_DOCUMENT_END: MessageProblem.AFTER_END,
    _Error.ERR_RESERVED_XML_NAME: MessageProblem.SECOND_DECLARATION,
}
_NAMED: Final[Mapping[MessageProblem, re.Pattern[str]]] = {
    MessageProblem.PREFIX: re.compile(r"prefix (\S+)"),
    MessageProblem.ENTITY: re.compile(r"Entity '([^']*)'"),
    MessageProblem.NO_VALUE: re.compile(r"attribute (\S+)"),
    MessageProblem.REPEATED_ATTRIBUTE: re.compile(r"Attribute (\S+)"),
}
"""The names in libxml2's sentences; of these nothing else is used."""

_MAY_BE_THE_END: Final = frozenset(
    {
        MessageProblem.AMPERSAND,
        MessageProblem.BEFORE_START,
        MessageProblem.BETWEEN_ATTRIBUTES,
        MessageProblem.CDATA,
        MessageProblem.CHARACTER,
        MessageProblem.CUT_OFF,
        MessageProblem.DECLARATION,
        MessageProblem.HYPHENS,
        MessageProblem.LESS_THAN,
        MessageProblem.MISMATCHED,
        MessageProblem.NO_VALUE,
        MessageProblem.OPEN_QUOTE,
        MessageProblem.QUOTES,
        MessageProblem.UNFINISHED_COMMENT,
        MessageProblem.UNFINISHED_TAG,
        MessageProblem.NOT_XML,
    }
)
"""What a parser says too where a file only breaks off."""

_TOO_LONG: Final = {
    _Error.ERR_COMMENT_NOT_FINISHED: "a comment",
    _Error.ERR_CDATA_NOT_FINISHED: "a CDATA section",
    _Error.ERR_PI_NOT_FINISHED: "an instruction (<?…?>)",
}
_CHARACTER: Final = re.compile(r"0x([0-9A-Fa-f]+)|[Vv]alue (\d+)")
_NAME: Final = re.compile(rb"[^\s<>/]*")


def not_parsed(data: bytes, name: str, reader: etree.XMLParser) -> UnreadableMessage:
    """Why `reader` could not parse the bytes, by its first error; the exception's log also holds those of others."""
    log: Any = reader.error_log
    first = next(iter(log), None)
    kind, said = (None, "") if first is None else (first.type, first.message)
    line, column = (1, 1) if first is None else (max(first.line, 1), first.column)
    if (misread := _encoding(data, name, kind, line)) is not None:
        return misread
    if kind == _Error.ERR_RESOURCE_LIMIT:
        problem = MessageProblem.TOO_DEEP if "depth" in said else MessageProblem.TOO_LARGE
        return UnreadableMessage(name, problem, line)
    if kind in _TOO_LONG and "too big" in said:
        found = f"it holds {_TOO_LONG[kind]} of more than ten million characters"
        return UnreadableMessage(name, MessageProblem.TOO_LARGE, line, found)
    text = _as_utf_8(data)
    problem = _refined(_PROBLEMS.get(kind or 0, MessageProblem.NOT_XML), text, line, column, said)
    if problem is MessageProblem.UNFINISHED_TAG:
        line, column = _start_of_tag(text, line, column)
    fault = UnreadableMessage(name, problem, line, excerpt(text, line, column))
    if fault.problem in _MAY_BE_THE_END:
        fault = _by_open_tags(fault, text)
    return replace(fault, found=_name_in(fault.problem, said) or fault.found)


def _encoding(data: bytes, name: str, kind: int | None, line: int) -> UnreadableMessage | None:
    """The fault of a file whose bytes are not in the encoding that it names."""
    declared = declared_encoding(data)
    is_wide = declared is not None and declared.upper().startswith(("UTF-16", "UTF-32", "UCS")) and data[:5] == b"<?xml"
    at = undecodable_at(data) if is_utf_8(declared) else None
    if at is not None and len(data) - at < 4 and kind not in _ENCODING:
        return None  # a letter that was cut in two at the end of the file
    if kind not in _ENCODING and not is_wide:
        return None
    if at is not None:
        line = data.count(b"\n", 0, at) + 1
    fits = fitting_encoding(data)
    return UnreadableMessage(name, MessageProblem.ENCODING, line, declared, () if fits is None else (fits,))


def _refined(problem: MessageProblem, data: bytes, line: int, column: int, said: str) -> MessageProblem:
    """The problem, told apart where one error code stands for several."""
    row = _row(data, line)
    if line == 1 and row.lstrip().startswith(b"<?") and b"?>" not in row[: max(column - 1, 0)]:
        return MessageProblem.DECLARATION
    if problem is MessageProblem.LESS_THAN and "EntityRef" in said:
        return MessageProblem.AMPERSAND
    if problem is MessageProblem.LESS_THAN and "attribute" in said:
        return MessageProblem.UNFINISHED_TAG
    if problem is MessageProblem.BEFORE_START and data.lstrip().startswith(b"&lt;"):
        return MessageProblem.ESCAPED
    return problem


def _start_of_tag(data: bytes, line: int, column: int) -> tuple[int, int]:
    """Line and column of the last < before a place."""
    rows = data.split(b"\n", line)[:line]
    if len(rows) < line:
        return line, column
    before = b"\n".join((*rows[:-1], rows[-1][: column - 1]))
    at = before.rfind(b"<")
    return (line, column) if at < 0 else (before.count(b"\n", 0, at) + 1, at - before.rfind(b"\n", 0, at))


def _by_open_tags(fault: UnreadableMessage, data: bytes) -> UnreadableMessage:
    """The fault with the tags that were open at it; what only breaks off has no other fault."""
    tags = _Tags()
    if tags.read(data) and _is_cut_off(fault.problem, tags, data):
        return replace(fault, problem=MessageProblem.CUT_OFF, unclosed=tags.innermost(), found=None)
    if fault.problem is not MessageProblem.MISMATCHED or not tags.open or not tags.closing:
        return fault
    name, line = tags.open[-1]
    tag = UnclosedTag(shown_text(name), line, shown_text(tags.closing))
    above = {outer for outer, _ in tags.open[:-1]}
    if tags.closing in above:
        problem = MessageProblem.UNCLOSED
    elif _is_same_name(name, tags.closing):
        problem = MessageProblem.MISMATCHED
    else:
        problem = MessageProblem.UNOPENED
    return replace(fault, problem=problem, unclosed=tag)


def _is_cut_off(problem: MessageProblem, tags: _Tags, data: bytes) -> bool:
    """Whether the end of a text is missing that is right so far; not where a comment or the like swallows its end."""
    if problem is MessageProblem.DECLARATION:
        return b">" not in data
    return not tags.root or (bool(tags.open) and f"</{tags.root}".encode() not in data)


class _Tags:
    """The tags of a text in UTF-8, as far as it is XML: those still open there, and a closing tag that fits none."""

    def __init__(self) -> None:
        self.open: list[tuple[str, int]] = []
        self.root = ""
        self.closing = ""
        self._reader = expat.ParserCreate("utf-8")
        self._reader.StartElementHandler = self._start
        self._reader.EndElementHandler = self._end

    def read(self, data: bytes) -> bool:
        """Whether everything up to the end of the text is right, so that only what follows is missing."""
        try:
            self._reader.Parse(data, False)
        except expat.ExpatError as error:
            if error.code == expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]:
                at = self._reader.ErrorByteIndex
                found = _NAME.match(data, at)
                self.closing = found[0].decode("utf-8", "replace") if found is not None else ""
            return False
        except _TooDeep:
            return False
        return True

    def innermost(self) -> UnclosedTag | None:
        return UnclosedTag(shown_text(self.open[-1][0]), self.open[-1][1]) if self.open else None

    def _start(self, name: str, _: dict[str, str]) -> None:
        self.root = self.root or name
        self.open.append((name, self._reader.CurrentLineNumber))
        if len(self.open) > MOST_OPEN:
            raise _TooDeep

    def _end(self, _: str) -> None:
        self.open.pop()


class _TooDeep(Exception):
    """More tags are open than any message has."""


def _is_same_name(one: str, other: str) -> bool:
    """Whether two names are one name with a slip, or with other prefixes."""
    return is_alike(one.rpartition(":")[2], other.rpartition(":")[2])


def _name_in(problem: MessageProblem, said: str) -> str | None:
    """What libxml2's sentence names: a prefix, an entity, an attribute or a character."""
    if problem is MessageProblem.CHARACTER and (match := _CHARACTER.search(said)):
        return f"U+{int(match[1], 16) if match[1] else int(match[2]):04X}"
    pattern = _NAMED.get(problem)
    match = None if pattern is None else pattern.search(said)
    if match is None:
        return None
    name = shown_text(match[1])
    return f"{name}:" if problem is MessageProblem.PREFIX else f"&{name};" if problem is MessageProblem.ENTITY else name


def _as_utf_8(data: bytes) -> bytes:
    """The bytes, from the encoding that they name to UTF-8; those that cannot be decoded stay out."""
    codec = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else declared_encoding(data)
    if is_utf_8(codec):
        return data
    try:
        return data.decode(codec or "utf-8", "ignore").removeprefix("\ufeff").encode()
    except (LookupError, UnicodeError):
        return data


def excerpt(data: bytes, line: int, column: int = 1) -> str | None:
    """The line as it stands in the file, with unprintable characters replaced; of a long one the part at `column`."""
    row = _row(data, line)
    if len(row) > EXCERPT * 2 and column > EXCERPT:
        row = row[column - EXCERPT // 2 - 1 :]
    return shown_text(row.strip()[: EXCERPT * 4].decode("utf-8", "replace")) or None


def _row(data: bytes, line: int) -> bytes:
    rows = data.split(b"\n", line)
    return rows[line - 1] if len(rows) >= line else b""


def shown_text(text: str) -> str:
    """A piece of the file, shortened, with unprintable characters replaced."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)[:EXCERPT]
