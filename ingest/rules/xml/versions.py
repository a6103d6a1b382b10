"""XML: the version of ERN in which a message is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.message import Message
from ingest.rules.rule import Family
from ingest.rules.xml.departures import SOURCE


def _messages(dossier: Dossier) -> Iterator[Message]:
    if dossier.message is not None:
        yield dossier.message


versions = Family[Message]("XML", "The DDEX message", _messages, source=SOURCE, ddex=FileStatus.MESSAGE_INVALID)


@versions.rule(
    "XML-019",
    Severity.INFO,
    text="{place}: the message is {found}. We read it as {expected}.",
    fix="Choose ERN 3.8.2 as the export format next time. Nothing needs to be done now.",
    source="Guide, File checklist",
)
def neighbouring_version(message: Message, _: Policy) -> Iterator[Fault]:
    """The versions next to 3.8.2 differ little from it."""
    if message.version not in ("382", ""):
        yield fault(message.file, line=1, found=f"ERN {dotted(message.version)}", expected="ERN 3.8.2")


@versions.rule(
    "XML-020",
    Severity.INFO,
    text="{place}: the message has no namespace. We read it as ERN 3.8.2.",
    fix='Write xmlns="{expected}" into the first element next time. Nothing needs to be done now.',
)
def no_namespace(message: Message, _: Policy) -> Iterator[Fault]:
    """The namespace tells a program which version of the standard it reads."""
    if not message.version or any(rewrite.read_as == NAMESPACE for rewrite in message.rewrites):
        yield fault(message.file, line=1, found="no namespace", expected=NAMESPACE)


@versions.rule(
    "XML-038",
    Severity.WARNING,
    text='{place}: "{found}" in LanguageAndScriptCode is not the code of a language.',
    fix='Write the code of the language that the titles are in, such as LanguageAndScriptCode="en" or "fr".',
    source="RFC 5646",
)
def no_language_code(message: Message, _: Policy) -> Iterator[Fault]:
    """Stores sort titles by their language, and know languages by codes of two or three letters."""
    if message.language is not None and not _LANGUAGE.fullmatch(message.language.strip()):
        line = message.schema_version_id.line if message.schema_version_id is not None else 1
        yield fault(message.file, line=line, found=message.language, expected="a code such as en or fr")


_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", re.ASCII)

NAMESPACE: Final = "http://ddex.net/xml/ern/382"


def dotted(version: str) -> str:
    """`381` -> `3.8.1`; `37D2` -> `3.7D2`."""
    return ".".join(version) if version.isdigit() else f"{version[:1]}.{version[1:]}"
