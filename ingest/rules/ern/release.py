"""ERN: the main release, against the guide's "Required XML fields"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ingest.core import allowed, identifiers
from ingest.core.dates import day, is_full_date
from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.core.kind import Kind
from ingest.core.meant import nearest
from ingest.core.message import MessageRelease
from ingest.core.text import Text
from ingest.rules.dates import date_fault
from ingest.rules.rule import Family
from ingest.rules.subjects import Main, main_release, purpose_of, said

SOURCE: Final = "Guide, Required XML fields"
ERROR: Final = Severity.ERROR
WARNING: Final = Severity.WARNING
INFO: Final = Severity.INFO


def _mains(dossier: Dossier) -> Iterator[Main]:
    """The main release, unless the message is a purge."""
    if purpose_of(dossier) is not Kind.PURGE:
        yield from main_release(dossier)


def _stated(dossier: Dossier) -> Iterator[Main]:
    """The main release, unless the message is a purge or a takedown."""
    if purpose_of(dossier) is not Kind.TAKEDOWN:
        yield from _mains(dossier)


release = Family[Main]("ERN", "Release information", _mains, source=SOURCE, ddex=FileStatus.METADATA_MISSING)
stated = Family[Main]("ERN", "Release information", _stated, source=SOURCE, ddex=FileStatus.METADATA_MISSING)


@release.rule(
    "ERN-001",
    ERROR,
    text="{place}: the release has no barcode (UPC).",
    fix="Write the release's barcode into ReleaseId as <UPC> or <ICPN>. Ask us for one if you have none.",
    covers=("ReleaseId", "ICPN"),
    snippet="<ReleaseId><UPC>5034567890120</UPC></ReleaseId>",
)
def no_barcode(main: Main, _: Policy) -> Iterator[Fault]:
    """Stores know a release by its barcode."""
    if not said(main.release.barcode):
        yield main.fault(expected="a barcode of 12 or 13 digits")


@release.rule(
    "ERN-002",
    ERROR,
    text='{place}: the barcode "{found}" {fault}.',
    fix="Write {cure}.",
    ddex=FileStatus.IDENTIFIER_SYNTAX,
    covers=("ICPN",),
)
def barcode_form(main: Main, _: Policy) -> Iterator[Fault]:
    """A UPC has 12 digits, an EAN 13."""
    barcode = said(main.release.barcode)
    if barcode and not identifiers.is_barcode(barcode):
        bare = identifiers.compact(barcode.removesuffix(".0"))
        fits = bare if identifiers.is_barcode(bare) else _with_zero(bare) or _without_zeros(bare)
        yield main.fault(
            _line(main.release.barcode),
            found=barcode,
            expected=fits or "12 or 13 digits",
            fault=_barcode_fault(barcode, bare),
            cure=_barcode_cure(barcode, bare, fits),
        )


def _with_zero(bare: str) -> str | None:
    """The barcode with a leading zero (which spreadsheets drop), if its check digit is right then; else None."""
    whole = f"0{bare}"
    return whole if identifiers.barcode_check_fits(whole) else None


_SHORTENED: Final = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]{1,2}", re.IGNORECASE)
"""A number as a spreadsheet shows it where its cell is no text: 5.03457E+12."""


def _without_zeros(bare: str) -> str | None:
    """The barcode without the zeros before it, which make a GTIN of 14 digits of it."""
    return bare.lstrip("0").zfill(12) if len(bare) == 14 and bare.startswith("0") and bare.isdigit() else None


def _barcode_fault(barcode: str, bare: str) -> str:
    if _SHORTENED.fullmatch(barcode):
        return "was shortened by a spreadsheet, and its last digits are lost"
    if identifiers.is_barcode(bare) and barcode.endswith(".0"):
        return f"has .0 at its end, which a spreadsheet adds. Without it, it is {bare}"
    if identifiers.is_barcode(bare):
        between = "spaces" if bare == "".join(barcode.split()) else "hyphens, points or spaces"
        return f"has {between} in it. Without them it is {bare}"
    if bare.isascii() and bare.isdigit():
        return f"has {len(bare)} digits. It must have 12 or 13"
    return "has characters in it that are not digits. It must have 12 or 13 digits"


def _barcode_cure(barcode: str, bare: str, fits: str | None) -> str:
    if _SHORTENED.fullmatch(barcode):
        return (
            "the barcode again with every digit, as you were given it. In the spreadsheet, format the cell as text"
            " before you type the barcode into it"
        )
    if fits is not None and len(bare) > 13:
        return f"{fits}: leave out the zero at the beginning"
    is_short = bare.isascii() and bare.isdigit() and len(bare) < 12
    if is_short and fits is not None:
        return f"{fits}, if that is the barcode that you were given: spreadsheets drop leading zeros"
    if is_short:
        return "the barcode again with every digit, without spaces or hyphens: spreadsheets drop leading zeros"
    if bare.isascii() and bare.isdigit() and fits is None:
        return "the barcode with its 12 or 13 digits, as you were given it"
    if fits is not None:
        return f"{fits}: plain digits, without spaces, hyphens or points"
    return "the barcode again as plain digits, without spaces, hyphens or letters"


@release.rule(
    "ERN-003",
    WARNING,
    text="{place}: the barcode {found} is mistyped: its last digit (the check digit) does not fit.",
    fix="Compare it digit by digit with the barcode that you were given: most likely a digit was mistyped, or two were"
    " swapped.{other} Only if the last digit alone is wrong, it should be {digit}.",
    source="GS1 General Specifications",
    ddex=FileStatus.IDENTIFIER_INVALID,
)
def barcode_check_digit(main: Main, _: Policy) -> Iterator[Fault]:
    """The last digit of a barcode is computed from the others, so that typing errors show."""
    barcode = said(main.release.barcode)
    if identifiers.is_barcode(barcode):
        digit = identifiers.barcode_check_digit(barcode[:-1])
        if digit != int(barcode[-1]):
            other = _valid_barcode(main.dossier.folder.name)
            named = f" The folder name has {other}, which is a valid barcode." if other is not None else ""
            yield main.fault(_line(main.release.barcode), found=barcode, expected=other, other=named, digit=digit)


def _valid_barcode(folder: str) -> str | None:
    """The barcode in the name of the release folder, if its check digit is right; else None."""
    return next(filter(identifiers.barcode_check_fits, identifiers.barcodes_in(folder)), None)


@release.rule(
    "ERN-004",
    ERROR,
    text="{place}: the release has no title.",
    fix="Write the official title of the release into <ReferenceTitle><TitleText>.",
    covers=("ReferenceTitle", "TitleText"),
    snippet="<ReferenceTitle><TitleText>Title of the release</TitleText></ReferenceTitle>",
)
def no_release_title(main: Main, _: Policy) -> Iterator[Fault]:
    """Stores show this title."""
    if not main.title:
        title = main.release.title
        yield main.fault(title.line if title is not None else None, expected="<TitleText>")


@stated.rule(
    "ERN-005",
    ERROR,
    text="{place}: the release has no release date.",
    fix="Write <ReleaseDate> with the date in the form YYYY-MM-DD, such as 2026-04-01, into the release.",
    ddex=FileStatus.RELEASE_DATE,
    covers=("ReleaseDate",),
    snippet="<ReleaseDate>2026-04-01</ReleaseDate>",
)
def no_release_date(main: Main, _: Policy) -> Iterator[Fault]:
    """Stores publish on this day."""
    if not said(_date(main.release)):
        yield main.fault(expected="<ReleaseDate>YYYY-MM-DD</ReleaseDate>")


@stated.rule(
    "ERN-006",
    ERROR,
    text='{place}: the release date "{found}" {wrong}.',
    fix="{cure}",
    ddex=FileStatus.RELEASE_DATE,
    covers=("ReleaseDate",),
)
def release_date_form(main: Main, _: Policy) -> Iterator[Fault]:
    """01/04/2026 is April in London and January in New York."""
    text = _date(main.release)
    if said(text) and not is_full_date(said(text)):
        yield date_fault(main.fault, text)


@stated.rule(
    "ERN-007",
    ERROR,
    text="{place}: the release date {found} {wrong}.",
    fix="{cure}",
    ddex=FileStatus.RELEASE_DATE,
    covers=("ReleaseDate",),
)
def release_date_exists(main: Main, _: Policy) -> Iterator[Fault]:
    """A month of 13 or a 30th of February is a typing error that no store can resolve."""
    text = _date(main.release)
    if is_full_date(said(text)) and day(said(text)) is None:
        yield date_fault(main.fault, text)


@stated.rule(
    "ERN-008",
    INFO,
    text="{place}: there is no ReleaseDate. We take {found}, the original release date.",
    fix="Write <ReleaseDate> too next time. Nothing needs to be done now if this date is right.",
    source="ERN 3.8.2, release dates",
    ddex=FileStatus.RELEASE_DATE,
)
def other_date(main: Main, _: Policy) -> Iterator[Fault]:
    """Some exports give only the date of the first release ever, which may be another one."""
    text = _date(main.release)
    if said(text) and not said(main.release.release_date):
        yield main.fault(_line(text), found=said(text), expected="<ReleaseDate>")


@stated.rule(
    "ERN-009",
    ERROR,
    text="{place}: the release has no ReleaseType.",
    fix="Write <ReleaseType> with Single, Album or EP into the release.",
    covers=("ReleaseType",),
    snippet="<ReleaseType>Album</ReleaseType>",
)
def no_release_type(main: Main, _: Policy) -> Iterator[Fault]:
    """Stores sort releases by their type and price them by it."""
    if not any(said(text) for text in main.release.types):
        yield main.fault(expected="Single, Album or EP")


@stated.rule(
    "ERN-010",
    ERROR,
    text='{place}: "{found}" is not an allowed ReleaseType.{hint}',
    fix="Write {expected}, with exactly these capitals.",
    covers=("ReleaseType",),
)
def unknown_release_type(main: Main, _: Policy) -> Iterator[Fault]:
    """The standard lists all release types; others mean nothing to a store."""
    for text in main.release.types:
        if said(text) and said(text) not in allowed.RELEASE_TYPES:
            close = nearest(said(text), (*allowed.GUIDE_RELEASE_TYPES, *sorted(allowed.RELEASE_TYPES)), "ReleaseType")
            hint = f" Did you mean {close}?" if close else ""
            yield main.fault(text.line, found=said(text), expected=close or "Single, Album or EP", hint=hint)


@stated.rule(
    "ERN-011",
    WARNING,
    text="{place}: the ReleaseType is {found}. We expect {expected}.",
    fix="Write Single, Album or EP, unless the release really is a {found}.",
)
def other_release_type(main: Main, _: Policy) -> Iterator[Fault]:
    """The standard has 71 types, most of them for video, ringtones and books; QC decides whether the stores take it."""
    for text in main.release.types:
        if said(text) in allowed.RELEASE_TYPES and said(text) not in allowed.GUIDE_RELEASE_TYPES:
            yield main.fault(text.line, found=said(text), expected="Single, Album or EP")


@release.rule(
    "ERN-012",
    ERROR,
    text='{place}: the GRid "{found}" is not made of 18 letters and digits.',
    fix="Copy the GRid again, or leave it out: the barcode is enough.",
    source="IFPI GRid Handbook",
    ddex=FileStatus.IDENTIFIER_SYNTAX,
)
def grid_form(main: Main, _: Policy) -> Iterator[Fault]:
    """An identifier that is none cannot be matched with anything."""
    grid = said(main.release.grid)
    if grid and not identifiers.is_grid(grid):
        yield main.fault(_line(main.release.grid), found=grid, expected="18 letters and digits")


@release.rule(
    "ERN-013",
    WARNING,
    text="{place}: the GRid {found} has a wrong check character.",
    fix="Compare the GRid with the one that you were given: most likely a character was mistyped.",
    source="IFPI GRid Handbook",
    ddex=FileStatus.IDENTIFIER_INVALID,
)
def grid_check(main: Main, _: Policy) -> Iterator[Fault]:
    """The last character of a GRid is computed from the others, so that typing errors show."""
    grid = said(main.release.grid)
    if identifiers.is_grid(grid) and not identifiers.grid_check_fits(grid):
        yield main.fault(_line(main.release.grid), found=grid)


def _date(one: MessageRelease) -> Text | None:
    """The first of the four release dates that is given. The start of a deal does not replace them."""
    dates = (one.release_date, one.original_release_date, one.global_release_date, one.global_original_release_date)
    return next((text for text in dates if said(text)), None)


def _line(text: Text | None) -> int | None:
    return text.line if text is not None else None
