"""The outbox: what an email says of a package, and when it counts as sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest

from ingest.core.notice import NoticeKind
from ingest.flow.outbox import operator_of
from ingest.outbound.email.render import render
from ingest.outbound.email.transports import EmailRefused, Refused, SmtpTransport
from ingest.store import notices
from ingest.store.models import Notice
from tests.flow.scenes import owed
from tests.packages import Good, write_broken, write_good
from tests.smtp_servers import HANG_UP, scripted_server
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


def test_a_password_stored_in_clear_by_an_earlier_version_is_sent_and_forgotten(on: Stage) -> None:
    notice = owe(on, "anna@label.example", kind=NoticeKind.CREDENTIALS)
    with on.app.store.transaction() as tx:
        tx.get_one(Notice, notice).details = {"user": "anna", "password": "0ld s3cret"}
    assert on.tell(notice) == "sent"
    assert "0ld s3cret" in str(on.transport.sent[0])
    assert row_of(on, notice).details == {"user": "anna"}


def test_a_password_whose_key_is_not_there_waits_for_it_and_ops_learn_why(on: Stage) -> None:
    notice = owe(on, "anna@label.example", kind=NoticeKind.CREDENTIALS)
    key = on.app.config.paths.state_dir / "password.key"
    away = key.rename(key.with_name("away"))
    assert on.tell(notice) == "retry"
    fault = row_of(on, notice).fault or ""
    assert fault.startswith("the key of stored passwords cannot be read: No such file or directory")
    assert "`ingest label password`" in fault
    away.rename(key)
    assert on.tell(notice, attempt=2) == "sent"
    assert "s3cret" in str(on.transport.sent[0])


A, B, C = (f"{name}@label.example" for name in "abc")
GREY, GONE = Refused(B, "b: 451 4.7.1 later", permanent=False), Refused(B, "b: 550 5.1.1 unknown", permanent=True)


def owe(on: Stage, *to: str, kind: NoticeKind = NoticeKind.STRAY_FILES) -> int:
    """An email owed to these addresses; returns its number."""
    details = {"user": "anna", "password": "s3cret", "files": ["a.wav"], "what": "it", "detail": "broke"}
    with on.app.store.transaction() as tx:
        on.app.notify.of_label(tx, on.label().id, to, kind, "stray:1:1", on.clock(), details)
    return 1


def row_of(on: Stage, notice: int) -> Notice:
    with on.app.store.reading() as tx:
        row = notices.get_notice(tx, notice)
    assert row is not None
    return row


def alarms(on: Stage) -> list[str]:
    with on.app.store.reading() as tx:
        rows = notices.unsent_notices(tx, on.clock() + timedelta(days=30))
    return [row.details["what"] for row in rows if row.kind == "alarm"]


def test_who_has_an_email_gets_it_once_while_another_is_greylisted(on: Stage) -> None:
    notice = owe(on, A, B, C)
    on.transport.refused = {B: GREY}
    assert [on.tell(notice, attempt=attempt) for attempt in (1, 2, 3)] == ["retry"] * 3
    assert (on.transport.to, alarms(on)) == ([(A, C)], [])
    on.transport.refused = {}
    assert on.tell(notice, attempt=4) == "sent"
    assert on.transport.to == [(A, C), (B,)]
    assert {str(message["To"]) for message in on.transport.sent} == {f"{A}, {B}, {C}"}
    assert len({str(message["Message-ID"]) for message in on.transport.sent}) == 1
    assert row_of(on, notice).details.keys() == {"user", "files", "what", "detail"}


def test_an_attempt_that_is_repeated_after_a_crash_is_recorded_once(on: Stage) -> None:
    notice = owe(on, A, B)
    on.transport.refused = {B: GREY}
    ended = on.app.jobs.attempt(on.app.outbox, notice)
    with on.app.store.transaction() as tx:
        assert on.app.jobs.settle(on.app.outbox, tx, [notice], 1, 1, ended) == "retry"
    assert (row_of(on, notice).reached, row_of(on, notice).refused) == ([A], [])


def test_an_address_that_refuses_for_good_is_told_and_the_email_is_done_for_the_others(on: Stage) -> None:
    notice = owe(on, A, B)
    on.transport.refused = {B: GONE}
    assert on.tell(notice) == "sent"
    row = row_of(on, notice)
    assert (row.reached, row.refused, row.fault, row.given_up_at) == ([A], [B], GONE.reason, None)
    assert alarms(on) == [f"email {notice} (stray-files) could not be sent to {B}"]


def test_an_address_that_refuses_for_good_is_told_at_once_while_another_is_still_tried(on: Stage) -> None:
    notice = owe(on, A, B, C)
    on.transport.refused = {B: GONE, C: Refused(C, "c: 452 full", permanent=False)}
    assert (on.tell(notice), on.transport.to) == ("retry", [(A,)])
    assert alarms(on) == [f"email {notice} (stray-files) could not be sent to {B}"]
    on.transport.refused = {B: GONE}
    assert (on.tell(notice, attempt=2), on.transport.to) == ("sent", [(A,), (C,)])


def test_an_email_that_all_refuse_for_good_is_given_up(on: Stage) -> None:
    notice = owe(on, B)
    on.transport.refused = {B: GONE}
    assert (on.tell(notice), on.transport.to) == ("given up", [])
    assert alarms(on) == [f"email {notice} (stray-files) could not be sent"]


def test_an_email_that_one_is_never_able_to_take_is_given_up_for_that_one(on: Stage) -> None:
    notice = owe(on, A, B)
    on.transport.refused = {B: GREY}
    assert on.tell(notice) == "retry"
    on.clock.advance(days=5)
    assert on.tell(notice, attempt=2) == "given up"
    assert (row_of(on, notice).reached, on.transport.to) == ([A], [(A,)])
    assert alarms(on) == [f"email {notice} (stray-files) could not be sent to {B}"]


@pytest.mark.parametrize("refused", [GREY, GONE])
def test_of_an_alarm_nothing_is_told(on: Stage, refused: Refused) -> None:
    notice = owe(on, A, B, kind=NoticeKind.ALARM)
    on.transport.refused = {B: refused}
    assert on.tell(notice) == ("sent" if refused.permanent else "retry")
    assert alarms(on) == ([] if refused.permanent else ["it"])


def test_over_smtp_each_recipient_gets_one_copy(on: Stage) -> None:
    notice = owe(on, A, B)
    with scripted_server({f"RCPT {B}": "451 4.7.1 greylisted"}) as server:
        transport = SmtpTransport("127.0.0.1", server.port, encryption="off", timeout=60)
        outbox = replace(on.app.outbox, transport=transport)
        told = [on.carry(outbox, notice, 1, attempt) for attempt in (1, 2)]
        server.replies.clear()
        told.append(on.carry(outbox, notice, 1, 3))
    assert told == ["retry", "retry", "sent"]
    assert [to for to, _ in server.taken] == [(A,), (B,)]


def test_an_email_that_may_have_arrived_is_sent_once_more_soon_and_then_after_a_pause(on: Stage) -> None:
    notice = owe(on, A, B)
    with scripted_server({".": HANG_UP}) as server:
        transport = SmtpTransport("127.0.0.1", server.port, encryption="off", timeout=60)
        outbox = replace(on.app.outbox, transport=transport)
        assert [on.carry(outbox, notice, 1, attempt) for attempt in (1, 2, 3)] == ["retry"] * 3
        server.replies.clear()
        assert on.carry(outbox, notice, 1, 4) == "sent"
    pauses = [delay for key, _, delay in on.engine.due if key.startswith(f"tell:{notice}:1:")]
    assert pauses == [0, 30.0, 21600.0, 21600.0]
    ids = {message_from_bytes(content)["Message-ID"] for _, content in server.taken}
    assert (len(server.taken), ids) == (4, {row_of(on, notice).message_id})


def test_an_email_that_cannot_have_arrived_is_tried_with_the_usual_pauses(on: Stage) -> None:
    notice = owe(on, A)
    scripts: list[dict[str, str | None]] = [{"DATA": HANG_UP}, {".": "451 later"}, {"MAIL": HANG_UP}]
    for number, replies in enumerate(scripts, 1):
        with scripted_server(replies) as server:
            transport = SmtpTransport("127.0.0.1", server.port, encryption="off", timeout=60)
            assert on.carry(replace(on.app.outbox, transport=transport), notice, 1, number) == "retry"
            assert server.taken == []
    assert [delay for _, _, delay in on.engine.due] == [0, 30.0, 60.0, 120.0]


@pytest.mark.parametrize(
    ("script", "first"),
    [
        ({"CONNECT": "554 5.7.1 your address is blocked"}, "retry"),
        ({"MAIL": "553 5.7.1 sender not owned"}, "retry"),
        ({"RCPT": "554 5.7.1 relay access denied"}, "retry"),
        ({"RCPT": "550 5.4.5 daily limit exceeded"}, "retry"),
        ({"RCPT": "552 5.2.2 full"}, "retry"),
        ({".": "554 5.2.252 SendAsDenied"}, "retry"),
        ({"RCPT": "550 5.1.1 no such person"}, "given up"),
        ({".": "554 5.6.0 broken"}, "given up"),
    ],
)
def test_an_alarm_is_lost_to_no_fault_of_our_set_up(on: Stage, script: dict[str, str | None], first: str) -> None:
    notice = owe(on, A, kind=NoticeKind.ALARM)
    with scripted_server(script) as server:
        transport = SmtpTransport("127.0.0.1", server.port, encryption="off", timeout=60)
        outbox = replace(on.app.outbox, transport=transport)
        assert on.carry(outbox, notice, 1, 1) == first
        on.clock.advance(days=4.9)
        assert on.carry(outbox, notice, 1, 2) == ("retry" if first == "retry" else "superseded")
        server.replies.clear()
        assert on.carry(outbox, notice, 1, 3) == ("sent" if first == "retry" else "superseded")


def test_a_set_up_that_nobody_mends_is_given_up_after_its_days(on: Stage) -> None:
    notice = owe(on, A)
    with scripted_server({"MAIL": "553 5.7.1 sender not owned"}) as server:
        transport = SmtpTransport("127.0.0.1", server.port, encryption="off", timeout=60)
        on.clock.advance(days=5)
        assert on.carry(replace(on.app.outbox, transport=transport), notice, 1, 1) == "given up"
    assert [one.id for one in on.app.resend.given_up()] == [notice]
