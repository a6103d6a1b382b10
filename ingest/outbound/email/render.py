"""A notice becomes an email: one wording per kind (`templates/email/<kind>.j2`), as text and as HTML."""

from __future__ import annotations

from datetime import UTC
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from typing import Final, Literal

import css_inline

from ingest.config.logo import logo_type
from ingest.core.notice import Audience, NoticeKind, OperatorDetails, StatusNotice
from ingest.outbound.email import findings, headers
from ingest.outbound.email.attachment import report_json
from ingest.outbound.email.wording import AUDIENCE, COVER, LOGO, Layout, label_of, rendered, tidy, values_of

LONGEST_LINE: Final = 900

VERDICTS: Final = frozenset({NoticeKind.INVALID, NoticeKind.NEEDS_QC})


def render(notice: StatusNotice, operator: OperatorDetails, sender: tuple[str, str]) -> EmailMessage:
    """The whole email (RFC 5322). `sender` is name and address; an empty name means the operator's.

    It is marked as automatic (Auto-Submitted, RFC 3834) and has a List-Id (RFC 2919). Raises ValueError when an address
    or a message id cannot stand in a header.
    """
    values = values_of(notice, operator)
    message = EmailMessage(policy=headers.POLICY)
    _set_headers(message, notice, operator, sender, rendered(Layout.SUBJECT, notice.kind, values))
    text = tidy(rendered(Layout.TEXT, notice.kind, values))
    longest = max(len(row.encode()) for row in text.splitlines())
    message.set_content(text, cte="8bit" if longest <= LONGEST_LINE else "quoted-printable")
    html = _inliner().inline(rendered(Layout.HTML, notice.kind, values))
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    body = _body(message, "html")
    if notice.cover:
        _show(body, notice.cover, "jpeg", COVER, "cover.jpg")
    if operator.logo:
        _show(body, operator.logo, logo_type(operator.logo), LOGO, f"logo.{logo_type(operator.logo)}")
    if notice.kind in VERDICTS and notice.package is not None:
        attached = report_json(notice.package, findings.STATUS[notice.kind], notice.findings)
        message.add_attachment(attached, maintype="application", subtype="json", filename="report.json")
    headers.wire(message)
    return message


def _show(body: EmailMessage, picture: bytes, subtype: str, cid: str, filename: str) -> None:
    """Add a picture that the HTML shows (RFC 2387)."""
    body.add_related(
        picture, maintype="image", subtype=subtype, cid=f"<{cid}>", filename=filename, disposition="inline"
    )


def _body(message: EmailMessage, kind: Literal["html"]) -> EmailMessage:
    body = message.get_body((kind,))
    assert isinstance(body, EmailMessage)
    return body


def _set_headers(
    message: EmailMessage, notice: StatusNotice, operator: OperatorDetails, sender: tuple[str, str], subject: str
) -> None:
    audience = AUDIENCE.get(notice.kind, Audience.LABEL)
    stream = f"label-{label_of(notice)}" if audience is Audience.LABEL else audience.value
    own, root = headers.message_id(notice.message_id), headers.message_id(notice.thread_root or notice.message_id)
    message["From"] = headers.mailbox(sender[1], sender[0] or operator.name)
    message["To"] = [headers.mailbox(address) for address in notice.to]
    message["Reply-To"] = headers.mailbox(operator.support_email, operator.name)
    message["Subject"] = headers.line(subject)
    message["Date"] = format_datetime(notice.created.astimezone(UTC))
    message["Message-ID"] = own
    if root != own:
        message["In-Reply-To"] = root
        message["References"] = root
    message["List-Id"] = headers.list_id(stream, operator.maildomain)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["X-Ingest-Kind"] = notice.kind.value
    if notice.package is not None:
        message["X-Ingest-Package"] = str(notice.package.id)
    if notice.kind in findings.STATUS:
        message["X-Ingest-Status"] = findings.STATUS[notice.kind].value


@cache
def _inliner() -> css_inline.CSSInliner:
    """Inlines our own style sheet, keeps `@media`, and fetches nothing."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, keep_style_tags=False)
