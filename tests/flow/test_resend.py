"""Emails that were given up: sent again to whom they go today, or dropped, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.core.notice import NoticeKind
from ingest.flow.errors import Code, CodedError, Conflict, NotFound
from ingest.outbound.email.transports import EmailRefused, Refused
from ingest.store import notices
from ingest.store.models import Decision, Notice
from tests.packages import write_broken
from tests.stage import START, Stage, by, stage

REFUSED = EmailRefused(True, "mail.example:25 answered 554 5.6.0 broken")


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    staged = stage(tmp_path)
    yield staged
    staged.app.close()


def lose(on: Stage, kind: NoticeKind = NoticeKind.STRAY_FILES, **details: object) -> int:
    """An email to the label that is given up; returns its number."""
    label = on.label()
    with on.app.store.transaction() as tx:
        known = {"user": "anna", "files": ["a.wav"], **details}
        on.app.notify.of_label(tx, label.id, label.emails, kind, f"x:{len(on.engine.due)}", on.clock(), known)
    number = int(on.engine.keys()[-1].split(":")[1])
    on.transport.refusal = REFUSED
    assert on.tell(number) == "given up"
    on.transport.refusal = None
    return number


def row_of(on: Stage, email: int) -> Notice:
    with on.app.store.reading() as tx:
        row = notices.get_notice(tx, email)
    assert row is not None
    return row


def decided(on: Stage) -> list[tuple[object, ...]]:
    with on.app.store.reading() as tx:
        rows = tx.query(Decision).order_by(Decision.id).all()
    return [(row.kind, row.who, row.package_id, row.label_id, row.details) for row in rows]


def refused(on: Stage, **chosen: int) -> CodedError:
    with pytest.raises(CodedError) as error:
        on.app.resend.send(by("ops"), **chosen)
    return error.value


def test_an_email_is_owed_again_as_a_new_run_with_its_message_id_and_the_whole_time(on: Stage) -> None:
    email = lose(on)
    before = row_of(on, email)
    on.clock.advance(days=9)
    assert [one.id for one in on.app.resend.given_up()] == [email]
    assert on.app.resend.send(by("ops"), email=email) == (email,)
    assert (on.engine.keys()[-1], on.app.resend.given_up()) == (f"tell:{email}:2:1", ())
    on.transport.refusal = EmailRefused(False, "mail.example:25 cannot be reached")
    assert on.tell(email, run=2) == "retry"
    on.transport.refusal = None
    assert (on.tell(email, run=1, attempt=2), on.tell(email, run=2, attempt=2)) == ("superseded", "sent")
    assert str(on.transport.sent[-1]["Message-ID"]) == before.message_id
    details = {"email": email, "kind": "stray-files", "to": ["anna@label.example"]}
    assert decided(on) == [("resend", "ops", None, on.label().id, details)]


def test_it_goes_to_today_s_addresses_but_for_those_who_have_it(on: Stage) -> None:
    on.app.accounts.set_emails("anna", ["a@label.example", "b@label.example"], by("ops"))
    label = on.label()
    with on.app.store.transaction() as tx:
        on.app.notify.of_strays(tx, label.id, label.emails, ["a.wav"], on.clock())
    on.transport.refused = {"b@label.example": Refused("b@label.example", "later", permanent=False)}
    assert on.tell(1) == "retry"
    on.clock.advance(days=6)
    assert on.tell(1, attempt=2) == "given up"
    on.app.accounts.set_emails("anna", ["a@label.example", "c@label.example"], by("ops"))
    assert on.app.resend.send(by("ops"), email=1) == (1,)
    assert on.tell(1, run=2) == "sent"
    assert on.transport.to == [("a@label.example",), ("c@label.example",)]


def test_all_of_a_package_or_all_are_sent_again(on: Stage, tmp_path: Path) -> None:
    other = lose(on)
    package = on.place(write_broken(tmp_path / "label", "ART-001"))
    on.judge(package)
    with on.app.store.reading() as tx:
        own = [row.id for row in notices.notices_of(tx, package)]
    on.transport.refusal = REFUSED
    for email in own:
        on.tell(email)
    alarms = {one.id for one in on.app.resend.given_up()} - {other, *own}
    assert alarms == set()
    assert on.app.resend.send(by("ops"), package=package) == tuple(own)
    assert [one.id for one in on.app.resend.given_up()] == [other]
    assert on.app.resend.send(by("ops")) == (other,)
    assert refused(on).code is Code.NO_EMAIL_GIVEN_UP
    assert refused(on, package=package).code is Code.NO_EMAIL_GIVEN_UP
    assert [row[2] for row in decided(on)] == [*[package] * len(own), None]


def test_what_is_not_there_or_was_not_given_up_is_refused(on: Stage) -> None:
    email = lose(on)
    assert isinstance(refused(on, email=99), NotFound) and isinstance(refused(on, package=99), NotFound)
    on.app.resend.send(by("ops"), email=email)
    assert refused(on, email=email).values["state"] == "still owed"
    assert on.tell(email, run=2) == "sent"
    assert (refused(on, email=email).code, refused(on, email=email).values["state"]) == (
        Code.EMAIL_NOT_GIVEN_UP,
        "sent",
    )


def test_an_email_that_lost_its_password_is_not_sent_without_it(on: Stage) -> None:
    on.app.accounts.renew_password("anna", by("ops"), tell=False)
    credentials = lose(on, NoticeKind.CREDENTIALS, password="s3cret", renewed="yes")
    error = refused(on, email=credentials)
    assert isinstance(error, Conflict) and error.code is Code.PASSWORD_FORGOTTEN
    assert dict(error.values) == {"email": credentials, "label": "anna"}
    other = lose(on)
    assert on.app.resend.send(by("ops")) == (other,)
    assert on.app.resend.drop(by("ops")) == (credentials,)
    assert on.app.resend.given_up() == ()


def test_an_email_about_a_login_by_key_is_sent_again(on: Stage) -> None:
    assert on.app.resend.send(by("ops"), email=lose(on, NoticeKind.CREDENTIALS)) == (1,)


def test_what_is_dropped_stays_unsent_and_may_still_be_sent_by_its_number(on: Stage) -> None:
    email = lose(on)
    assert on.app.resend.drop(by("ops"), email=email) == (email,)
    assert (on.app.resend.given_up(), row_of(on, email).dropped_at, row_of(on, email).sent_at) == ((), START, None)
    assert [row[0] for row in decided(on)] == ["drop-email"]
    with on.app.store.reading() as tx:
        owed = notices.unsent_notices(tx, on.clock() + timedelta(days=1))
        assert email not in [row.id for row in owed]
    assert on.app.resend.send(by("ops"), email=email) == (email,)
