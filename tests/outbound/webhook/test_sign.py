"""Signatures, as the verifier of Standard Webhooks reads them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from ingest.outbound.webhook.sign import body_header, key_of, new_secret, signed_headers

BODY = '{"event":"release.updated","data":{"packageName":"Größe 🎵"}}'.encode()


def verifies(secret: str, headers: dict[str, str], body: bytes = BODY) -> bool:
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def test_a_secret_is_32_random_bytes() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(key_of(one)) for one in made} == {32}
    assert all(one.startswith("whsec_") for one in made)


def test_the_known_signature_of_a_known_message() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed_headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", datetime(2021, 2, 25, 15, 55, 30, tzinfo=UTC), b"{}", [secret]
    )
    signed = hmac.new(base64.b64decode(secret[6:]), b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614268530.{}", hashlib.sha256)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614268530",
        "webhook-signature": f"v1,{base64.b64encode(signed.digest()).decode()}",
    }


def test_while_a_secret_is_replaced_both_verify_and_nobody_elses() -> None:
    new, old, other = new_secret(), new_secret(), new_secret()
    headers = signed_headers("msg_1", datetime.now(UTC), BODY, [new, old])
    assert headers["webhook-signature"].count("v1,") == 2
    assert [verifies(one, headers) for one in (new, old, other)] == [True, True, False]
    assert [verifies(one, signed_headers("msg_1", datetime.now(UTC), BODY, [new])) for one in (new, old)] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    "changed", [{"webhook-id": "msg_2"}, {"webhook-timestamp": str(int(datetime.now(UTC).timestamp()) + 1)}]
)
def test_what_was_changed_on_its_way_does_not_verify(changed: dict[str, str]) -> None:
    secret = new_secret()
    headers = signed_headers("msg_1", datetime.now(UTC) - timedelta(seconds=9), BODY, [secret])
    assert verifies(secret, headers)
    assert not verifies(secret, headers | changed)
    assert not verifies(secret, headers, BODY.replace(b"release", b"rElease"))


def test_an_old_webhook_that_is_sent_again_by_somebody_else_does_not_verify() -> None:
    secret = new_secret()
    assert not verifies(secret, signed_headers("msg_1", datetime.now(UTC) - timedelta(minutes=6), BODY, [secret]))


def test_the_signature_of_the_body_alone_is_its_hmac_in_hex() -> None:
    secret = new_secret()
    expected = hmac.new(key_of(secret), BODY, hashlib.sha256).hexdigest()
    assert body_header(BODY, secret) == {"X-Signature-SHA256": expected}
