"""Acknowledgements of DSPs: FtpAcknowledgementMessage (choreography up to 1.6), ErnAcknowledgementStatusMessage (1.7).

They are foreign XML, and read by local names, since their namespaces differ from version to version.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from ingest.core.dsp_answer import DspAnswer, DspAnswers, status_of
from ingest.core.text import cut
from ingest.core.visible import visible
from ingest.readers.ern.document import Document, Element, parse
from ingest.readers.ern.values import flag
from ingest.readers.ern.versions import split_tag
from ingest.readers.sealed import open_sealed

MAX_BYTES: Final = 2_000_000
MOST: Final = 1000
"""Answers of a file, and values of an answer, that are read."""
OLD, NEW = "FtpAcknowledgementMessage", "ErnAcknowledgementStatusMessage"
RELEASE_IDS: Final = ("GRid", "ICPN", "ISRC", "CatalogNumber", "ProprietaryId")


def read_dsp_answers(path: Path, name: str) -> DspAnswers:
    """What a file of a DSP says; nothing of its content raises. Raises OSError."""
    with open_sealed(path, name) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return DspAnswers(problem=f"it has more than {MAX_BYTES} bytes")
    document = parse(data, name)
    if not isinstance(document, Document):
        return DspAnswers(problem=f"it is no XML that can be read ({document.problem.value})")
    kind = _name(document.root)
    if kind == OLD:
        return DspAnswers((_old(document.root),), created=_created(document.root))
    if kind == NEW:
        listed = [child for child in document.root.iterchildren("*") if _name(child) == "ReleaseStatus"]
        return DspAnswers(tuple(_new(one) for one in listed[:MOST]), created=_created(document.root))
    return DspAnswers(problem=f"it is no acknowledgement, but {visible(cut(kind)[:100])}")


def _created(root: Element) -> str:
    headers = _children(root, "MessageHeader")
    return next(iter(_texts(child for one in headers for child in _children(one, "MessageCreatedDateTime"))), "")


def _old(root: Element) -> DspAnswer:
    files = list(_children(root, "AcknowledgedFile"))
    releases = [text for file in files for one in _children(file, "ReleaseId") for text in _texts(one.iter("*"))]
    days = _texts(child for file in files for child in _children(file, "Date"))
    answer = _answer(root, _texts(_children(root, "FileStatus")), (), releases)
    return replace(answer, sent_on=next(iter(days), ""))


def _new(composite: Element) -> DspAnswer:
    ids = [child for one in _children(composite, "ReleaseId") for child in _children(one, *RELEASE_IDS)]
    told = list(_children(composite, "Acknowledgement"))
    messages = _texts(child for one in told for child in _children(one, "MessageId"))
    said = _texts(_children(composite, "ReleaseStatus"))
    said += _texts(child for one in told for child in _children(one, "MessageStatus"))
    return _answer(composite, said, messages, _texts(ids))


def _answer(parent: Element, said: list[str], messages: Iterable[str], releases: Iterable[str]) -> DspAnswer:
    text = " ".join(_texts(_children(parent, "ErrorText")))
    checks = _texts(_children(parent, "ManualCheckRequired"))
    resources = (child for one in _children(parent, "AffectedResource") for child in one.iter("*"))
    return DspAnswer(
        status=status_of(said, text),
        said=", ".join(dict.fromkeys(said)),
        message_ids=tuple(messages),
        release_ids=tuple(releases),
        text=cut(text),
        action=", ".join(_texts(_children(parent, "ProposedActionType"))),
        needs_person=flag(checks[0]) if checks else None,
        resources=tuple(_texts(resources)),
    )


def _children(parent: Element, *names: str) -> Iterator[Element]:
    return (child for child in parent.iterchildren("*") if _name(child) in names)


def _texts(elements: Iterable[Element]) -> list[str]:
    """Texts as one line each; a user-defined value is told by what it means. At most MOST."""
    found = (_text(one) for _, one in zip(range(MOST), elements, strict=False))
    return [text for text in found if text]


def _text(element: Element) -> str:
    written = " ".join((element.text or "").split())
    meant = element.get("UserDefinedValue")
    return visible(cut(str(meant) if written == "UserDefined" and meant else written))


def _name(element: Element) -> str:
    return split_tag(str(element.tag))[1]
