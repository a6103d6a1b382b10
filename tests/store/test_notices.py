"""The outbox as rows: each email owed once, in its thread, until it was sent or given up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from ingest.core.notice import Audience, NoticeKind
from ingest.store.database import Store
from ingest.store.models import Notice
from ingest.store.notices import (
    get_notice,
    give_up_notice,
    note_sent,
    notices_of,
    owe_notice,
    thread_root,
    unsent_notices,
)
from tests.store.rows import NOW, add_package

LATER = NOW + timedelta(seconds=1)


def owe(tx: Session, key: str, now: datetime = NOW, **more: Any) -> Notice:
    usual: dict[str, Any] = {"kind": NoticeKind.INVALID, "audience": Audience.LABEL, "recipients": ["a@b.example"]}
    row = owe_notice(tx, key=key, domain="x.example", now=now, **(usual | more))
    assert row is not None
    return row


def test_an_email_is_owed_once_for_each_key_and_its_message_id_follows_from_the_key(store: Store) -> None:
    package = add_package(store)
    with store.transaction() as tx:
        row = owe(tx, "change:7:label", label=1, package=package, details={"missing": ["é"]})
        again = owe_notice(
            tx,
            key="change:7:label",
            kind=NoticeKind.ALARM,
            audience=Audience.OPS,
            recipients=["other@b.example"],
            domain="x.example",
            now=LATER,
        )
    assert again is None
    with store.reading() as tx:
        kept = get_notice(tx, row.id)
        assert kept is not None and get_notice(tx, row.id + 1) is None
        assert (kept.kind, kept.audience, kept.recipients, kept.label_id) == ("invalid", "label", ["a@b.example"], 1)
        assert (kept.package_id, kept.details, kept.created_at) == (package, {"missing": ["é"]}, NOW)
        assert kept.message_id == f"<change.7.label.{int(NOW.timestamp())}@x.example>"
        assert (kept.attempts, kept.runs, kept.sent_at, kept.given_up_at) == (0, 1, None, None)
        assert [one.id for one in notices_of(tx, package)] == [row.id]
        assert notices_of(tx, package + 1) == []


@pytest.mark.parametrize("end", [note_sent, give_up_notice])
def test_a_password_goes_with_the_end_of_its_email_and_nothing_else_does(store: Store, end: Any) -> None:
    with store.transaction() as tx:
        row = owe(tx, "credentials:1", details={"user": "anna", "password": "s3cret"})
        end(row, LATER)
    with store.reading() as tx:
        kept = get_notice(tx, row.id)
        assert kept is not None and kept.details == {"user": "anna"}
        assert {kept.sent_at, kept.given_up_at} == {LATER, None}


def test_what_is_neither_sent_nor_given_up_is_owed_in_its_order(store: Store) -> None:
    with store.transaction() as tx:
        sent, first, given_up, second, _ = (
            owe(tx, key, LATER if key == "late" else NOW) for key in ("sent", "z", "given up", "a", "late")
        )
        note_sent(sent, LATER)
        give_up_notice(given_up, LATER)
        tx.flush()
        assert [row.id for row in unsent_notices(tx, LATER)] == [first.id, second.id]
        assert unsent_notices(tx, NOW) == []


def test_the_first_email_that_was_sent_about_a_release_to_the_same_people_is_the_root_of_their_thread(
    store: Store,
) -> None:
    package, other = add_package(store, "One"), add_package(store, "Two")
    with store.transaction() as tx:
        lost, first, to_qc, second, foreign = (
            owe(tx, key, package=of, audience=whom)
            for key, of, whom in (
                ("lost", package, Audience.LABEL),
                ("first", package, Audience.LABEL),
                ("qc", package, Audience.QC),
                ("second", package, Audience.LABEL),
                ("foreign", other, Audience.LABEL),
            )
        )
        for row in (first, to_qc, second):
            note_sent(row, LATER)
        tx.flush()
        about_nothing = owe(tx, "credentials:1", label=1)
        last = owe(tx, "last", package=package)
        roots = [thread_root(tx, row) for row in (lost, first, to_qc, second, foreign, about_nothing, last)]
    assert roots == [None, None, None, first.message_id, None, None, first.message_id]
