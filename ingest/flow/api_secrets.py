"""Secrets of the REST API: made at random, recognised by their beginning, stored as hashes.

A secret has 256 random bits, so that its SHA-256 can be stored: nobody finds it by trying (unlike a password, which
needs argon2).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import string
from datetime import datetime
from typing import Final

from ulid import ULID

LIVE_KEY: Final = "isp_live_"
TEST_KEY: Final = "isp_test_"
TOKEN: Final = "ist_"
"""How keys of labels, keys of sandbox labels and tokens of users begin: a secret that leaked into a log or a repository
is recognised by it."""

ALPHABET: Final = string.ascii_letters + string.digits
LENGTH: Final = 43
"""Characters behind the beginning: of 62 kinds, 43 hold 256 bits."""
SHOWN: Final = 4
"""Of these, how many are shown in lists, for people to tell keys apart."""

_SECRET: Final = re.compile(rf"(?:{LIVE_KEY}|{TEST_KEY}|{TOKEN})[A-Za-z0-9]{{{LENGTH}}}")


def new_secret(beginning: str) -> str:
    """A random secret of this kind."""
    return beginning + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def new_id(kind: str, now: datetime) -> str:
    """A public id, as `key_01J...`: a ULID, so that ids sort by time."""
    return f"{kind}_{ULID.from_datetime(now)}"


def is_secret(text: str) -> bool:
    """Whether this has the form of a secret; there may be none such."""
    return _SECRET.fullmatch(text) is not None


def start_of(secret: str) -> str:
    """How a secret begins, by which people recognise it."""
    return secret[: len(secret) - LENGTH + SHOWN]


def digest_of(secret: str) -> str:
    """The SHA-256 of a secret, in hexadecimal digits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def without_secrets(text: str) -> str:
    """A text in which each secret is cut down to how it begins, for logs."""
    return _SECRET.sub(lambda found: f"{start_of(found.group())}...", text)
