"""The words of a notice: one template per kind (`templates/email/<kind>.j2`), laid out as an email or a report."""

from __future__ import annotations

import calendar
import dataclasses
import re
import textwrap
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum, StrEnum
from functools import cache
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingest.core.archives import is_archive
from ingest.core.checklist import CHECKLIST
from ingest.core.dates import day
from ingest.core.folder_names import next_name
from ingest.core.kind import Kind
from ingest.core.notice import Audience, NoticeKind, OperatorDetails, PackageSummary, StatusNotice
from ingest.host.data_files import data_dir
from ingest.outbound.email import findings, headers

WIDTH: Final = 74
GLUE: Final = "\ue000"
JOIN: Final = "\ue001"
"""A space, and nothing, at which no line may end; of no other meaning, so that a label's own no-break space stays."""
_MONTHS: Final = "|".join(calendar.month_name[1:])
UNIT: Final = re.compile(
    r"(?<=[0-9]) (?=(?:×|%|dBTP|dBFS|LUFS|LU|dB|k?Hz|bits?|[kMG]B|bytes|pixels|seconds?|minutes?|hours?|days?)(?![\w]))"
    r"|(?<=×) (?=[0-9])"
    rf"|(?<=[0-9]) (?=(?:{_MONTHS})\b)"
)
"""The space inside a number with its unit, a size or a date."""
COVER: Final = "cover@ingest"
LOGO: Final = "logo@ingest"
"""The Content-IDs of the pictures in an email (RFC 2392)."""
NOTE_LINE_LIMIT: Final = 5000

TIMES: Final[Mapping[str, str]] = {
    "validation": f"within 5{GLUE}minutes",
    "review": f"1–{JOIN}2{GLUE}business{GLUE}days",
    "review_within": f"within 1–{JOIN}2{GLUE}business{GLUE}days",
    "stores": f"within 1–{JOIN}7{GLUE}business{GLUE}days",
}
"""What labels are promised (guide, "Delivery Status Explained"); no line ends within a number and its unit."""

STORES_NEED: Final = timedelta(days=11)
"""The calendar days of at most 7 business days with two weekends in them (TIMES["stores"])."""

BADGE: Final[Mapping[NoticeKind, str]] = {NoticeKind.WAITING: "Waiting for files"}
"""What stands in the place of the status where that alone would mislead."""

TONE: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.INVALID: "red",
    NoticeKind.QC_REJECTED: "red",
    NoticeKind.WAITING: "amber",
    NoticeKind.TAKEN_DOWN: "amber",
    NoticeKind.TAKEDOWN: "amber",
    NoticeKind.QC_APPROVED: "green",
    NoticeKind.DELIVERED: "green",
}

AUDIENCE: Final[Mapping[NoticeKind, Audience]] = {
    NoticeKind.REVIEW: Audience.QC,
    NoticeKind.TAKEDOWN_ORDERED: Audience.QC,
    NoticeKind.ALARM: Audience.OPS,
}


class Layout(StrEnum):
    """What a notice is laid out as, by `layout.<value>.j2`; the last three are files in the label's `/reports/`."""

    SUBJECT = "subject"
    TEXT = "txt"
    HTML = "html"
    STATUS_FILE = "status"
    TEXT_FILE = "report.txt"
    HTML_FILE = "report.html"

    @property
    def is_file(self) -> bool:
        """True for the files in `/reports/`, False for the parts of an email."""
        return self in (Layout.STATUS_FILE, Layout.TEXT_FILE, Layout.HTML_FILE)


PARTS: Final[Mapping[Layout, str]] = {
    Layout.SUBJECT: "txt",
    Layout.TEXT: "txt",
    Layout.HTML: "html",
    Layout.STATUS_FILE: "brief",
    Layout.TEXT_FILE: "txt",
    Layout.HTML_FILE: "html",
}
"""The building blocks of a layout: `parts.<value>.j2`."""


def prepare() -> None:
    """Read and compile every template now.

    The first email is then as fast as the others, and a daemon keeps the templates that it was started with.
    """
    for environment in (_environment(False), _environment(True)):
        for name in environment.list_templates():
            environment.get_template(name)


def rendered(layout: Layout, kind: NoticeKind, values: Mapping[str, Any]) -> str:
    """One kind's template in one layout. `values` are those of `values_of`, and others that the layout needs."""
    template = _environment(PARTS[layout] == "html").get_template(f"{kind.value}.j2")
    ask = f"write to {values['operator'].support_email}" if layout.is_file else "reply to this email"
    named = {"layout": f"layout.{layout.value}.j2", "parts": f"parts.{PARTS[layout]}.j2"}
    known = {"is_report": layout.is_file, "is_brief": layout is Layout.STATUS_FILE, "ask": ask}
    text = template.render(values, is_linked=layout is Layout.HTML_FILE, **known, **named)
    space, nothing = ("\u00a0", "\u2060") if PARTS[layout] == "html" else (" ", "")
    return text.replace(GLUE, space).replace(JOIN, nothing)


def label_of(notice: StatusNotice) -> str:
    """The user name of the label that a notice is about; empty where it is about none."""
    return notice.package.label if notice.package else notice.details.get("user", "")


def label_title_of(notice: StatusNotice) -> str:
    """The label's name as people write it, else its user name."""
    title = notice.package.label_title if notice.package else notice.details.get("title")
    return title or label_of(notice)


