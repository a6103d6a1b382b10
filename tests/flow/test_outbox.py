"""The outbox: what an email says of a package, and when it counts as sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.notice import NoticeKind
from ingest.flow.outbox import operator_of
from ingest.outbound.email.render import render
from ingest.outbound.email.transports import EmailRefused
from ingest.store import notices
from tests.flow.scenes import owed
from tests.packages import Good, write_broken, write_good
from tests.stage import Stage, stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


def test_an_email_asks_for_a_name_that_no_folder_of_the_label_has(tmp_path: Path) -> None:
    on = stage(tmp_path)
    broken = [on.place(write_broken(tmp_path / "label", "ART-001").rename(tmp_path / name)) for name in ("A", "A_v2")]
    on.judge(broken[0])
    with on.app.store.reading() as tx:
        rows = {row.kind: row for row in notices.notices_of(tx, broken[0])}
        content = on.app.outbox.status_notice(tx, rows["invalid"])
    on.app.close()
    sent = render(content, operator_of(on.app.config), ("InterSpace", "delivery@test.example"))
    body = sent.get_body(("plain",))
    assert body is not None and "A_v3" in body.get_content() and "A_v2" not in body.get_content()


def test_an_email_is_marked_sent_only_after_it_was_sent_and_keeps_its_message_id(on: Stage, tmp_path: Path) -> None:
    on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.transport.refusal = EmailRefused(False, "mail.example:587 cannot be reached")
    assert on.tell(1) == "retry"
    assert on.engine.due[-1] == ("tell:1:1:2", (1, 1, 2), 30.0)
    with on.app.store.reading() as tx:
        row = notices.get_notice(tx, 1)
    assert row is not None and row.sent_at is None and row.fault == "mail.example:587 cannot be reached"
    on.transport.refusal = None
    assert on.tell(1, attempt=2) == "sent"
    assert on.tell(1, attempt=3) == "superseded"
    assert [str(message["Message-ID"]) for message in on.transport.sent] == [row.message_id]


def test_an_email_refused_for_good_is_given_up_and_ops_are_told(on: Stage, tmp_path: Path) -> None:
    on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.transport.refusal = EmailRefused(True, "550 no such user")
    assert on.tell(1) == "given up"
    assert owed(on)[-1] == ("alarm", ["ops@test.example"])


def test_a_password_is_forgotten_once_its_email_was_sent(on: Stage) -> None:
    with on.app.store.transaction() as tx:
        details = {"user": "anna", "password": "s3cret"}
        on.app.notify.of_label(
            tx, on.label().id, ["anna@label.example"], NoticeKind.CREDENTIALS, "credentials:1", on.clock(), details
        )
    assert on.tell(1) == "sent"
    assert "s3cret" in str(on.transport.sent[0])
    with on.app.store.reading() as tx:
        row = notices.get_notice(tx, 1)
    assert row is not None and row.details == {"user": "anna"}
