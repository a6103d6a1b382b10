"""Whether a password may log in: it is right, and nobody is guessing.

A source that was banned meanwhile is not answered any more. Nor is a source that is new to a label at whose password
many guess: the label itself gets in from where it logged in lately, and with a public key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

import asyncssh

from ingest.inbound.backend import Account
from ingest.inbound.sftp.context import ServerContext
from ingest.inbound.sftp.refusals import OURS

T = TypeVar("T")

GUARDED: Final = (
    "Very many wrong passwords came within ten minutes. Until they end, passwords of this label are accepted only from"
    " where it has logged in within 30 days; public keys are accepted from everywhere."
)


class PasswordCheck:
    """The passwords that one connection is asked to believe."""

    def __init__(self, context: ServerContext, address: str) -> None:
        self._context = context
        self._address = address

    async def passes(self, account: Account | None, password: str) -> bool:
        """Whether this password lets this account in; one that is not believed is refused like a wrong one.

        It is asked before the check, so that the time of a refusal does not tell a right password, and after it, so
        that many guesses at one moment get no more answers than the same ones in turn. Raises DisconnectError when the
        backend fails.
        """
        is_believed = await self._is_believed(account)
        if not await self._context.passwords.check(account if is_believed else None, password, self._address):
            return False
        return await self._is_believed(account)

    async def failed(self, account: Account | None) -> bool:
        """Record that a password did not pass; True when its address is banned.

        Ops are told once guesses at one label become so many that sources new to it are not believed.
        """
        limits = self._context.limits
        if account is None:
            return await limits.failed(self._address, None)
        was_guarded = await limits.is_guarded(account.id)
        is_banned = await limits.failed(self._address, account.id)
        if not was_guarded and await limits.is_guarded(account.id):
            await self._in_thread(lambda: self._context.tell_ops(f"guesses at the password of {account.name}", GUARDED))
        return is_banned

    async def _is_believed(self, account: Account | None) -> bool:
        context, address = self._context, self._address
        if await context.limits.is_banned(address):
            return False
        if account is None or not await context.limits.is_guarded(account.id):
            return True
        try:
            return await self._in_thread(lambda: context.backend.logged_in_lately(account, address))
        except Exception as crash:  # noqa: BLE001  whatever the backend raises must not end the server
            context.backend_failed(crash, account.name)
            raise asyncssh.DisconnectError(asyncssh.DISC_BY_APPLICATION, OURS) from None

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._context.account_threads, call)