def values_of(notice: StatusNotice, operator: OperatorDetails) -> dict[str, Any]:
    """What the templates may use. Every foreign string in it is safe to show, so that no template must see to that."""
    fit: StatusNotice = _fit(notice)
    package = fit.package
    return {
        "operator": operator,
        "audience": AUDIENCE.get(notice.kind, Audience.LABEL).value,
        "status": findings.STATUS[notice.kind].value if notice.kind in findings.STATUS else "",
        "tone": TONE.get(notice.kind, "blue"),
        "package": package,
        "label": label_of(fit),
        "label_title": label_title_of(fit),
        "name": findings.name_of(package),
        "is_named": package is not None and bool(package.artist or package.title),
        "thing": findings.THING.get(package.kind if package else "", "release"),
        "brings_down": package is not None and package.kind in (Kind.TAKEDOWN.value, Kind.PURGE.value),
        "next_folder": next_name(package.folder, notice.taken) if package else "",
        "release_facts": _release_facts(package) if package else [],
        "report": findings.report_on(fit.findings, notice.snippets),
        "tracks_in_order": findings.tracks_in_order(notice),
        "notes": _lines(notice.notes),
        "missing": fit.missing,
        "dsps": fit.dsps,
        "facts": fit.facts,
        "tracks": fit.tracks,
        "badge": BADGE.get(notice.kind)
        or (findings.STATUS[notice.kind].value if notice.kind in findings.STATUS else ""),
        "details": fit.details,
        "blocks": {headers.shown(key): _lines(value) for key, value in notice.details.items()},
        "logo": f"cid:{LOGO}" if operator.logo else "",
        "cover": f"cid:{COVER}" if notice.cover else "",
        "names": _lines(notice.details.get("names", "")),
        "archives": [name for name in _lines(notice.details.get("names", "")) if is_archive(name)],
        "host": fit.details.get("host", operator.public_host),
        "port": fit.details.get("port", str(operator.public_port)),
        "checklist": CHECKLIST,
        "report_folder": fit.report,
        "times": TIMES,
        "street_date": _street_date(notice),
    }


def _street_date(notice: StatusNotice) -> date | None:
    """The day on which the release comes out, where that is later than stores promise to have it anyway."""
    found = day(notice.details.get("street_date", ""))
    is_ahead = found is not None and found - notice.created.astimezone(UTC).date() > STORES_NEED
    return found if is_ahead else None


def _fit(value: Any) -> Any:
    """A copy of a value of a notice, in which every string is safe to show in a body."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return headers.shown(value)
    if isinstance(value, tuple):
        return tuple(_fit(each) for each in value)
    if isinstance(value, Mapping):
        return {key: _fit(each) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (field.name for field in dataclasses.fields(value))
        return dataclasses.replace(value, **{name: _fit(getattr(value, name)) for name in names})
    return value


def _lines(text: str) -> list[str]:
    return [headers.shown(each, NOTE_LINE_LIMIT) for each in text.strip().splitlines()]


def _release_facts(package: PackageSummary) -> list[tuple[str, str]]:
    facts = [
        ("Artist", package.artist),
        ("Title", package.title),
        ("Barcode", package.barcode),
        ("Type", package.release_type),
        ("Release date", package.release_date),
        ("Tracks", None if package.tracks is None else str(package.tracks)),
        ("Kind", package.kind if package.kind in findings.THING and package.kind != Kind.NEW_RELEASE.value else None),
        ("Earlier package", None if package.replaces is None else str(package.replaces)),
        ("Folder", package.folder),
        ("Package", str(package.id)),
    ]
    return [(name, value) for name, value in facts if value]


@cache
def _environment(escape: bool) -> Environment:
    """One environment for HTML and one for text, so that escaping does not depend on a template's name."""
    environment = Environment(
        loader=FileSystemLoader(data_dir("templates") / "email"),
        autoescape=escape,
        undefined=StrictUndefined,
        auto_reload=False,  # an upgrade on the disk must not mix its templates with the code that runs
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(fold=_fold, cut=headers.cut, count=_count, sentence=_sentence)
    environment.filters.update(whole=_whole)
    environment.filters.update(moment=_moment, day=_day, hour=_hour)
    return environment


def _fold(text: str, first: str = "", rest: str = "") -> str:
    """A paragraph of a text part; line breaks of the template go, blanks inside a value stay."""
    joined = " ".join(row for each in text.split("\n") if (row := each.strip()))
    lines = textwrap.wrap(
        joined,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def _whole(text: str) -> str:
    """The text with its numbers, units and dates kept on one line."""
    return UNIT.sub(GLUE, text)


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def _sentence(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def _moment(at: datetime) -> str:
    """`23 March 2026, 10:04 UTC`"""
    return f"{_day(at)}, {_hour(at)}"


def _day(at: datetime | date) -> str:
    return f"{at.astimezone(UTC) if isinstance(at, datetime) else at:%-d{GLUE}%B{GLUE}%Y}"


def _hour(at: datetime) -> str:
    return f"{at.astimezone(UTC):%H:%M} UTC"


def tidy(text: str) -> str:
    """The text without blanks at line ends and without several empty lines in a row; it ends with a line break."""
    rows = "\n".join(row.rstrip() for row in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", rows).strip() + "\n"
