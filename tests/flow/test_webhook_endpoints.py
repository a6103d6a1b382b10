"""What people do with webhook endpoints; every decision is recorded, and nobody reaches another label's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from ingest.flow.errors import Code, CodedError, Conflict, NotFound, Refused
from ingest.store.decisions import decisions_on_label
from tests.flow.hooks import Hooked, hooked
from tests.outbound.webhook.receivers import Answer
from tests.stage import START, by
from tests.store.rows import new_label

OPS = by("ops")


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Hooked]:
    with hooked(tmp_path) as there:
        with there.on.app.store.transaction() as tx:
            new_label(tx, "ben")
        yield there


def decided(there: Hooked) -> list[tuple[str, dict[str, object]]]:
    with there.on.app.store.reading() as tx:
        return [(row.kind, row.details) for row in decisions_on_label(tx, 1)]


def refusal(
    error: type[CodedError], call: object, *arguments: object, **more: object
) -> tuple[Code, dict[str, object]]:
    assert callable(call)
    with pytest.raises(error) as refused:
        call(*arguments, **more)
    return refused.value.code, dict(refused.value.values)


def test_an_endpoint_is_added_with_a_secret_that_only_its_adding_tells(there: Hooked) -> None:
    made, secret = there.on.app.webhook_endpoints.add(
        "ben", there.receiver.url, ("delivery.update", "delivery.update", "asset.processed"), OPS
    )
    assert re.fullmatch(r"whk_[0-9A-HJKMNP-TV-Z]{26}", made.id)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    assert (made.label, made.url, made.events) == ("ben", there.receiver.url, ("delivery.update", "asset.processed"))
    assert (made.state, made.reason, made.created_at, made.last_success_at) == ("enabled", None, START, None)
    assert secret not in repr(decided(there)) and secret not in repr(made)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://hooks.example/", "port 443 is not allowed"),
        ("http://169.254.169.254:{port}/latest/meta-data/", "169.254.169.254 is not a public address"),
        ("http://[::ffff:10.0.0.1]:{port}/", "::ffff:10.0.0.1 is not a public address"),
        ("gopher://127.0.0.1:{port}/", "it must begin with https:// or http://"),
        ("nonsense", "it must be"),
    ],
)
def test_a_url_that_nothing_is_sent_to_is_refused(there: Hooked, url: str, reason: str) -> None:
    url = url.format(port=there.receiver.port)
    code, values = refusal(Refused, there.on.app.webhook_endpoints.add, "anna", url, (), OPS)
    assert code is Code.URL_REFUSED
    assert str(values["reason"]).startswith(reason)


def test_unknown_events_and_labels_and_one_endpoint_too_many_are_refused(there: Hooked) -> None:
    endpoints = there.on.app.webhook_endpoints
    assert (
        refusal(Refused, endpoints.add, "anna", there.receiver.url, ("release.deleted",), OPS)[0] is Code.EVENT_REFUSED
    )
    assert refusal(NotFound, endpoints.add, "nobody", there.receiver.url, (), OPS)[0] is Code.LABEL_UNKNOWN
    for _ in range(9):
        endpoints.add("anna", there.receiver.url, (), OPS)
    assert refusal(Refused, endpoints.add, "anna", there.receiver.url, (), OPS) == (
        Code.TOO_MANY_ENDPOINTS,
        {"label": "anna", "most": 10},
    )
    endpoints.remove(there.endpoint, OPS)
    endpoints.add("anna", there.receiver.url, (), OPS)


def test_nobody_reaches_the_endpoints_and_webhooks_of_another_label(there: Hooked) -> None:
    name, endpoints = there.royalty(), there.on.app.webhook_endpoints
    for call in (endpoints.remove, endpoints.enable, endpoints.disable, endpoints.rotate):
        assert refusal(NotFound, call, there.endpoint, OPS, "ben")[0] is Code.ENDPOINT_UNKNOWN
    assert refusal(NotFound, endpoints.test, there.endpoint, "ben")[0] is Code.ENDPOINT_UNKNOWN
    assert refusal(NotFound, endpoints.replay_failed, there.endpoint, START, OPS, "ben")[0] is Code.ENDPOINT_UNKNOWN
    assert refusal(NotFound, endpoints.replay, name, OPS, "ben")[0] is Code.WEBHOOK_UNKNOWN
    assert refusal(NotFound, endpoints.replay, "msg_0", OPS)[0] is Code.WEBHOOK_UNKNOWN
    assert refusal(NotFound, endpoints.rotate, "whk_\0", OPS)[0] is Code.ENDPOINT_UNKNOWN
    assert there.row().state == "enabled"


def test_every_decision_is_recorded_and_none_that_changes_nothing(there: Hooked) -> None:
    endpoints = there.on.app.webhook_endpoints
    for _ in range(2):
        endpoints.disable(there.endpoint, OPS)
    for _ in range(2):
        endpoints.enable(there.endpoint, OPS)
    endpoints.rotate(there.endpoint, OPS)
    name = there.royalty()
    endpoints.remove(there.endpoint, OPS)
    mine = {"endpoint": there.endpoint}
    assert decided(there) == [
        ("add-webhook", {**mine, "url": there.receiver.url, "events": []}),
        ("disable-webhook", mine),
        ("enable-webhook", {**mine, "reason": "a person disabled it"}),
        ("rotate-webhook", mine),
        ("send-webhook", {"payout": "po_1", "amount": 12.5, "currency": "EUR", "webhooks": [name]}),
        ("remove-webhook", {**mine, "url": there.receiver.url}),
    ]
    assert there.message(name).fault == "the endpoint was removed"


def test_a_sample_is_posted_at_once_signed_and_kept_in_the_log(there: Hooked) -> None:
    there.on.clock.now = datetime.now(UTC)
    there.on.app.webhook_endpoints.disable(there.endpoint, OPS)
    there.on.engine.due.clear()
    exchange = there.on.app.webhook_endpoints.test(there.endpoint)
    (got,) = there.receiver.got
    assert (exchange.status, exchange.reply, exchange.is_received) == (200, "ok", True)
    assert Webhook(there.secret).verify(got.body, got.headers)["event"] == "delivery.update"
    assert list(json.loads(got.body)["data"]) == ["deliveryJobId", "releaseId", "provider", "status", "timestamp"]
    (row,) = there.owed()
    assert (row.id, row.state, row.body, row.attempts) == (got.headers["webhook-id"], "delivered", got.body.decode(), 1)
    assert there.on.engine.due == []


def test_a_sample_that_is_not_taken_is_tried_once_and_disables_nothing(tmp_path: Path) -> None:
    with hooked(tmp_path, Answer(410, b"gone")) as there:
        assert there.on.app.webhook_endpoints.test(there.endpoint).failure == "it answered 410"
        (row,) = there.owed()
        assert (row.state, row.fault, there.row().state) == ("failed", "it answered 410", "enabled")
        there.on.clock.advance(minutes=5)
        there.on.app.maintenance.reconcile()
        assert [key for key, _, _ in there.on.engine.due if key.startswith("webhook:")] == []
        (there.on.app.config.paths.state_dir / "password.key").unlink()
        assert refusal(Conflict, there.on.app.webhook_endpoints.test, there.endpoint)[0] is Code.SECRET_UNREADABLE


def test_a_label_has_one_sample_posted_at_a_time(tmp_path: Path) -> None:
    with hooked(tmp_path, Answer(pause=2)) as there, ThreadPoolExecutor() as threads:
        endpoints = there.on.app.webhook_endpoints
        first = threads.submit(endpoints.test, there.endpoint)
        there.receiver.wait_for(1)
        assert refusal(Conflict, endpoints.test, there.endpoint)[0] is Code.WEBHOOK_STILL_OWED
        assert first.result().is_received
        there.receiver.answers = [Answer()]
        assert endpoints.test(there.endpoint).is_received
        assert len(there.receiver.got) == 2


def test_a_webhook_is_sent_again_under_its_id_once_it_is_not_owed_any_more(there: Hooked) -> None:
    name, endpoints = there.royalty(), there.on.app.webhook_endpoints
    assert refusal(Conflict, endpoints.replay, name, OPS) == (Code.WEBHOOK_STILL_OWED, {"webhook": name})
    there.send(name)
    there.on.clock.advance(hours=1)
    endpoints.replay(name, OPS, "anna")
    assert there.on.engine.keys()[-1] == f"webhook:{name}:2:1"
    assert there.send(name, run=2) == "delivered"
    first, second = there.receiver.got
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 3600
    assert decided(there)[-1] == ("replay-webhook", {"endpoint": there.endpoint, "webhooks": [name]})


def test_what_an_endpoint_missed_is_sent_once_it_is_enabled_again(there: Hooked) -> None:
    endpoints = there.on.app.webhook_endpoints
    sent = there.royalty("po_0")
    there.send(sent)
    endpoints.disable(there.endpoint, OPS)
    with there.on.app.store.transaction() as tx:
        there.on.app.webhooks.royalty_credited(tx, 1, "po_1", 1, "EUR", START)
    missed = next(row.id for row in there.owed() if row.id != sent)
    assert refusal(Conflict, endpoints.replay_failed, there.endpoint, START, OPS)[0] is Code.ENDPOINT_DISABLED
    assert refusal(Conflict, endpoints.replay, missed, OPS)[0] is Code.ENDPOINT_DISABLED
    endpoints.enable(there.endpoint, OPS)
    assert endpoints.replay_failed(there.endpoint, START + timedelta(seconds=1), OPS) == ()
    assert endpoints.replay_failed(there.endpoint, START, OPS) == (missed,)
    assert there.send(missed, run=2) == "delivered"
    assert endpoints.replay_failed(there.endpoint, START, OPS) == ()


@pytest.mark.parametrize(
    ("payout", "amount", "currency"),
    [
        ("", 1, "EUR"),
        ("p" * 101, 1, "EUR"),
        ("a\nb", 1, "EUR"),
        ("p", float("nan"), "EUR"),
        ("p", 1e13, "EUR"),
        ("p", 1, "eur"),
    ],
)
def test_a_payout_that_cannot_be_told_is_refused(there: Hooked, payout: str, amount: float, currency: str) -> None:
    send = there.on.app.webhook_endpoints.send_royalty
    assert refusal(Refused, send, "anna", payout, amount, currency, OPS)[0] is Code.PAYOUT_REFUSED
    assert there.owed() == []


def test_a_payout_is_told_once_and_where_nobody_listens_that_is_said(there: Hooked) -> None:
    send = there.on.app.webhook_endpoints.send_royalty
    there.royalty("po_1")
    for label in ("anna", "ben"):
        code, values = refusal(Refused, send, label, "po_1", 12.5, "EUR", OPS)
        assert (code, values) == (Code.NOBODY_LISTENS, {"label": label, "event": "royalty.credited"})
