"""Owed webhooks are sent, tried again, given up, found again; endpoints that never answer are disabled."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from structlog.testing import capture_logs

from ingest.flow.webhook_sending import PAUSES
from ingest.outbound.webhook.sign import key_of
from ingest.store import webhooks as rows
from tests.flow.hooks import Hooked, hooked
from tests.flow.scenes import alarms, counted_commits, owed
from tests.outbound.webhook.receivers import Answer, Got
from tests.stage import START, by

PLANNED = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Hooked]:
    with hooked(tmp_path) as there:
        yield there


def verifies(got: Got, secret: str) -> bool:
    try:
        Webhook(secret).verify(got.body, got.headers)
    except WebhookVerificationError:
        return False
    return True


def log_of(there: Hooked, name: str) -> list[tuple[object, ...]]:
    with there.on.app.store.reading() as tx:
        kept = rows.attempts_of(tx, name)
    return [(one.run, one.attempt, one.status, one.error, one.reply) for one in kept]


def last_delay(there: Hooked) -> float:
    return [delay for key, _, delay in there.on.engine.due if key.startswith("webhook:")][-1]


def test_a_webhook_is_sent_as_it_was_owed_and_verifies(there: Hooked) -> None:
    there.on.clock.now = datetime.now(UTC)
    name = there.royalty()
    body = there.message(name).body
    assert there.send(name) == "delivered"
    (got,) = there.receiver.got
    assert (
        got.body.decode()
        == body
        == '{"event":"royalty.credited","data":{"payoutId":"po_1","amount":12.5,"currency":"EUR"}}'
    )
    assert got.headers["webhook-id"] == name
    assert "x-signature-sha256" not in got.headers
    assert verifies(got, there.secret)
    assert (there.message(name).state, there.row().last_success_at) == ("delivered", there.on.clock.now)
    assert log_of(there, name) == [(1, 1, 200, None, "ok")]


def test_what_was_sent_is_not_sent_again_by_a_workflow_that_died_after_it(there: Hooked) -> None:
    name = there.royalty()
    assert [there.send(name) for _ in range(2)] == ["delivered", "superseded"]
    assert len(there.receiver.got) == 1


def test_a_workflow_that_dies_before_it_records_anything_sends_the_same_again(there: Hooked) -> None:
    name = there.royalty()
    there.on.app.jobs.attempt(there.on.app.webhook_sending, name)
    assert there.message(name).state == "owed"
    assert there.send(name) == "delivered"
    first, second = there.receiver.got
    assert (
        (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body) == (name, first.body)
    )


def test_the_signature_of_the_body_alone_is_sent_where_it_is_configured(tmp_path: Path) -> None:
    with hooked(tmp_path, config="[webhooks]\nbody_signature = true\n") as there:
        there.send(there.royalty())
        (got,) = there.receiver.got
    expected = hmac.new(key_of(there.secret), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-signature-sha256"] == expected


def test_each_failure_is_tried_again_later_under_the_same_id_with_a_new_time(tmp_path: Path) -> None:
    assert [pause.total_seconds() for pause in PAUSES] == PLANNED
    with hooked(tmp_path, Answer(500, b"no")) as there:
        name = there.royalty()
        for attempt, planned in enumerate(PLANNED, start=1):
            assert there.send(name, attempt=attempt) == "retry"
            key, arguments, delay = there.on.engine.due[-1]
            assert (key, arguments) == (f"webhook:{name}:1:{attempt + 1}", (name, 1, attempt + 1))
            assert planned <= delay <= planned * 1.2
            there.on.clock.advance(seconds=delay)
        assert there.send(name, attempt=10) == "failed"
        got = there.receiver.got
        assert {one.headers["webhook-id"] for one in got} == {name}
        assert len({one.headers["webhook-timestamp"] for one in got}) == len({one.body for one in got}) * 10 == 10
        assert log_of(there, name) == [(1, attempt, 500, None, "no") for attempt in range(1, 11)]


def test_an_endpoint_that_took_nothing_in_all_that_time_is_disabled_and_its_label_told_once(tmp_path: Path) -> None:
    with hooked(tmp_path, Answer(500)) as there:
        name, other = there.royalty(), there.royalty("po_2")
        there.on.clock.advance(hours=80)
        with capture_logs() as logged:
            assert there.send(name, attempt=10) == "failed"
        assert (there.row().state, there.row().reason) == ("disabled", "it answered 500")
        assert (there.message(other).state, there.message(other).fault) == ("failed", "the endpoint was disabled")
        assert there.send(other) == "superseded"
        assert owed(there.on) == [("webhook-disabled", ["anna@label.example"])]
        told = [one for one in logged if one["event"] == "webhook endpoint disabled"]
        assert [(one["endpoint"], one["label"], one["reason"]) for one in told] == [
            (there.endpoint, "anna", "it answered 500")
        ]
        assert there.on.tell(1) == "sent"
        (email,) = there.on.transport.sent
        assert email["Subject"] == "Your webhooks are switched off · Anna's Label"
        assert there.receiver.url in email.as_string() and there.endpoint in email.as_string()


def test_an_endpoint_that_took_another_one_meanwhile_stays_enabled(tmp_path: Path) -> None:
    with hooked(tmp_path, Answer(500), Answer(200), Answer(500)) as there:
        name = there.royalty()
        assert there.send(name, attempt=9) == "retry"
        there.on.clock.advance(hours=1)
        assert there.send(there.royalty("po_2")) == "delivered"
        assert there.send(name, attempt=10) == "failed"
        assert (there.row().state, owed(there.on)) == ("enabled", [])


def test_410_disables_the_endpoint_at_once(tmp_path: Path) -> None:
    with hooked(tmp_path, Answer(410, b"gone")) as there:
        assert there.send(there.royalty()) == "failed"
        assert (there.row().state, there.row().reason) == ("disabled", "it answered 410")
        assert owed(there.on) == [("webhook-disabled", ["anna@label.example"])]


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("2", 5, 6), ("600", 600, 600), ("999999999", 86_400, 86_400), ("Mon, 23 Mar 2026 13:00:00 GMT", 3600, 3600)],
)
def test_a_receiver_that_asks_to_be_left_alone_is_for_a_day_at_most(
    tmp_path: Path, asked: str, least: float, most: float
) -> None:
    with hooked(tmp_path, Answer(503, b"", (("Retry-After", asked),))) as there:
        assert there.send(there.royalty()) == "retry"
        assert least <= last_delay(there) <= most


def test_a_redirect_is_a_failure(tmp_path: Path) -> None:
    with hooked(tmp_path, Answer(307, b"", (("Location", "http://127.0.0.1/"),))) as there:
        name = there.royalty()
        assert there.send(name) == "retry"
        assert there.message(name).fault == "it answered 307, a redirect, which is not followed"


def test_a_name_that_leads_inside_gets_nothing_and_is_tried_again(tmp_path: Path) -> None:
    with hooked(tmp_path) as there:
        with there.on.app.store.transaction() as tx:
            endpoint = rows.get_endpoint(tx, there.endpoint)
            assert endpoint is not None
            endpoint.url = there.receiver.url.replace("127.0.0.1", "0x00000000")
        name = there.royalty()
        assert there.send(name) == "retry"
        fault = "nothing was sent: 0x00000000 is not at a public address"
        assert there.message(name).fault == fault
        assert there.receiver.got == []


def test_while_a_secret_is_replaced_both_verify_and_afterwards_the_new_one_alone(there: Hooked) -> None:
    there.on.clock.now = datetime.now(UTC) - timedelta(hours=24)
    newer = there.on.app.webhook_endpoints.rotate(there.endpoint, by("ops"))
    there.on.clock.now = datetime.now(UTC) - timedelta(seconds=30)
    there.send(there.royalty("po_1"))
    there.on.clock.now = datetime.now(UTC) + timedelta(seconds=30)
    there.send(there.royalty("po_2"))
    both, one = there.receiver.got
    assert [verifies(both, secret) for secret in (newer, there.secret)] == [True, True]
    assert [verifies(one, secret) for secret in (newer, there.secret)] == [True, False]


def test_where_we_lost_the_key_ops_are_told_and_the_endpoint_is_not_blamed(there: Hooked) -> None:
    name = there.royalty()
    (there.on.app.config.paths.state_dir / "password.key").write_bytes(bytes(32))
    assert there.send(name) == "retry"
    assert last_delay(there) == 30
    assert alarms(there.on) == [f"the sending of webhook {name} failed and is being retried"]
    there.on.clock.advance(days=31)
    assert there.send(name, attempt=30) == "failed"
    assert alarms(there.on)[1:] == [f"the sending of webhook {name} failed for good"]
    assert (there.row().state, log_of(there, name), there.receiver.got) == ("enabled", [], [])


def test_a_webhook_whose_endpoint_was_disabled_at_that_very_moment_fails_and_is_never_called_delivered(
    there: Hooked,
) -> None:
    name = there.royalty()
    with there.on.app.store.transaction() as tx:
        endpoint = rows.get_endpoint(tx, there.endpoint)
        assert endpoint is not None
        endpoint.state = "disabled"
    assert there.send(name) == "failed"
    assert (there.message(name).fault, there.receiver.got) == ("the endpoint gets no webhooks any more", [])
    assert (owed(there.on), alarms(there.on)) == ([], [])


def test_lost_work_is_found_again_and_ops_are_told(there: Hooked) -> None:
    name = there.royalty()
    there.on.engine.due.clear()
    there.on.clock.advance(minutes=2)
    there.on.engine.live = [f"webhook:{name}:1:1"]
    there.on.app.maintenance.reconcile()
    assert there.on.engine.due == []
    there.on.engine.live = []
    there.on.app.maintenance.reconcile()
    assert f"webhook:{name}:2:1" in [key for key, _, _ in there.on.engine.due]
    assert alarms(there.on) == [f"the sending of webhook {name} was lost"]
    assert [there.send(name), there.send(name, run=2)] == ["superseded", "delivered"]
    assert alarms(there.on)[1:] == [f"the sending of webhook {name} is settled"]


def test_a_webhook_that_is_lost_again_and_again_waits_for_a_person(there: Hooked) -> None:
    name = there.royalty()
    for _ in range(5):
        there.on.clock.advance(minutes=2)
        there.on.app.maintenance.reconcile()
    assert (there.message(name).state, there.row().state) == ("failed", "enabled")
    assert alarms(there.on)[-1] == f"the sending of webhook {name} was lost again and again"


def test_failures_of_a_receiver_are_warnings_until_the_last(tmp_path: Path) -> None:
    with hooked(tmp_path, Answer(500)) as there:
        name = there.royalty()
        there.on.clock.advance(hours=70)
        with capture_logs() as logged:
            there.send(name, attempt=9)
            there.send(name, attempt=10)
    assert [one["log_level"] for one in logged if one["event"] == "attempt failed"] == ["warning", "error"]


def test_a_webhook_costs_one_transaction(there: Hooked) -> None:
    name = there.royalty()
    with counted_commits(there.on) as commits:
        assert there.on.app.jobs.carry(there.on.app.webhook_sending, name, 1, 1) == "delivered"
    assert len(commits) == 1


def test_old_webhooks_are_forgotten_at_night(there: Hooked) -> None:
    name, waiting = there.royalty(), there.royalty("po_2")
    there.send(name)
    there.on.clock.now = START + timedelta(days=30, seconds=1)
    there.on.app.maintenance.prune()
    assert [row.id for row in there.owed()] == [waiting]
    assert log_of(there, name) == []
