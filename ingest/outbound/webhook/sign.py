"""Signatures of webhooks as in Standard Webhooks: HMAC-SHA256 over id, time and body, one for each secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"
KEY_BYTES: Final = 32


def new_secret() -> str:
    """A new secret: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def key_of(secret: str) -> bytes:
    """The bytes that sign, of a secret as `new_secret` makes it."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def signed_headers(message: str, at: datetime, body: bytes, signing: Sequence[str]) -> dict[str, str]:
    """The three headers of a webhook sent at that time; `signing` are the secrets, of which each gives a signature."""
    seconds = int(at.timestamp())
    signed = b".".join((message.encode(), str(seconds).encode(), body))
    digests = (hmac.new(key_of(secret), signed, hashlib.sha256).digest() for secret in signing)
    signatures = " ".join(f"v1,{base64.b64encode(digest).decode('ascii')}" for digest in digests)
    return {"webhook-id": message, "webhook-timestamp": str(seconds), "webhook-signature": signatures}


def body_header(body: bytes, secret: str) -> dict[str, str]:
    """The header for receivers that know the body alone: its HMAC-SHA256 in hex. It does not prove when it was sent."""
    return {"X-Signature-SHA256": hmac.new(key_of(secret), body, hashlib.sha256).hexdigest()}
