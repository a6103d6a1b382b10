"""A notice's findings as a reader meets them: one item per code with its places under it; errors first, infos last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ingest.core.finding import Finding, Severity
from ingest.core.kind import Kind
from ingest.core.notice import NoticeKind, PackageSummary, StatusNotice
from ingest.core.status import Status

PLACES_SHOWN: Final = 10
_WORD: Final = re.compile(r"[\w.+×:/-]*[\w]")
_LITTLE: Final = frozenset({"a", "an", "the", "one", "or", "and"})

STATUS: Final[dict[NoticeKind, Status]] = {
    NoticeKind.INCOMING: Status.INCOMING,
    NoticeKind.WAITING: Status.INCOMING,
    NoticeKind.NEEDS_QC: Status.NEEDS_QC,
    NoticeKind.REVIEW: Status.NEEDS_QC,
    NoticeKind.INVALID: Status.INVALID,
    NoticeKind.TESTED: Status.INCOMING,
    NoticeKind.QC_APPROVED: Status.QC_APPROVED,
    NoticeKind.QC_REJECTED: Status.QC_REJECTED,
    NoticeKind.DELIVERED: Status.DELIVERED,
    NoticeKind.TAKEN_DOWN: Status.TAKEN_DOWN,
}

THING: Final = {
    Kind.NEW_RELEASE.value: "release",
    Kind.UPDATE.value: "update",
    Kind.TAKEDOWN.value: "takedown",
    Kind.PURGE.value: "removal",
    Kind.TEST.value: "test",
}
"""What a label calls a package of each kind."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of an item. A field is None where the item itself says it for all its places.

    `is_named`: the text names the file, so that a short list need not.
    """

    text: str | None
    where: str | None
    found: str | None
    expected: str | None
    fix: str | None
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """All findings of one code.

    `number` counts through the whole report; `spots` are the first ten of `count` places; `snippet` are lines of XML.
    """

    number: int
    code: str
    severity: Severity
    count: int
    text: str
    expected: str | None
    fix: str | None
    spots: tuple[Spot, ...]
    snippet: tuple[str, ...] = ()

    @property
    def more(self) -> int:
        """How many places `spots` leaves out."""
        return self.count - len(self.spots)


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of a package, sorted and grouped."""

    errors: tuple[Item, ...]
    warnings: tuple[Item, ...]
    infos: tuple[Item, ...]


def report_on(findings: Iterable[Finding], snippets: Mapping[str, str]) -> Report:
    """Group findings by severity and code; those about the same file stand together. `snippets` are XML by code.

    First what is about the package and its message, then the other files, else in the order in which codes appear.
    """
    groups: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity, finding.code), []).append(finding)
    ranks = _ranks(groups.values())
    ordered = [
        group
        for severity in Severity
        for group in sorted(
            (groups[key] for key in groups if key[0] is severity), key=lambda group: ranks[group[0].file or ""]
        )
    ]
    items = [
        replace(_item(number, group), snippet=tuple(snippets.get(group[0].code, "").splitlines()))
        for number, group in enumerate(ordered, 1)
    ]
    errors, warnings, infos = (tuple(item for item in items if item.severity is severity) for severity in Severity)
    return Report(errors, warnings, infos)


def _ranks(groups: Iterable[list[Finding]]) -> dict[str, int]:
    """The place of each file, by the first finding of each group; empty for the package itself."""
    files = dict.fromkeys(group[0].file or "" for group in groups)
    ordered = sorted(files, key=lambda file: bool(file) and not file.lower().endswith(".xml"))
    return {file: 0 if not file or file.lower().endswith(".xml") else place for place, file in enumerate(ordered, 1)}


def _says(text: str, value: str | None) -> bool:
    """Whether every word of the value stands in the text; yes for no value."""
    return value is None or _words(value) <= _words(text)


def _words(text: str) -> set[str]:
    return {*_WORD.findall(text)} - _LITTLE


def _item(number: int, group: list[Finding]) -> Item:
    text = _shared(finding.text for finding in group)
    expected = _shared(finding.expected for finding in group)
    if all(_is_told(finding) for finding in group):  # found and needed stand in the sentence and its cure
        group = [replace(finding, found=None, expected=None) for finding in group]
        expected = None
    fix = _shared(finding.fix for finding in group)
    return Item(
        number=number,
        code=group[0].code,
        severity=group[0].severity,
        count=len(group),
        text=text or f"Found in {len(group)} {_unit(group)}:",
        expected=expected,
        fix=fix,
        spots=tuple(_spot(finding, text, expected, fix) for finding in group[:PLACES_SHOWN]),
    )


def _spot(finding: Finding, text: str | None, expected: str | None, fix: str | None) -> Spot:
    """One place, without what the item says for all; a value that the text of the spot contains is left out too."""
    own = None if text else finding.text
    repeated = own is not None and finding.found is not None and finding.found in own
    return Spot(
        text=own,
        where=finding_location(finding, finding.text) or None,
        found=None if repeated else finding.found,
        expected=None if expected else finding.expected,
        fix=None if fix else finding.fix,
        is_named=finding.file is not None and finding.file in finding.text,
    )


def _is_told(finding: Finding) -> bool:
    """Whether its sentence and cure say what was found and what is needed; not where the two differ in signs alone."""
    told = f"{finding.text} {finding.fix}"
    if finding.found and finding.expected and _words(finding.found) == _words(finding.expected):
        return False
    return _says(told, finding.found) and _says(told, finding.expected)


def _shared(values: Iterable[str | None]) -> str | None:
    different = set(values)
    return different.pop() if len(different) == 1 else None


def _unit(group: list[Finding]) -> str:
    """What is counted: files where each finding has a file of its own, else places."""
    files = {finding.file for finding in group}
    return "files" if None not in files and len(files) == len(group) else "places"


def finding_location(finding: Finding, text: str = "") -> str:
    """Where a finding is: `metadata.xml, line 42` or `03_Feel.wav, track 3, ISRC GBDUM7620003`.

    What `text` names is left out: file and line together, and the track; empty when nothing is left.
    """
    file = [finding.file] if finding.file else []
    line = [f"line {finding.line}"] if finding.line else []
    told = re.search(rf"\btrack {finding.track}\b", text)
    track = [f"track {finding.track}"] if finding.track and not told else []
    isrc = [f"ISRC {finding.isrc}"] if finding.isrc else []
    known = all(part in text for part in (*file, *line))
    return ", ".join((*track, *isrc) if known else (*file, *line, *track, *isrc))


def tracks_in_order(notice: StatusNotice) -> int | None:
    """How many tracks have no error, where the number of tracks is known and at least one has an error; else None."""
    total = notice.package.tracks if notice.package else None
    wrong = {finding.track for finding in notice.findings if finding.severity is Severity.ERROR} - {None}
    return total - len(wrong) if total and wrong and len(wrong) < total else None


def name_of(package: PackageSummary | None) -> str:
    """The release in a few words: `Artist – Title (barcode)`, or the folder's name before anything is known of it."""
    if package is None:
        return ""
    named = " – ".join(part for part in (package.artist, package.title) if part)
    return f"{named or package.folder} ({package.barcode})" if package.barcode else named or package.folder
