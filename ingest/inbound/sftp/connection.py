"""One SSH connection: login, the limit on its label's connections, its SFTP sessions, and its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import asyncssh

from ingest.inbound.backend import Account, Revoked
from ingest.inbound.sftp.accounts import authorized_keys
from ingest.inbound.sftp.algorithms import window_for
from ingest.inbound.sftp.answers import Answers
from ingest.inbound.sftp.changes import Changes
from ingest.inbound.sftp.connection_backend import ConnectionBackend, Trouble
from ingest.inbound.sftp.context import ServerContext
from ingest.inbound.sftp.fast_receive import accelerate
from ingest.inbound.sftp.guessing import PasswordCheck
from ingest.inbound.sftp.negotiation import disagreement
from ingest.inbound.sftp.refusals import OURS
from ingest.inbound.sftp.session import Session
from ingest.inbound.sftp.standing import Standing
from ingest.inbound.sftp.tree import Tree

T = TypeVar("T")

MAX_CHANNELS: Final = 2
MAX_NAMES: Final = 8
MAX_USER_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class Claim:
    """A user name that was tried: its account, None when unknown, and the public keys that may log in as it."""

    account: Account | None
    keys: asyncssh.SSHAuthorizedKeys | None


class Connection(asyncssh.SSHServer):
    """Implements login and SFTP sessions only, so that asyncssh refuses everything else (forwarding, shell, exec)."""

    def __init__(self, context: ServerContext, address: str, logged_in: Callable[[], object]) -> None:
        self._context = context
        self._address = address
        self._logged_in = logged_in
        self._passwords = PasswordCheck(context, address)
        self.is_made = False
        self._claims: dict[str, Claim] = {}
        self._account: Account | None = None
        self._backend: ConnectionBackend | None = None
        self._row: int | None = None
        self._attempts = 0
        self._is_counted = False
        self._has_sessions = False
        self._entering: asyncio.Task[None] | None = None
        self._standing: asyncio.Task[None] | None = None
        self._next_check: asyncio.TimerHandle | None = None
        self._is_accelerated = False
        self._admitted_at = self._idle_since = asyncio.get_running_loop().time()
        self._entered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._sessions: dict[Session, asyncio.Task[None]] = {}

    @property
    def sessions(self) -> int:
        """How many SFTP sessions are open on this connection."""
        return len(self._sessions)

    @property
    def uploads(self) -> int:
        """How many files its sessions have open for writing."""
        return sum(session.uploads for session in self._sessions)

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn
        self.is_made = True

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._entered.done():
            self._entered.set_result(False)
        if self._next_check:
            self._next_check.cancel()  # it refers to this connection, whose memory is wanted
        for session in self._sessions:
            session.connection_lost(exc)

    def close(self) -> None:
        """Abort the connection, as when the server stops; only once `is_made`."""
        self._conn.abort()

    def disagreement(self, host_keys: Sequence[str], ciphers: Sequence[str]) -> Mapping[str, str]:
        """Why the first key exchange failed, for the log (`negotiation`); empty when it did not. Once `is_made`."""
        return disagreement(self._conn, host_keys, ciphers)

    async def begin_auth(self, username: str) -> bool:
        """Look the account up, once for each name tried (RFC 4252, section 5); authentication is always required.

        What was found is kept by name, never as "the current one": requests for two names may overlap, and a proof for
        one must not let in the other. Raises DisconnectError for the ninth name, for one that no account can have, and
        when the backend fails.
        """
        if username in self._claims:
            return True
        if len(self._claims) >= MAX_NAMES or len(username) > MAX_USER_NAME or "\0" in username:
            raise asyncssh.DisconnectError(
                asyncssh.DISC_ILLEGAL_USER_NAME, "Too many user names, or none we could have."
            )
        try:
            account = await self._in_thread(lambda: self._context.backend.account(username))
        except Exception as crash:  # noqa: BLE001  whatever the backend raises must not end the server
            self._context.backend_failed(crash, username)
            raise asyncssh.DisconnectError(asyncssh.DISC_BY_APPLICATION, OURS) from None
        keys, bad_lines = authorized_keys(account)
        if bad_lines:
            self._context.log.warning("public keys cannot be read", label=username, count=bad_lines)
        self._claims[username] = Claim(account, keys)
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        claim = self._claims.get(username)
        if claim is None or claim.keys is None:
            return False
        return claim.keys.validate(key, self._address, self._address) is not None

    def public_key_auth_supported(self) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        claim = self._claims.get(username)
        account = claim.account if claim else None
        if await self._passwords.passes(account, password):
            return True
        self._attempts += 1
        self._context.log.warning("login failed", label=username[:64], address=self._address, attempt=self._attempts)
        if await self._passwords.failed(account):
            self._context.log.warning("address banned", address=self._address)
            self._attempts = self._context.config.max_password_attempts
        if self._attempts >= self._context.config.max_password_attempts:
            raise asyncssh.DisconnectError(
                asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE,
                "Too many wrong passwords. Check them, then connect again.",
            )
        return False

    async def auth_completed(self) -> None:
        self._admitted_at = self._idle_since = asyncio.get_running_loop().time()
        self._entering = asyncio.create_task(self._enter())
        await asyncio.shield(self._entering)

    async def _enter(self) -> None:
        """Count the connection of its label and record it in the journal; sessions and `finished` wait for this."""
        context = self._context
        claim = self._claims.get(str(self._conn.get_extra_info("username")))
        account = claim.account if claim else None
        if account is None:
            self._refuse(OURS)
            return
        self._account = account
        self._logged_in()
        context.limits.succeeded(self._address, account.id)
        context.passwords.logged_in(self._address)
        if not await context.limits.enter(account.id):
            context.log.warning("too many connections of one label", label=account.name, address=self._address)
            self._refuse("You have too many connections open. Set your program to use fewer at a time.")
            return
        self._is_counted = True
        try:
            self._row = await self._in_thread(lambda: context.backend.connected(account, self._address))
        except Exception as crash:  # noqa: BLE001  whatever the backend raises must not end the server
            context.backend_failed(crash, account.name)
            self._refuse(OURS)
            return
        await self._in_thread(lambda: context.refresh_quota(account))
        standing = Standing(self._in_thread, lambda: self._tend(account))
        backend = ConnectionBackend(context.backend, account, self._row, self._address, context.log, standing.revoked)
        self._backend = backend
        self._backend.note("logged in", client=str(self._conn.get_extra_info("client_version", "")))
        if not self._entered.done():
            self._entered.set_result(True)
        self._next_check = asyncio.get_running_loop().call_later(self._check_every, self._check_idle)
        self._standing = asyncio.create_task(self._end_when_revoked(standing.ending(backend)))

    def _tend(self, account: Account) -> None:
        """Close files that were removed since its sessions opened them for reading, and apply a changed quota."""
        try:
            for session in list(self._sessions):
                session.close_removed()
        except OSError as error:
            self._context.log.warning("removed files not let go", label=account.name, fault=str(error))
        self._context.refresh_quota(account)

    async def _end_when_revoked(self, ending: Awaitable[str]) -> None:
        self._conn.disconnect(asyncssh.DISC_BY_APPLICATION, await ending)

    def _refuse(self, text: str) -> None:
        if not self._entered.done():
            self._entered.set_result(False)
        self._conn.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, text)

    def session_requested(
        self,
    ) -> tuple[asyncssh.SSHServerChannel[bytes], Coroutine[None, None, asyncssh.SSHServerSession[bytes]]]:
        """A channel with a window for the client's round trip, estimated as the time from login to this request."""
        round_trip = asyncio.get_running_loop().time() - self._admitted_at
        return self._conn.create_server_channel(encoding=None, window=window_for(round_trip)), self._session()

    async def _session(self) -> asyncssh.SSHServerSession[bytes]:
        if not await self._entered or self._backend is None or self._context.is_draining:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "The connection is closing.")
        turns = self._context.turns_of(self._backend.account)
        try:
            await turns.run(self._backend.ask_standing)
        except (Revoked, Trouble) as why:
            text = str(why) if isinstance(why, Revoked) else OURS
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, text) from None
        if self._conn.is_closed():
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_CONNECT_FAILED, "The connection is closed.")
        if len(self._sessions) >= MAX_CHANNELS:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "Too many channels on one connection.")
        if self._context.is_accelerated and not self._is_accelerated:
            self._is_accelerated = True
            accelerate(self._conn)
        backend = self._backend
        context = self._context
        if not self._has_sessions:
            self._has_sessions = True
            context.enter(backend.account.id)
        session = Session(lambda: self._answers(backend), turns, self._conn.abort, backend.warn, context.held)
        task = asyncio.get_running_loop().create_task(session.run())
        self._sessions[session] = task
        context.sessions.add(session)
        task.add_done_callback(lambda _: self._sessions.pop(session, None))
        task.add_done_callback(lambda _: context.sessions.discard(session))
        return session

    def _answers(self, backend: ConnectionBackend) -> Answers:
        context = self._context
        tree = Tree(backend, context.read_only(backend.account))
        quota = context.quota_of(backend.account)
        changes = Changes(backend, tree, quota, context.config.max_files_per_folder)
        client = str(self._conn.get_extra_info("client_version", ""))
        return Answers(backend, tree, quota, changes, context.config.max_open_files, client)

    async def finished(self) -> None:
        """After the connection is lost: wait for its sessions to end, then tell the journal that it is gone."""
        if self._entering:
            await asyncio.wait([self._entering])
        if self._standing:
            self._standing.cancel()
        for session in list(self._sessions):
            session.connection_lost(None)
        if self._sessions:
            await asyncio.wait(list(self._sessions.values()))
        if self._has_sessions and self._account is not None:
            self._context.leave(self._account.id)
        if self._is_counted and self._account is not None:
            self._context.limits.leave(self._account.id)
        if self._row is None or self._backend is None:
            return
        row = self._row
        self._backend.note("logged out")
        try:
            await self._in_thread(lambda: self._context.backend.disconnected(row))
        except Exception as crash:  # noqa: BLE001  whatever the backend raises must not end the server
            self._backend.warn("backend failed", fault=f"{type(crash).__name__}: {crash}")

    @property
    def _check_every(self) -> float:
        return max(0.05, self._context.config.idle_seconds / 10)

    def _check_idle(self) -> None:
        """Drop the connection when none of its sessions was active for the idle time."""
        loop = asyncio.get_running_loop()
        if self._conn.is_closed():
            return
        self._idle_since = max((session.last_active for session in self._sessions), default=self._idle_since)
        if loop.time() - self._idle_since > self._context.config.idle_seconds:
            self._context.log.info("idle connection closed", address=self._address)
            self._conn.disconnect(asyncssh.DISC_BY_APPLICATION, "Closed after a long time without a transfer.")
            return
        self._next_check = loop.call_later(self._check_every, self._check_idle)

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._context.account_threads, call)
