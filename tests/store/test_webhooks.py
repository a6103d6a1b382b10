"""Webhook endpoints, messages and attempts as rows."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from ingest.core.webhook import MessageState, WebhookEvent
from ingest.store.database import Store
from ingest.store.models import WebhookEndpoint, WebhookMessage
from ingest.store.owed import note_attempt
from ingest.store.webhooks import (
    add_attempt,
    add_endpoint,
    attempts_of,
    disable_endpoint,
    enable_endpoint,
    end_message,
    endpoints_of,
    failed_messages,
    forget_messages,
    get_endpoint,
    get_message,
    meant,
    messages_of,
    miss_message,
    note_success,
    owe_again,
    owe_message,
    owed_messages,
    remove_endpoint,
    set_secret,
)
from tests.store.rows import NOW

LATER = NOW + timedelta(minutes=1)
UPDATE = WebhookEvent.DELIVERY_UPDATE


def endpoint(tx: Session, name: str = "whk_1", *events: str, label: int = 1) -> WebhookEndpoint:
    return add_endpoint(tx, name, label=label, url=f"https://{name}.example/", events=events, secret="sealed", now=NOW)


def message(tx: Session, name: str, cause: str = "", where: str = "whk_1") -> WebhookMessage:
    row = owe_message(tx, name, where, UPDATE, cause or name, "{}", NOW)
    assert row is not None
    return row


def seen(row: WebhookMessage) -> tuple[object, ...]:
    return (row.state, row.attempts, row.runs, row.fault, row.owed_at, row.ended_at)


def test_an_event_is_for_the_endpoints_of_its_label_whose_filter_lets_it_pass(store: Store) -> None:
    with store.transaction() as tx:
        endpoint(tx, "whk_all")
        endpoint(tx, "whk_some", "delivery.update", "asset.processed")
        endpoint(tx, "whk_others", "release.updated")
        disable_endpoint(tx, endpoint(tx, "whk_off"), "it is slow", NOW)
        remove_endpoint(tx, endpoint(tx, "whk_gone"), NOW)
        endpoint(tx, "whk_ben", label=2)
    with store.reading() as tx:
        assert [one.id for one in meant(tx, 1, UPDATE)] == ["whk_all", "whk_off", "whk_some"]
        kept = [(one.id, one.state, one.reason) for one in endpoints_of(tx, 1, alone=True)]
        assert kept == [
            ("whk_all", "enabled", None),
            ("whk_off", "disabled", "it is slow"),
            ("whk_others", "enabled", None),
            ("whk_some", "enabled", None),
        ]
        assert get_endpoint(tx, "whk_gone") is None
        assert [one.id for one in endpoints_of(tx, 2)] == ["whk_ben"]


def test_a_webhook_is_owed_once_for_each_cause_and_endpoint(store: Store) -> None:
    with store.transaction() as tx:
        endpoint(tx), endpoint(tx, "whk_2")
        first = message(tx, "msg_1", "change:7")
        assert owe_message(tx, "msg_2", "whk_1", UPDATE, "change:7", "{}", LATER) is None
        assert owe_message(tx, "msg_3", "whk_2", UPDATE, "change:7", "{}", NOW) is not None
        assert seen(first) == ("owed", 0, 1, None, NOW, None)
        assert [one.id for one in owed_messages(tx, NOW)] == []
        assert [one.id for one in owed_messages(tx, LATER)] == ["msg_1", "msg_3"]


def test_what_was_delivered_or_failed_is_not_owed_until_it_is_owed_again(store: Store) -> None:
    with store.transaction() as tx:
        endpoint(tx)
        good, bad = message(tx, "msg_1"), message(tx, "msg_2")
        end_message(good, MessageState.DELIVERED, LATER)
        note_attempt(bad, 10, "it did not answer in time")
        end_message(bad, MessageState.FAILED, LATER)
        tx.flush()
        assert (seen(good)[0], owed_messages(tx, LATER)) == ("delivered", [])
        assert [one.id for one in messages_of(tx, "whk_1", 10)] == ["msg_2", "msg_1"]
        assert [one.id for one in messages_of(tx, "whk_1", 1)] == ["msg_2"]
        assert failed_messages(tx, "whk_1", NOW) == [bad]
        assert failed_messages(tx, "whk_1", LATER) == []
        owe_again(bad, LATER)
        tx.flush()
        assert seen(bad) == ("owed", 0, 1, None, LATER, None)


def test_what_is_owed_to_an_endpoint_ends_with_it(store: Store) -> None:
    with store.transaction() as tx:
        for name in ("whk_1", "whk_2", "whk_3"):
            endpoint(tx, name)
            message(tx, f"msg_{name[-1]}", where=name)
        sent = message(tx, "msg_4")
        end_message(sent, MessageState.DELIVERED, NOW)
        disable_endpoint(tx, tx.get_one(WebhookEndpoint, "whk_1"), "gone", LATER)
        removed = tx.get_one(WebhookEndpoint, "whk_2")
        set_secret(removed, "newer", LATER)
        remove_endpoint(tx, removed, LATER)
    with store.reading() as tx:
        states = {name: seen(tx.get_one(WebhookMessage, name))[::3] for name in ("msg_1", "msg_2", "msg_3", "msg_4")}
        assert states == {
            "msg_1": ("failed", "the endpoint was disabled"),
            "msg_2": ("failed", "the endpoint was removed"),
            "msg_3": ("owed", None),
            "msg_4": ("delivered", None),
        }
        left = tx.get_one(WebhookEndpoint, "whk_2")
        assert (left.secret, left.old_secret, left.old_until) == ("", None, None)
        assert get_message(tx, "msg_5") is None


def test_an_endpoint_is_enabled_again_and_its_secret_replaced(store: Store) -> None:
    with store.transaction() as tx:
        row = endpoint(tx)
        disable_endpoint(tx, row, "gone", NOW)
        enable_endpoint(row)
        note_success(row, LATER)
        set_secret(row, "second", LATER)
        set_secret(row, "third", LATER + timedelta(hours=1))
    with store.reading() as tx:
        kept = tx.get_one(WebhookEndpoint, "whk_1")
        assert (kept.state, kept.reason, kept.last_success_at) == ("enabled", None, LATER)
        assert (kept.secret, kept.old_secret, kept.old_until) == ("third", "second", LATER + timedelta(hours=1))


def test_what_an_endpoint_missed_while_it_was_disabled_is_kept_as_failed(store: Store) -> None:
    with store.transaction() as tx:
        disable_endpoint(tx, endpoint(tx), "gone", NOW)
        row = message(tx, "msg_1")
        miss_message(row, LATER)
        tx.flush()
        assert seen(row) == ("failed", 0, 1, "the endpoint was disabled", NOW, LATER)
        assert failed_messages(tx, "whk_1", NOW) == [row]


def test_each_attempt_is_kept_once(store: Store) -> None:
    with store.transaction() as tx:
        endpoint(tx)
        row = message(tx, "msg_1")
        note_attempt(row, 1, "it answered 500")
        for _ in range(2):
            add_attempt(tx, row, NOW, 12, 500, None, "b\0roken")
        note_attempt(row, 2, "it did not answer in time")
        add_attempt(tx, row, LATER, 20_000, None, "it did not answer in time", None)
    with store.reading() as tx:
        kept = [(one.run, one.attempt, one.ms, one.status, one.error, one.reply) for one in attempts_of(tx, "msg_1")]
    assert kept == [
        (1, 1, 12, 500, None, "b\ufffdroken"),
        (1, 2, 20_000, None, "it did not answer in time", None),
    ]


def test_old_webhooks_are_forgotten_and_removed_endpoints_with_their_last(store: Store) -> None:
    with store.transaction() as tx:
        endpoint(tx), endpoint(tx, "whk_2"), endpoint(tx, "whk_3")
        done, owed = message(tx, "msg_1"), message(tx, "msg_2")
        note_attempt(done, 1, None)
        add_attempt(tx, done, NOW, 5, 200, None, "ok")
        end_message(done, MessageState.DELIVERED, NOW)
        young = owe_message(tx, "msg_3", "whk_2", UPDATE, "x", "{}", LATER)
        assert young is not None
        for name in ("whk_2", "whk_3"):
            remove_endpoint(tx, tx.get_one(WebhookEndpoint, name), LATER)
    with store.transaction() as tx:
        assert forget_messages(tx, NOW) == 0
        assert forget_messages(tx, LATER) == 1
        assert (get_message(tx, "msg_1"), attempts_of(tx, "msg_1")) == (None, [])
        assert tx.get_one(WebhookMessage, "msg_2").state == owed.state == "owed"
        left = {name for name in ("whk_1", "whk_2", "whk_3") if tx.get(WebhookEndpoint, name)}
        assert left == {"whk_1", "whk_2"}
        assert forget_messages(tx, LATER + timedelta(days=1)) == 1
        assert tx.get(WebhookEndpoint, "whk_2") is None
