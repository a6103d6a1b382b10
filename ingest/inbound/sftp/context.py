"""What the connections of one process of the SFTP server share: configuration, threads, and each label's room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

from ingest.config import Sftp
from ingest.inbound.door import Account, Door
from ingest.inbound.sftp.accounts import Passwords
from ingest.inbound.sftp.desk import Desk
from ingest.inbound.sftp.label_door import Log
from ingest.inbound.sftp.quota import Quota
from ingest.inbound.sftp.session import Session
from ingest.inbound.sftp.space import Space
from ingest.inbound.sftp.tally import NAME, Tally


@dataclass(slots=True)
class ServerContext:
    """What all connections of one process share.

    `shelves` gives a label's further read-only folders at the top of its tree.
    """

    door: Door
    config: Sftp
    log: Log
    passwords: Passwords
    desk: Desk
    threads: Executor
    shelves: Callable[[Account], Mapping[str, Path]]
    is_accelerated: bool = False
    spaces: dict[int, Space] = field(default_factory=dict)
    tallies: dict[int, Tally] = field(default_factory=dict)
    sessions: set[Session] = field(default_factory=set)
    is_draining: bool = False

    def held(self) -> int:
        """Bytes of requests that all sessions hold."""
        return sum(session.held for session in self.sessions)

    def space_of(self, account: Account) -> Space:
        """The label's room, shared by its sessions; made anew when its quota was changed."""
        quota = Quota(
            bytes=account.max_bytes or self.config.max_bytes_per_label,
            files=account.max_files or self.config.max_files_per_label,
            folders=account.max_folders or self.config.max_folders_per_label,
            min_free=self.config.min_free_bytes,
            ceiling=self.config.max_bytes_kept_per_label,
        )
        found = self.spaces.get(account.id)
        if found is None or found.quota != quota:
            root, tally = account.home / "incoming", self._tally_of(account)
            found = Space(root, account.name, quota, tally, self.tell_ops, kept=lambda: self._kept(account))
            self.spaces[account.id] = found
        return found

    def _kept(self, account: Account) -> int:
        try:
            return self.door.kept(account)
        except Exception as crash:  # noqa: BLE001  the door is another room: its crash must not refuse an upload
            self.log.warning("door failed", label=account.name, fault=f"{type(crash).__name__}: {crash}")
            return 0

    def _tally_of(self, account: Account) -> Tally:
        if account.id not in self.tallies:
            self.tallies[account.id] = Tally(account.home / NAME)
        return self.tallies[account.id]

    def tell_ops(self, what: str, detail: str) -> None:
        """Pass on what ops must know; where that fails the log has to do."""
        self.log.warning("told ops", what=what, detail=detail)
        try:
            self.door.alarm(what, detail)
        except Exception as crash:  # noqa: BLE001  the door is another room: its crash must not end the server
            self.log.warning("door failed", fault=f"{type(crash).__name__}: {crash}")
