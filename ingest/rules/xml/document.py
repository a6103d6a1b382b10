"""XML: whether the message can be read at all: well-formed, in a known encoding, and a message of ERN."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.message import NOT_WELL_FORMED, MessageProblem, UnreadableMessage
from ingest.rules.rule import Family, Sentence
from ingest.rules.xml.syntax import DECLARATION, NAMESPACE, words_for

NOT_YET: Final = "Titles, codes and dates are not checked yet."
"""What a label should know of a message that nobody could read: its content is still to be checked."""

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
    text="{place}: the file is not readable XML: {cause}. {reach}",
    fix="{cure}",
)
def not_xml(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """A program can read XML only if every tag is closed and every special character is written as XML demands."""
    if unread.problem in NOT_WELL_FORMED:
        words = words_for(unread)
        stop = f"We could not read past line {unread.line}: {NOT_YET[:1].lower()}{NOT_YET[1:]}"
        yield fault(
            unread.file,
            line=unread.line,
            found=unread.found,
            expected=words.needed,
            reach=NOT_YET if unread.line is None else stop,
            cause=Sentence(words.cause),
            cure=Sentence(words.cure),
        )


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
    text=f"{{place}}: {{mismatch}}. {NOT_YET}",
    fix="{cure}",
)
def encoding(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """With the wrong encoding, accents and foreign letters turn into nonsense in the stores."""
    fits = next((one for one in unread.candidates if one.casefold() != (unread.found or "").casefold()), None)
    for one in _at(MessageProblem.ENCODING, unread, "UTF-8"):
        words = {"mismatch": _mismatch(unread.found, fits), "cure": Sentence(_encoding_cure(unread.found, fits))}
        values = {**one.values, **words}
        if fits == "UTF-8":
            yield replace(one, found=f'encoding="{unread.found}"', expected='encoding="UTF-8"', values=values)
        else:
            yield replace(one, found=fits or "another encoding", values=values)


def _mismatch(declared: str | None, fits: str | None) -> str:
    """What the file says of its encoding, and what it is saved in."""
    said = f"says that it is {declared}" if declared else "names no encoding, which means UTF-8"
    is_saved = f"the file is saved as {fits}" if fits is not None else "this line has bytes that do not fit"
    return f"the first line {said}, but {is_saved}"


def _encoding_cure(declared: str | None, fits: str | None) -> str:
    if fits == "UTF-8" and declared is not None:
        return f"Write {DECLARATION} as the first line. The rest of the file can stay as it is."
    return (
        "Save the file as UTF-8: in Notepad, File > Save as, with UTF-8 chosen as the encoding; in other programs, look"
        f" for the encoding when saving or exporting. Its first line should be {DECLARATION}"
    )


@message.rule(
    "XML-004",
    Severity.ERROR,
    text="{place}: the file has a DOCTYPE declaration, which no DDEX message has and which we do not accept."
    f" {NOT_YET}",
    fix="Delete the <!DOCTYPE …> part, or export the release again as DDEX ERN 3.8.2.",
)
def doctype(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """A DOCTYPE can make a small file swell or pull in other files."""
    yield from _at(MessageProblem.DOCTYPE, unread, "no DOCTYPE")


@message.rule(
    "XML-005",
    Severity.ERROR,
    text=f"{{place}}: the file is too large for a DDEX message{{what}}. {NOT_YET}",
    fix="Put audio and pictures beside the XML file, not into it, and send one release per message.",
)
def too_large(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """A message of a release is text of some kilobytes per track."""
    yield from _at(MessageProblem.TOO_LARGE, unread)


@message.rule(
    "XML-006",
    Severity.ERROR,
    text=f"{{place}}: the elements are nested deeper than in any DDEX message. {NOT_YET}",
    fix=f"{EXPORT}.",
)
def too_deep(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """Endless nesting is a fault of the exporting program, or an attack."""
    yield from _at(MessageProblem.TOO_DEEP, unread)


@message.rule(
    "XML-007",
    Severity.ERROR,
    text=f"{{place}}: the message is {{found}}. We read ERN 3.8.2. {NOT_YET}",
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
    text='{place}: the first element has the namespace "{found}", which is none of ERN. ERN 3.8.2 has {expected}.'
    f" {NOT_YET}",
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
    text=f"{{place}}: this is a DDEX message of another kind ({{found}}). We need a NewReleaseMessage. {NOT_YET}",
    fix="Export the release as a NewReleaseMessage of DDEX ERN 3.8.2.",
)
def other_message(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """DDEX has messages for sales, works and catalogues too; only a NewReleaseMessage delivers a release."""
    if unread.problem is MessageProblem.OTHER_MESSAGE:
        yield fault(unread.file, line=unread.line, found=unread.found or "unknown", expected="NewReleaseMessage")


@message.rule(
    "XML-009",
    Severity.ERROR,
    text=f"{{place}}: this is XML, but not a DDEX message: it starts with {{found}}. {NOT_YET}",
    fix=f"{EXPORT}: its first element is called NewReleaseMessage.",
)
def other_xml(unread: UnreadableMessage, _: Policy) -> Iterator[Fault]:
    """Project files and playlists are XML as well, and say nothing that a store could use."""
    if unread.problem is MessageProblem.OTHER_XML:
        yield fault(
            unread.file, line=unread.line, found=f"<{unread.found or 'something else'}>", expected="<NewReleaseMessage>"
        )
