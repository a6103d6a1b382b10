"""A checked package as text for a terminal: status, release, tracks, findings and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ingest.check import CheckedPackage, file_of, measured_seconds
from ingest.cli.finding_list import shown_findings
from ingest.core.dossier import Dossier, Track, tracks
from ingest.core.finding import Finding, Severity
from ingest.core.kind import Kind, kind_of, purpose_of
from ingest.core.release import DateSource, Release
from ingest.core.release_reading import release_of
from ingest.core.status import Status
from ingest.core.visible import visible
from ingest.rules.units import clock, spell

STYLE: Final = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
HEADING: Final = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.INFO: "Infos"}
SPOKEN: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}
INDENT: Final = 2
LATER: Final = (Kind.UPDATE, Kind.TAKEDOWN, Kind.PURGE)
"""Kinds of packages that change an earlier release."""


def print_package(console: Console, package: CheckedPackage) -> None:
    """Print one package. Text of labels is printed without markup, and its invisible characters as their codes."""
    passed = package.status is Status.NEEDS_QC
    header = Text(visible(package.dossier.folder.name), style="bold")
    header.append("  ").append(_outcome(package), style="bold green" if passed else "bold red")
    console.print(header)
    _print_kind(console, package.dossier)
    _print_release(console, package.dossier)
    for severity in Severity:
        found = shown_findings(package.findings, severity)
        if found:
            console.print()
            console.print(Text(HEADING[severity], style=STYLE[severity]))
            for finding in found:
                _print_finding(console, finding)
    console.print()
    console.print(Text(closing(package), style="bold green" if passed else "bold red"))


def closing(package: CheckedPackage) -> str:
    """`Invalid: 2 errors, 1 warning.` and what follows from it."""
    counted = ", ".join(filter(None, (_counted(package.findings, severity) for severity in Severity)))
    if package.status is Status.INVALID:
        return f"Invalid: {counted}. Fix every error and check again; warnings and infos do not stop the release."
    if kind_of(package.dossier) is Kind.TEST:
        return f"The test passed: it goes no further. {_sentence(counted or 'nothing to complain about')}."
    return f"Would go to Needs QC: {counted or 'nothing to complain about'}."


def _counted(findings: Sequence[Finding], severity: Severity) -> str:
    """`2 errors in 5 places`: a code counts once, as in the emails; empty where there is none."""
    codes = [finding.code for finding in findings if finding.severity is severity]
    places = f" in {len(codes)} places" if len(codes) > len(set(codes)) else ""
    return f"{spell(len(set(codes)), SPOKEN[severity])}{places}" if codes else ""


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _outcome(package: CheckedPackage) -> str:
    """The status; `Test passed` for a test without errors, which never reaches Needs QC."""
    if package.status is Status.NEEDS_QC and kind_of(package.dossier) is Kind.TEST:
        return "Test passed"
    return package.status.value


def _print_kind(console: Console, dossier: Dossier) -> None:
    """The purpose of a package that is not a new release. Which release it changes is known to the daemon only."""
    kind = kind_of(dossier)
    if kind is Kind.NEW_RELEASE:
        return
    _print_fact(console, "Kind", kind.value)
    if kind in LATER or purpose_of(dossier) in LATER:
        console.print(Text(f"{' ' * INDENT}Whether we know the release is only seen on upload."))


def _print_release(console: Console, dossier: Dossier) -> None:
    message = dossier.message
    if message is None:
        return
    said = release_of(dossier)
    if said is not None:
        _print_fact(console, "Artist", said.display_artist)
        _print_fact(console, "Title", said.title)
        _print_fact(console, "Barcode", said.barcode)
        _print_fact(console, "Type", said.type)
    _print_fact(console, "Released", None if said is None else released(said))
    _print_fact(console, "Message", f"ERN {'.'.join(message.version)}, in the spelling of {_SPELLING[message.dialect]}")
    if said is not None and said.tracks:
        console.print()
        console.print(Padding(_track_table(said, tracks(dossier)), (0, 0, 0, INDENT), expand=False))


def released(said: Release) -> str | None:
    """The release date, and where it was taken from if not from ReleaseDate."""
    if said.date_source is DateSource.RELEASE_DATE:
        return said.release_date
    return f"{said.release_date} ({_DATES[said.date_source]}; there is no <ReleaseDate>)"


_DATES: Final = {DateSource.OTHER_DATE: "another date of the release", DateSource.DEAL: "where a deal starts"}
_SPELLING: Final = {"guide": "the guide", "ern": "the standard"}


def _print_fact(console: Console, name: str, value: str | None) -> None:
    console.print(Text(f"{' ' * INDENT}{name:9} {'–' if value is None else visible(value)}"))


def _track_table(said: Release, joined: tuple[Track, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("Title")
    table.add_column("ISRC", no_wrap=True)
    table.add_column("Length", justify="right", no_wrap=True)
    table.add_column("File")
    for one, track in zip(said.tracks, joined, strict=True):
        seconds = measured_seconds(track)
        cells = (
            str(one.number),
            "–" if one.title is None else one.title,
            "–" if one.isrc is None else one.isrc,
            "–" if seconds is None else clock(seconds),
            file_of(track) or "–",
        )
        table.add_row(*(Text(visible(cell)) for cell in cells))
    return table


def _print_finding(console: Console, finding: Finding) -> None:
    head = Text(finding.code, style=STYLE[finding.severity])
    if place := finding_location(finding):
        head.append(f"  {place}", style="default")
    console.print(Padding(head, (0, 0, 0, INDENT), expand=False))
    console.print(Padding(Text(visible(finding.text)), (0, 0, 0, 2 * INDENT), expand=False))
    console.print(Padding(Text(f"Fix: {visible(finding.fix)}"), (0, 0, 0, 2 * INDENT), expand=False))


def finding_location(finding: Finding) -> str:
    """`metadata.xml, line 42, track 3`; empty for the release as a whole."""
    parts = [
        None if finding.file is None else visible(finding.file),
        f"line {finding.line}" if finding.line else None,
        f"track {finding.track}" if finding.track else None,
    ]
    return ", ".join(part for part in parts if part is not None)
