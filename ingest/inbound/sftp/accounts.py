"""Checks of passwords and public keys at login. Passwords are stored as argon2id hashes and checked in two threads.

A password is prepared by SASLprep (RFC 4013) before it is hashed or checked, whatever method it comes by (RFC 4252,
section 8; RFC 4256, section 3.1): asyncssh does so for the method `password` only.

To refuse an unknown user, a disabled one or one without a password takes as long as to refuse a wrong password.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import asyncssh
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from asyncssh.saslprep import saslprep

from ingest.inbound.backend import Account
from ingest.inbound.sftp.login_turns import LoginTurns

THREADS: Final = 2
REMEMBERED_SECONDS: Final = 300.0
REMEMBERED_MOST: Final = 10_000
MAX_PASSWORD: Final = 1024

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY: Final = _HASHER.hash(secrets.token_hex())


def prepared(password: str) -> str:
    """The password by SASLprep; raises ValueError where that forbids it, or leaves nothing of it.

    Forbidden are control and private characters, those that Unicode 3.2 does not have (every emoji), and a mixture of
    writing directions.
    """
    ready = saslprep(password)
    if not ready:
        raise ValueError("nothing is left of this password")
    return ready


def hash_password(password: str) -> str:
    """The argon2id hash to store: 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).

    Raises ValueError as `prepared` does.
    """
    return _HASHER.hash(prepared(password))


def verify_password(stored: str | None, password: str) -> bool:
    """True when `password` is the one that was hashed. Without a stored hash it takes as long, and is False.

    Hashes of earlier versions were made of passwords that were not prepared; so such a one is tried as it came, too.
    """
    try:
        ready = prepared(password)
    except ValueError:
        ready = password
    return _verify(stored, ready) or (ready != password and _verify(stored, password))


def _verify(stored: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


class Passwords:
    """Checks passwords in two threads, and remembers good ones for five minutes: programs log in many times.

    They are remembered as keyed hashes, with a key that never leaves this process. Who waits for a thread waits in
    turns by address (`LoginTurns`).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._good: dict[bytes, float] = {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._turns = LoginTurns(THREADS, clock)

    def close(self) -> None:
        """Let the threads end; checks that have not begun are cancelled."""
        self._threads.shutdown(cancel_futures=True)

    def logged_in(self, address: str) -> None:
        """Note that somebody logged in from this address, by whatever method."""
        self._turns.succeeded(address)

    async def check(self, account: Account | None, password: str, address: str = "") -> bool:
        """True when the account is enabled and this is its password. Awaits a turn of the client's `address`."""
        stored = account.password_hash if account is not None and account.enabled else None
        if len(password) > MAX_PASSWORD:
            stored, password = None, ""
        mark = self._mark(account, stored, password)
        if stored is not None and self._good.get(mark, 0.0) > self._clock():
            return True
        loop = asyncio.get_running_loop()
        async with self._turns.turn(address):
            is_good = await loop.run_in_executor(self._threads, verify_password, stored, password)
        if is_good:
            self._remember(mark)
        return is_good

    def _mark(self, account: Account | None, stored: str | None, password: str) -> bytes:
        """The HMAC-SHA-256 under which a good login is remembered; another stored hash makes another one."""
        said = repr((account.id if account else None, stored, password)).encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, said, hashlib.sha256)

    def _remember(self, mark: bytes) -> None:
        now = self._clock()
        if len(self._good) >= REMEMBERED_MOST:
            self._good = {old: until for old, until in self._good.items() if until > now}
        if len(self._good) < REMEMBERED_MOST:
            self._good[mark] = now + REMEMBERED_SECONDS


def authorized_keys(account: Account | None) -> tuple[asyncssh.SSHAuthorizedKeys | None, int]:
    """The keys that an enabled account may log in with, and how many of its lines are not in authorized_keys format."""
    if account is None or not account.enabled:
        return None, 0
    good = [line for line in account.public_keys if _is_readable(line)]
    keys = asyncssh.import_authorized_keys("\n".join(good)) if good else None
    return keys, len(account.public_keys) - len(good)


def _is_readable(line: str) -> bool:
    try:
        asyncssh.import_authorized_keys(line)
    except ValueError:
        return False
    return True
