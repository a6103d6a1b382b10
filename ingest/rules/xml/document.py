"""XML: whether the message can be read at all: well-formed, in a known encoding, and a message of ERN."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.message import MessageProblem, UnclosedTag, UnreadableMessage
from ingest.rules.rule import Family

NAMESPACE: Final = "http://ddex.net/xml/ern/382"

EXPORT: Final = (
    "Export the release from your distribution program as DDEX ERN 3.8.2, and check the file in a web browser"
)


def _unreadable(dossier: Dossier) -> Iterator[UnreadableMessage]:
    if dossier.unreadable is not None:
        yield dossier.unreadable


message = Family[UnreadableMessage](
    "XML", "The DDEX message", _unreadable, source="Guide, File checklist", ddex=FileStatus.MESSAGE_INVALID
)


def _at(problem: MessageProblem, unread: UnreadableMessage, expected: str | None = None) -> Iterator[Fault]:
    if unread.problem is problem:
        what = f": {unread.found}" if unread.found else ""
        yield fault(unread.file, line=unread.line, found=unread.found, expected=expected, what=what)


@message.rule(
    "XML-001",
    Severity.ERROR,
    text="{place}: the file is not well-formed XML, so we cannot read it{what}.{cause}",
    fix="Open the file in {cure}",
)
def not_xml(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """A program can read XML only if every tag is closed and every special character is written as XML demands."""
    cause, cure = _not_closed(unread.unclosed) if unread.unclosed is not None else _not_xml(unread.found or "")
    for one in _at(MessageProblem.NOT_XML, unread, "well-formed XML"):
        yield replace(one, values={**one.values, "cause": cause, "cure": cure})


def _not_closed(tag: UnclosedTag) -> tuple[str, str]:
    """A sentence about the tag that is not closed, and the cure."""
    opened = f"<{tag.name}>, opened in line {tag.line},"
    if tag.closed_by is None:
        cure = "a text editor and look at its end: the rest is missing. Export the release again, and upload all of it."
        return f" It ends before {opened} is closed.", cure
    cause = f" </{tag.closed_by}> stands where {opened} has to be closed first."
    return cause, f"a text editor, and close <{tag.name}> of line {tag.line} with </{tag.name}>, spelled alike."


def _not_xml(line: str) -> tuple[str, str]:
    """A sentence about the probable cause, by the text of the faulty line, and the cure."""
    if _BARE_AND.search(line):
        cause = " It holds an & that stands by itself, where XML demands &amp;."
        return cause, "a text editor, and write &amp; for every & in names and titles, as Tom &amp; Jerry."
    if (entity := _HTML.search(line)) is not None:
        cause = f" XML does not know {entity.group()}, which is of HTML."
        return (
            cause,
            "a text editor that saves as UTF-8, and write the character itself in its place, as é for &eacute;.",
        )
    if _FORBIDDEN.fullmatch(line):
        return " XML forbids this character.", "a text editor that shows control characters, and delete this one."
    if _CURLY.search(line):
        cause = " A value stands in curly quotes, where XML demands straight ones."
        return cause, 'a text editor, not in a word processor, and write straight quotes around values, as "en".'
    return "", (
        "a web browser: it shows where the first fault is. Mostly it is an & that must be written &amp;, a missing"
        " closing tag, or an upload that broke off."
    )


_BARE_AND: Final = re.compile(r"&(?!#[0-9]+;|#x[0-9A-Fa-f]+;|[A-Za-z][A-Za-z0-9]*;|#?[A-Za-z0-9]+$)")
_HTML: Final = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{1,30};")
_FORBIDDEN: Final = re.compile(r"U\+[0-9A-F]{4,6}")
_CURLY: Final = re.compile(r"=\s*[\u2018-\u201f\u00ab\u00bb\u2033]")


@message.rule(
    "XML-002",
    Severity.ERROR,
    text="{place}: the file is empty ({amount}).",
    fix="Export the XML again, check its size, upload the release again as a new folder, and wait until your SFTP"
    " program shows the transfer as finished.",
    ddex=FileStatus.METADATA_MISSING,
)
def empty(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """An upload that never got going leaves an empty file, or one whose place was only reserved."""
    for one in _at(MessageProblem.EMPTY, unread):
        yield replace(one, values={**one.values, "amount": unread.found or "0 bytes"})


@message.rule(
    "XML-003",
    Severity.ERROR,
    text="{place}: the characters of the file are not {encoding}.",
    fix='Save the file as UTF-8, with <?xml version="1.0" encoding="UTF-8"?> as its first line.',
)
def encoding(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """With the wrong encoding accents and foreign letters turn into nonsense in the stores."""
    named = f"in the encoding that its first line promises: {unread.found}"
    unnamed = "UTF-8, as those of every XML file are whose first line names no other encoding"
    for one in _at(MessageProblem.ENCODING, unread, "UTF-8"):
        yield replace(one, values={**one.values, "encoding": named if unread.found else unnamed})


@message.rule(
    "XML-004",
    Severity.ERROR,
    text="{place}: the file has a DOCTYPE declaration, which no DDEX message has and which we do not accept.",
    fix="Delete the <!DOCTYPE …> part, or export the release again as DDEX ERN 3.8.2.",
)
def doctype(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """A DOCTYPE can make a small file swell or pull in other files."""
    yield from _at(MessageProblem.DOCTYPE, unread, "no DOCTYPE")


@message.rule(
    "XML-005",
    Severity.ERROR,
    text="{place}: the file is too large for a DDEX message{what}.",
    fix="Put audio and pictures beside the XML file, not into it, and send one release per message.",
)
def too_large(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """A message of a release is text of some kilobytes per track."""
    yield from _at(MessageProblem.TOO_LARGE, unread)


@message.rule(
    "XML-006",
    Severity.ERROR,
    text="{place}: the elements are nested deeper than in any DDEX message.",
    fix=f"{EXPORT}.",
)
def too_deep(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """Endless nesting is a fault of the exporting program, or an attack."""
    yield from _at(MessageProblem.TOO_DEEP, unread)


@message.rule(
    "XML-007",
    Severity.ERROR,
    text="{place}: the message is {found}. We read ERN 3.8.2.",
    fix="Choose ERN 3.8.2 as the format in the program that exports your releases, export the release again, and"
    " upload it as a new folder.",
)
def other_version(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """Versions 4 and versions before 3.7.1 are built differently; reading them by guesswork would corrupt releases."""
    version = unread.found or ""
    if unread.problem is MessageProblem.OTHER_VERSION and version[:1].isdigit():
        yield fault(unread.file, line=unread.line, found=f"ERN {version}", expected="ERN 3.8.2")


@message.rule(
    "XML-027",
    Severity.ERROR,
    text='{place}: the first element has the namespace "{found}", which is none of ERN. ERN 3.8.2 has {expected}.',
    fix='Write xmlns="{expected}" into the first element, letter for letter, or export the release again as DDEX'
    " ERN 3.8.2.",
    source="ERN 3.8.2, content model",
)
def other_namespace(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """The namespace is the name of the version: a program that finds another one cannot know what it reads."""
    version = unread.found or ""
    if unread.problem is MessageProblem.OTHER_VERSION and not version[:1].isdigit():
        yield fault(unread.file, line=unread.line, found=version, expected=NAMESPACE)


@message.rule(
    "XML-008",
    Severity.ERROR,
    text="{place}: this is a DDEX message of another kind ({found}). We need a NewReleaseMessage.",
    fix="Export the release as a NewReleaseMessage of DDEX ERN 3.8.2.",
)
def other_message(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """DDEX has messages for sales, works and catalogues too; only a NewReleaseMessage delivers a release."""
    if unread.problem is MessageProblem.OTHER_MESSAGE:
        yield fault(unread.file, line=unread.line, found=unread.found or "unknown", expected="NewReleaseMessage")


@message.rule(
    "XML-009",
    Severity.ERROR,
    text="{place}: this is XML, but no DDEX message: it starts with {found}.",
    fix=f"{EXPORT}: its first element is called NewReleaseMessage.",
)
def other_xml(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """Project files and playlists are XML as well, and say nothing that a store could use."""
    if unread.problem is MessageProblem.OTHER_XML:
        yield fault(
            unread.file, line=unread.line, found=f"<{unread.found or 'something else'}>", expected="<NewReleaseMessage>"
        )
