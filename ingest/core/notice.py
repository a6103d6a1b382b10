"""Notices: the emails owed, each because of a change or for the attention of a label or of ops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ingest.core.finding import Finding


class Audience(StrEnum):
    """Who gets an email; the values are stored."""

    LABEL = "label"
    QC = "qc"
    OPS = "ops"


class NoticeKind(StrEnum):
    """What an email is about; each kind is one template, `templates/email/<kind>.j2`."""

    INCOMING = "incoming"
    WAITING = "waiting"
    NEEDS_QC = "needs-qc"
    INVALID = "invalid"
    TESTED = "tested"
    QC_APPROVED = "qc-approved"
    QC_REJECTED = "qc-rejected"
    DELIVERED = "delivered"
    TAKEN_DOWN = "taken-down"
    TAKEDOWN = "takedown"
    TAKEDOWN_ORDERED = "takedown-ordered"
    CREDENTIALS = "credentials"
    STRAY_FILES = "stray-files"
    WEBHOOK_DISABLED = "webhook-disabled"
    REVIEW = "review"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class OperatorDetails:
    """Who writes: the operator as the emails name it.

    `maildomain` is the domain of List-Id; `logo` a small PNG or JPEG, empty where the name is shown instead.
    """

    name: str
    public_host: str
    public_port: int
    support_email: str
    guide_url: str
    maildomain: str
    logo: bytes = b""


@dataclass(frozen=True, slots=True)
class PackageSummary:
    """The package that a notice is about. `label` is the label's user name, `label_title` its name as people write it.

    `kind` is as in core.kind; `replaces` is the number of the package that this one updates or takes down. What is not
    known yet is None.
    """

    id: int
    label: str
    folder: str
    title: str | None = None
    artist: str | None = None
    barcode: str | None = None
    release_type: str | None = None
    release_date: str | None = None
    tracks: int | None = None
    label_title: str | None = None
    kind: str = "new release"
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """A track as people read it, in words; empty for what is not known. `peak` is the true peak."""

    number: int
    title: str
    isrc: str = ""
    length: str = ""
    format: str = ""
    peak: str = ""
    loudness: str = ""


@dataclass(frozen=True, slots=True)
class StatusNotice:
    """One email before it is worded. `message_id` and `thread_root` may stand with or without angle brackets.

    `thread_root` is the message id of the first email about the same release, None for that first one itself.
    `created` is aware. `notes` are the reviewer's, verbatim; `reviewer` is never told to a label. `missing` are
    sentences on what has not arrived. `facts` are name and value, for people in QC, and
    `tracks` the first tracks in running order. `details` by kind: credentials
    `user`, `title`, `password` (empty: a key is used), `renewed` ("yes" where it takes the place of an older one),
    `fingerprint` of the host key (may be left out), and `host` and `port` where they differ from the operator's; stray
    files `names`, one a line, and `user`; alarm `what`, `where` and any further key; waiting `minutes`, the quiet time
    after which the folder is checked as it is; webhook disabled `endpoint`, `url`, `reason` and `attempts`; Needs QC,
    in a report, `newer` and `newer_folder`, the number and the folder of the later upload that takes the place of this
    one; QC Approved and Delivered `street_date`, the day of the release in ISO 8601, where it is known; takedown and
    takedown ordered `reason`, and `stores`, one a line; takedown ordered `who`, and `told`, the stores that somebody
    told already, one a line. `taken` are the names of the label's folders, which a corrected release cannot have.
    `report` is the folder of the label's report, below `/reports/`. `cover` is a small JPEG of the cover, for QC; empty
    where it cannot be shown. `snippets` are XML as it should be, by the codes of findings.
    """

    kind: NoticeKind
    to: tuple[str, ...]
    message_id: str
    thread_root: str | None
    created: datetime
    package: PackageSummary | None = None
    findings: tuple[Finding, ...] = ()
    notes: str = ""
    reviewer: str = ""
    missing: tuple[str, ...] = ()
    dsps: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    tracks: tuple[TrackSummary, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    report: str = ""
    taken: tuple[str, ...] = ()
    cover: bytes = b""
    snippets: Mapping[str, str] = field(default_factory=dict)
