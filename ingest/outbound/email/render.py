"""A letter becomes an email: one wording per kind (`templates/email/<kind>.j2`), in two shapes, text and HTML."""

from __future__ import annotations

import dataclasses
import re
import textwrap
from collections.abc import Mapping
from datetime import UTC
from email.message import EmailMessage
from email.utils import format_datetime
from enum import Enum
from functools import cache
from typing import Any, Final

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ingest.core.checklist import CHECKLIST
from ingest.core.notice import Audience, Letter, NoticeKind, OperatorDetails, PackageSummary
from ingest.data_files import data_dir
from ingest.outbound.email import headers, letters
from ingest.outbound.email.attachment import report_json

WIDTH: Final = 74
NOTE_LINE_LIMIT: Final = 5000
LONGEST_LINE: Final = 900

TIMES: Final[Mapping[str, str]] = {
    "validation": "within 5 minutes",
    "review": "1–2 business days",
    "review_within": "within 1–2 business days",
    "stores": "within 1–7 business days",
}
"""What labels are promised (guide, "Delivery Status Explained")."""

TONE: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.INVALID: "red",
    NoticeKind.QC_REJECTED: "red",
    NoticeKind.WAITING: "amber",
    NoticeKind.QC_APPROVED: "green",
    NoticeKind.DELIVERED: "green",
}

AUDIENCE: Final[Mapping[NoticeKind, Audience]] = {NoticeKind.REVIEW: Audience.QC, NoticeKind.ALARM: Audience.OPS}

VERDICTS: Final = frozenset({NoticeKind.INVALID, NoticeKind.NEEDS_QC})


def render(letter: Letter, operator: OperatorDetails, sender: tuple[str, str]) -> EmailMessage:
    """The whole email. `sender` is name and address; an empty name means the operator's.

    Raises ValueError when an address or a message id cannot stand in a header.
    """
    values = _values(letter, operator)
    message = EmailMessage(policy=headers.POLICY)
    _set_headers(message, letter, operator, sender, _rendered(letter.kind, "subject", values))
    text = _tidy(_rendered(letter.kind, "txt", values))
    longest = max(len(row.encode()) for row in text.splitlines())
    message.set_content(text, cte="8bit" if longest <= LONGEST_LINE else "quoted-printable")
    html = _inliner().inline(_rendered(letter.kind, "html", values))
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    if letter.kind in VERDICTS and letter.package is not None:
        attached = report_json(letter.package, letters.STATUS[letter.kind], letter.findings)
        message.add_attachment(attached, maintype="application", subtype="json", filename="report.json")
    headers.wire(message)
    return message


def _set_headers(
    message: EmailMessage, letter: Letter, operator: OperatorDetails, sender: tuple[str, str], subject: str
) -> None:
    audience = AUDIENCE.get(letter.kind, Audience.LABEL)
    stream = f"label-{_label_of(letter)}" if audience is Audience.LABEL else audience.value
    own, root = headers.message_id(letter.message_id), headers.message_id(letter.thread_root or letter.message_id)
    message["From"] = headers.mailbox(sender[1], sender[0] or operator.name)
    message["To"] = [headers.mailbox(address) for address in letter.to]
    message["Reply-To"] = headers.mailbox(operator.support_email, operator.name)
    message["Subject"] = headers.line(subject)
    message["Date"] = format_datetime(letter.created.astimezone(UTC))
    message["Message-ID"] = own
    if root != own:
        message["In-Reply-To"] = root
        message["References"] = root
    message["List-Id"] = headers.list_id(stream, operator.maildomain)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["X-Ingest-Kind"] = letter.kind.value
    if letter.package is not None:
        message["X-Ingest-Package"] = str(letter.package.id)
    if letter.kind in letters.STATUS:
        message["X-Ingest-Status"] = letters.STATUS[letter.kind].value


def _label_of(letter: Letter) -> str:
    return letter.package.label if letter.package else letter.details.get("user", "")


def _label_title(letter: Letter) -> str:
    """The label as people write it, else its user name."""
    title = letter.package.label_title if letter.package else letter.details.get("title")
    return title or _label_of(letter)


def _values(letter: Letter, operator: OperatorDetails) -> dict[str, Any]:
    """What the templates may name. Every foreign string is made fit here, so that no template can forget to."""
    fit: Letter = _fit(letter)
    package = fit.package
    return {
        "operator": operator,
        "audience": AUDIENCE.get(letter.kind, Audience.LABEL).value,
        "status": letters.STATUS[letter.kind].value if letter.kind in letters.STATUS else "",
        "tone": TONE.get(letter.kind, "blue"),
        "package": package,
        "label": _label_of(fit),
        "label_title": _label_title(fit),
        "name": letters.name_of(package),
        "next_folder": letters.next_folder(package.folder) if package else "",
        "release_facts": _release_facts(package) if package else [],
        "report": letters.report_on(fit.findings),
        "tracks_in_order": letters.tracks_in_order(letter),
        "notes": _lines(letter.notes),
        "missing": fit.missing,
        "dsps": fit.dsps,
        "facts": fit.facts,
        "details": fit.details,
        "blocks": {headers.shown(key): _lines(value) for key, value in letter.details.items()},
        "names": _lines(letter.details.get("names", "")),
        "host": fit.details.get("host", operator.public_host),
        "port": fit.details.get("port", str(operator.public_port)),
        "checklist": CHECKLIST,
        "times": TIMES,
    }


def _fit(value: Any) -> Any:
    """A copy of any value of a letter with every string in it fit to be shown in a body."""
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
        ("Folder", package.folder),
        ("Package", str(package.id)),
    ]
    return [(name, value) for name, value in facts if value]


def _rendered(kind: NoticeKind, layout: str, values: Mapping[str, Any]) -> str:
    """One kind's template in one layout: `subject`, `txt` or `html`."""
    shape = "html" if layout == "html" else "txt"
    template = _environment(shape == "html").get_template(f"{kind.value}.j2")
    return template.render(values, layout=f"layout.{layout}.j2", parts=f"parts.{shape}.j2")


@cache
def _environment(escape: bool) -> Environment:
    """One environment per shape, so that escaping never hangs on a template's name."""
    environment = Environment(
        loader=FileSystemLoader(data_dir("templates") / "email"),
        autoescape=escape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(fold=_fold, cut=headers.cut, count=_count)
    return environment


@cache
def _inliner() -> css_inline.CSSInliner:
    """Inlines our own style sheet, keeps `@media`, and never fetches anything."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, keep_style_tags=False)


def _fold(text: str, first: str = "", rest: str = "") -> str:
    """A paragraph of a text part; line breaks of the template go, blanks inside a value stay."""
    joined = re.sub(r"\s*\n\s*", " ", text).strip()
    lines = textwrap.wrap(
        joined,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def _tidy(text: str) -> str:
    rows = "\n".join(row.rstrip() for row in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", rows).strip() + "\n"
