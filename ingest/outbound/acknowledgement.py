"""Acknowledgements for senders of batches: a FtpAcknowledgementMessage (DDEX ERN choreography 1.6) per release.

One file, `ACK_<time>_<ReleaseId>.xml`, tells the verdict on one release: its FileStatus is that of the first error, its
ErrorText holds the sentences of all errors.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from ingest.core.dossier import Dossier
from ingest.core.file_status import FileStatus
from ingest.core.finding import Finding, Severity
from ingest.core.message import Party
from ingest.core.release import Release
from ingest.core.release_reading import release_of
from ingest.host.fsync import flush
from ingest.host.private import create, make_folder

NAMESPACE: Final = "http://ddex.net/xml/ern-c-sftp/16"
VERSION: Final = "ern-c-sftp/16"
LONGEST_ERROR: Final = 8000
MOST_ERRORS: Final = LONGEST_ERROR // 20
"""No sentence about an error is shorter than that, so more are cut off in any case."""

_CHOREOGRAPHY: Final = re.compile(r"[NPM]_[0-9A-Za-z]{8,18}_[0-9]{14,17}")
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Upload:
    """What is answered: the label's user name, the folder as it sees it, and when we got it."""

    label: str
    folder: str
    received_at: datetime


def follows_choreography(folder: str) -> bool:
    """Whether the folder is named `<N|P|M>_<ReleaseId>_<time>`, as by programs that read acknowledgements."""
    return _CHOREOGRAPHY.fullmatch(folder) is not None


def acknowledgement(
    dossier: Dossier, findings: Sequence[Finding], status: FileStatus, upload: Upload, operator: str, now: datetime
) -> tuple[str, str]:
    """The name and the text of the acknowledgement of one package at its verdict.

    `status` is the FileStatus of the first error, or FileOK; `operator` and the label's user name stand in where the
    message names no party.
    """
    release = _release_id(dossier, upload)
    name = f"ACK_{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03}_{_file_part(release)}.xml"
    return name, "\n".join(_lines(dossier, findings, status, upload, operator, release, now)) + "\n"


def write_acknowledgement(folder: Path, name: str, content: str) -> None:
    """Write the file so that its final name never shows part of it; writing it again changes nothing.

    Raises OSError.
    """
    make_folder(folder)
    unfinished = folder / f".{name}.part"
    with create(unfinished) as file:
        file.write(content.encode())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / name)
    flush(folder)


def _lines(
    dossier: Dossier,
    findings: Sequence[Finding],
    status: FileStatus,
    upload: Upload,
    operator: str,
    release: str,
    now: datetime,
) -> Iterator[str]:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    header = dossier.message.header if dossier.message is not None else None
    ours = _party(header.recipients[0] if header is not None and header.recipients else None, operator)
    theirs = _party(header.sender if header is not None else None, upload.label)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<ack:FtpAcknowledgementMessage xmlns:ack="{NAMESPACE}" MessageVersionId="{VERSION}">'
    yield "  <MessageHeader>"
    yield f"    <MessageSender><PartyId>{_text(ours)}</PartyId></MessageSender>"
    yield f"    <MessageRecipient><PartyId>{_text(theirs)}</PartyId></MessageRecipient>"
    yield f"    <MessageCreatedDateTime>{now:%Y-%m-%dT%H:%M:%SZ}</MessageCreatedDateTime>"
    yield "  </MessageHeader>"
    yield "  <AcknowledgedFile>"
    yield f"    <ReleaseId>{_text(release)}</ReleaseId>"
    yield f"    <Date>{upload.received_at:%Y-%m-%d}</Date>"
    yield "  </AcknowledgedFile>"
    yield f"  <FileStatus>{status.value}</FileStatus>"
    if errors:
        yield f"  <ErrorText>{_text(_sentences(errors))}</ErrorText>"
        yield "  <ProposedActionType>ResendXmlAndResources</ProposedActionType>"
    yield f"  <ManualCheckRequired>{'false' if errors else 'true'}</ManualCheckRequired>"
    for isrc in dict.fromkeys(finding.isrc for finding in errors if finding.isrc):
        yield f"  <AffectedResource><ISRC>{_text(isrc)}</ISRC></AffectedResource>"
    yield "</ack:FtpAcknowledgementMessage>"


def _sentences(errors: Sequence[Finding]) -> str:
    told = " ".join(f"{finding.code}: {finding.text} {finding.fix}" for finding in errors[:MOST_ERRORS])
    return told if len(told) <= LONGEST_ERROR else f"{told[: LONGEST_ERROR - 1]}…"


def _release_id(dossier: Dossier, upload: Upload) -> str:
    """The barcode or the GRid of the message, else the name of its folder."""
    said = release_of(dossier) or Release()
    return said.barcode or said.grid or upload.folder.rsplit("/", 1)[-1]


def _party(party: Party | None, otherwise: str) -> str:
    return next((text.value for text in party.ids if text.value), otherwise) if party is not None else otherwise


def _file_part(release: str) -> str:
    return re.sub(r"[^0-9A-Za-z.-]+", "-", release)[:64].strip(".-") or "release"


def _text(value: str) -> str:
    return escape(_UNWRITABLE.sub("\ufffd", value))
