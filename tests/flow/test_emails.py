"""Emails as values: which there are, and what each says."""

from __future__ import annotations

import pytest

from ingest.core.notice import NoticeKind
from ingest.flow.emails import EmailEntry
from ingest.flow.errors import NotFound
from tests.stage import START, Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def test_the_newest_come_first_with_what_became_of_them(on: Stage, waiting: int) -> None:
    assert on.tell(1) == "sent"
    kinds = [(one.id, one.kind, one.sent_at is not None) for one in on.app.emails.newest()]
    assert kinds == [
        (3, NoticeKind.REVIEW, False),
        (2, NoticeKind.NEEDS_QC, False),
        (1, NoticeKind.INCOMING, True),
    ]
    (newest,) = on.app.emails.newest(package=waiting, limit=1)
    assert newest == EmailEntry(3, NoticeKind.REVIEW, ("qc@test.example",), waiting, START, None, None, None)


def test_an_email_is_worded_as_it_is_sent(on: Stage, waiting: int) -> None:
    assert on.tell(3) == "sent"
    assert bytes(on.app.emails.message(3)).count(b"image/jpeg") == 1
    shown, sent = on.app.emails.message(3), on.transport.sent[0]
    assert [shown[name] for name in ("Subject", "To", "Message-ID")] == [
        sent[name] for name in ("Subject", "To", "Message-ID")
    ]


def test_what_there_is_not_is_not_found(on: Stage) -> None:
    assert on.app.emails.newest() == ()
    with pytest.raises(NotFound, match=r"^email-unknown"):
        on.app.emails.message(1)
    with pytest.raises(NotFound, match=r"^package-unknown"):
        on.app.emails.newest(package=1)
