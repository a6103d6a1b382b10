"""One attempt to post a webhook: what counts as received, and what is kept of a reply."""

from __future__ import annotations

import pytest

from ingest.config.http import Http
from ingest.outbound.http.client import GuardedClient
from ingest.outbound.webhook.post import Exchange, post
from tests.outbound.http.servers import lab
from tests.outbound.webhook.receivers import Answer, Receiver, receiving
from tests.store.rows import NOW


def posted(receiver: Receiver, seconds: float = 20) -> Exchange:
    client = GuardedClient(lab(receiver.port))
    return post(client, receiver.url, {"webhook-id": "msg_1"}, '{"ä":1}'.encode(), seconds, NOW)


def test_the_body_arrives_byte_by_byte_with_its_headers() -> None:
    with receiving(Answer(204, b"")) as receiver:
        done = posted(receiver)
    (got,) = receiver.got
    assert (got.path, got.body) == ("/hooks", '{"ä":1}'.encode())
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert got.headers["webhook-id"] == "msg_1"
    assert (done.status, done.is_received, done.reply, done.error) == (204, True, "", None)


@pytest.mark.parametrize(
    ("status", "is_received", "failure"),
    [
        (200, True, "it answered 200"),
        (299, True, "it answered 299"),
        (302, False, "it answered 302, a redirect, which is not followed"),
        (308, False, "it answered 308, a redirect, which is not followed"),
        (400, False, "it answered 400"),
        (410, False, "it answered 410"),
        (500, False, "it answered 500"),
    ],
)
def test_only_2xx_counts_as_received(status: int, is_received: bool, failure: str) -> None:
    with receiving(Answer(status, b"said", (("Location", "http://169.254.169.254/"),))) as receiver:
        done = posted(receiver)
    assert (done.is_received, done.failure, done.reply) == (is_received, failure, "said")
    assert done.is_gone is (status == 410)


def test_of_a_long_reply_the_beginning_is_kept() -> None:
    with receiving(Answer(500, b"x" * 100_000)) as receiver:
        assert posted(receiver).reply == "x" * 4096


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("9" * 30, 9_999_999_999.0),
        ("Mon, 23 Mar 2026 12:05:00 GMT", 300.0),
        ("Mon, 23 Mar 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Mar 2026 12:05:00", None),
        ("-5", None),
        ("soon", None),
        ("١٢", None),
    ],
)
def test_a_receiver_may_ask_to_be_left_alone_for_some_time(said: str, seconds: float | None) -> None:
    with receiving(Answer(503, b"", (("Retry-After", said.encode().decode("latin-1")),))) as receiver:
        assert posted(receiver).retry_after == seconds


def test_a_receiver_that_is_slow_or_not_there_is_told_apart() -> None:
    with receiving(Answer(pause=5)) as receiver:
        slow = posted(receiver, seconds=0.3)
    assert (slow.status, slow.error, slow.is_received) == (None, "it did not answer in time", False)
    assert 250 <= slow.ms < 4500
    nobody = posted(receiver)
    assert (nobody.failure.split(":")[0], nobody.reply) == ("it cannot be reached", None)


def test_an_address_that_is_not_allowed_any_more_gets_nothing() -> None:
    with receiving() as receiver:
        done = post(GuardedClient(Http()), receiver.url, {}, b"{}", 1, NOW)
        assert done.error == "nothing was sent: of the URL, it must begin with https://"
        inside = Http(ports=(receiver.port,), allow_plain_http=True)
        done = post(GuardedClient(inside), f"http://localhost:{receiver.port}/", {}, b"{}", 1, NOW)
        assert done.failure == "nothing was sent: localhost is not at a public address"
        assert receiver.got == []
