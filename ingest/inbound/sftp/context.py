"""What the connections of one process of the SFTP server share: configuration, threads, and each label's quota."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakValueDictionary

from ingest.config import Sftp
from ingest.inbound.backend import Account, SftpBackend
from ingest.inbound.sftp.accounts import Passwords
from ingest.inbound.sftp.connection_backend import Log
from ingest.inbound.sftp.limits import ConnectionLimits
from ingest.inbound.sftp.quota import LabelQuota
from ingest.inbound.sftp.quota_limits import QuotaLimits
from ingest.inbound.sftp.session import Session
from ingest.inbound.sftp.turns import Turns
from ingest.inbound.sftp.usage import NAME, Usage


@dataclass(slots=True)
class ServerContext:
    """What all connections of one process share.

    Requests are answered in `threads`. Accounts are looked up in `account_threads`, so that requests never delay a
    login. `read_only` gives a label's further read-only folders at the top of its tree.
    """

    backend: SftpBackend
    config: Sftp
    log: Log
    passwords: Passwords
    limits: ConnectionLimits
    threads: Executor
    account_threads: Executor
    read_only: Callable[[Account], Mapping[str, Path]]
    is_accelerated: bool = False
    quotas: dict[int, LabelQuota] = field(default_factory=dict)
    connected: Counter[int] = field(default_factory=Counter)
    sessions: set[Session] = field(default_factory=set)
    turns: WeakValueDictionary[int, Turns] = field(default_factory=WeakValueDictionary)
    is_draining: bool = False

    def held(self) -> int:
        """Bytes of requests that all sessions together hold in memory."""
        return sum(session.held for session in self.sessions)

    def turns_of(self, account: Account) -> Turns:
        """The label's turns in the threads, shared by all of its connections."""
        turns = self.turns.get(account.id)
        if turns is None:
            turns = self.turns[account.id] = Turns(self.threads)
        return turns

    def quota_of(self, account: Account) -> LabelQuota:
        """The label's quota, shared by all of its sessions in this process."""
        found = self.quotas.get(account.id)
        if found is None:
            root, usage, limits = account.home / "incoming", Usage(account.home / NAME), self._limits_of(account)
            made = LabelQuota(root, account.name, limits, usage, self.tell_ops, kept=lambda: self._kept(account))
            found = self.quotas.setdefault(account.id, made)
        return found

    def enter(self, label: int) -> None:
        """Count one more connection of the label with sessions. In the event loop, as `leave`."""
        self.connected[label] += 1

    def leave(self, label: int) -> None:
        """Count one connection less, after its sessions ended; with the last one the label's counts are closed.

        Else a descriptor would stay open for every label that was ever here.
        """
        self.connected[label] -= 1
        if self.connected[label] <= 0:
            del self.connected[label]
            if label in self.quotas:
                self.quotas[label].close()

    def refresh_quota(self, account: Account) -> None:
        """Apply a quota that was changed since the label logged in to its open sessions too."""
        try:
            fresh = self.backend.account(account.name)
        except Exception as crash:  # noqa: BLE001  whatever the backend raises, the old quota holds on
            self.backend_failed(crash, account.name)
            return
        if fresh is not None and fresh.id in self.quotas:
            self.quotas[fresh.id].quota = self._limits_of(fresh)

    def _limits_of(self, account: Account) -> QuotaLimits:
        return QuotaLimits(
            bytes=account.max_bytes or self.config.max_bytes_per_label,
            files=account.max_files or self.config.max_files_per_label,
            folders=account.max_folders or self.config.max_folders_per_label,
            min_free=self.config.min_free_bytes,
            ceiling=self.config.max_bytes_kept_per_label,
        )

    def _kept(self, account: Account) -> int | None:
        try:
            return self.backend.kept(account)
        except Exception as crash:  # noqa: BLE001  whatever the backend raises must not refuse an upload
            self.backend_failed(crash, account.name)
            return None

    def backend_failed(self, crash: Exception, label: str | None = None) -> None:
        """Log what the backend raised, and the name of the label that it was asked about, if any."""
        about = {} if label is None else {"label": label}
        self.log.warning("backend failed", **about, fault=f"{type(crash).__name__}: {crash}")

    def tell_ops(self, what: str, detail: str) -> None:
        """Log something and owe ops an email about it; a failure of the backend is logged."""
        self.log.warning("told ops", what=what, detail=detail)
        try:
            self.backend.alarm(what, detail)
        except Exception as crash:  # noqa: BLE001  whatever the backend raises must not end the server
            self.backend_failed(crash)
