"""One attempt to post a webhook, and what the receiver replied."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from ingest.outbound.http.client import GuardedClient, HttpError, Limits
from ingest.outbound.http.target import BadUrl

REPLY_BYTES: Final = 4096
CONNECT_SECONDS: Final = 10
GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Exchange:
    """What an attempt came to, after `ms` milliseconds.

    `status` is that of the reply and `reply` the beginning of its content as text, each None where there was no reply;
    then `error` says why. `retry_after` are the seconds that the receiver asks to be left alone, if it does.
    """

    ms: int
    status: int | None = None
    reply: str | None = None
    error: str | None = None
    retry_after: float | None = None

    @property
    def is_received(self) -> bool:
        """Whether the receiver has it: it answered 2xx. A redirect is none of these."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """Whether the receiver says that there will never be anybody there: it answered 410."""
        return self.status == GONE

    @property
    def failure(self) -> str:
        """Why the receiver does not have it, in words."""
        if self.status is None:
            return self.error or "there was no reply"
        if 300 <= self.status < 400:
            return f"it answered {self.status}, a redirect, which is not followed"
        return f"it answered {self.status}"


def post(
    client: GuardedClient, url: str, headers: Mapping[str, str], body: bytes, seconds: float, now: datetime
) -> Exchange:
    """Post a webhook and wait up to `seconds` for the reply; `now` is what a date in Retry-After counts from.

    Call it from a thread without an event loop.
    """
    limits = Limits(min(CONNECT_SECONDS, seconds), seconds, seconds, REPLY_BYTES)
    told = {"Content-Type": "application/json; charset=utf-8", **headers}
    began = time.monotonic()
    try:
        reply = asyncio.run(client.exchange("POST", url, told, body, limits))
    except BadUrl as error:
        return Exchange(_since(began), error=f"nothing was sent: of the URL, {error}")
    except HttpError as error:
        return Exchange(_since(began), error=str(error))
    text = reply.content.decode("utf-8", "replace")
    return Exchange(_since(began), reply.status, text, retry_after=_seconds(reply.headers.get("retry-after"), now))


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _seconds(value: str | None, now: datetime) -> float | None:
    """The seconds of a Retry-After, which is a number or a date (RFC 9110, section 10.2.3); None for anything else."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
