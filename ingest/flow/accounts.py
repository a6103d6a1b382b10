"""Labels' accounts: added, listed, changed, locked out.

Every change is recorded with who made it and through which face of the program (`core.decision`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import asyncssh
from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.decision import By, DecisionKind
from ingest.core.notice import NoticeKind
from ingest.flow.account_fields import (
    MOST_BYTES,
    MOST_COUNT,
    check_addresses,
    check_keys,
    check_name,
    check_password,
    check_quota,
    new_password,
)
from ingest.flow.errors import Code, Conflict, Refused
from ingest.flow.home import make_home
from ingest.flow.lookup import check_dsps, check_sandbox, label_named
from ingest.flow.notify import Notify
from ingest.inbound.sftp import hash_password
from ingest.inbound.sftp.host_keys import host_keys
from ingest.inbound.sftp.quota_limits import used_under
from ingest.store import labels
from ingest.store.database import Clock, Store
from ingest.store.decisions import record_decision
from ingest.store.models import Label

RECORDED: Final = ("title", "emails", "dsps", "public_keys", "max_bytes", "is_sandbox")
"""The fields of a new label that are recorded with the decision to add it."""


@dataclass(frozen=True, slots=True)
class NewLabel:
    """An account to be added; `title` is the name as people write it, empty for the user name.

    With `keys_only` there is no password; else one is made if `password` is None. `max_bytes` is the quota under
    /incoming/, None for the configured one. A sandbox is for trying things out: its releases reach sandbox DSPs only.
    """

    name: str
    emails: Sequence[str]
    title: str = ""
    dsps: Sequence[str] = ()
    keys: Sequence[str] = ()
    password: str | None = field(default=None, repr=False)
    keys_only: bool = False
    max_bytes: int | None = None
    is_sandbox: bool = False


@dataclass(frozen=True, slots=True)
class LabelAccount:
    """An account without its secrets; `keys` are the public keys."""

    name: str
    title: str
    emails: tuple[str, ...]
    dsps: tuple[str, ...]
    keys: tuple[str, ...]
    has_password: bool
    enabled: bool
    is_sandbox: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """What a label may have under /incoming/ at one time (`most`) and has (`used`), in `unit`: bytes, files or folders.

    `is_own`: the quota is the label's own, not the configured one.
    """

    unit: str
    most: int
    is_own: bool
    used: int


@dataclass(frozen=True, slots=True)
class Accounts:
    """The use cases on accounts. Methods raise NotFound for an unknown label or DSP, and Refused for an invalid value.

    A change that changes nothing is not recorded.
    """

    config: Config
    store: Store
    notify: Notify
    clock: Clock

    def add(self, new: NewLabel, by: By, *, tell: bool = True) -> str | None:
        """Add a label with its home, and owe it an email with its credentials unless `tell` is False.

        Returns the password if one was made. Raises Conflict where a label of that name exists, OSError where the home
        cannot be made. After an error there may be a home without a label, never a label without a home.
        """
        new = self._checked(new)
        made = None if new.keys_only or new.password is not None else new_password()
        secret = None if new.keys_only else new.password or made
        hashed = None if secret is None else hash_password(secret)
        make_home(self.config.paths, new.name)
        with self.store.transaction() as tx:
            label = self._insert(tx, new, hashed)
            details = {name: getattr(label, name) for name in RECORDED}
            added = record_decision(tx, DecisionKind.ADD_LABEL, by, self.clock(), label=label.id, details=details)
            if tell:
                self._tell(tx, label, added, {"password": secret or ""})
        return made

    def every(self) -> tuple[LabelAccount, ...]:
        """All labels, sorted by name."""
        with self.store.reading() as tx:
            return tuple(map(_account, labels.list_labels(tx)))

    def get(self, name: str) -> LabelAccount:
        """The account of this name."""
        with self.store.reading() as tx:
            return _account(label_named(tx, name))

    def quota(self, name: str) -> tuple[QuotaLine, ...]:
        """The quotas of bytes, files and folders with what is used, which is counted on the disk now."""
        with self.store.reading() as tx:
            label = label_named(tx, name)
        usual, used = self.config.sftp, used_under(self.config.paths.incoming(name))
        rows = (
            ("bytes", label.max_bytes, usual.max_bytes_per_label, used[0]),
            ("files", label.max_files, usual.max_files_per_label, used[1]),
            ("folders", label.max_folders, usual.max_folders_per_label, used[2]),
        )
        return tuple(QuotaLine(unit, own or common, bool(own), now) for unit, own, common, now in rows)

    def set_title(self, name: str, title: str, by: By) -> None:
        """Set the name as people write it; an empty one means the user name."""
        self._change(name, by, DecisionKind.SET_TITLE, title=title or name)

    def set_emails(self, name: str, emails: Sequence[str], by: By) -> None:
        """Replace the addresses that get the label's emails; there must be at least one."""
        self._change(name, by, DecisionKind.SET_EMAILS, emails=check_addresses(emails))

    def agree_dsps(self, name: str, dsps: Sequence[str], by: By) -> None:
        """Replace the agreed DSPs; an empty list means none."""
        check_dsps(self.config, dsps)
        with self.store.transaction() as tx:
            label = label_named(tx, name)
            check_sandbox(self.config, name, dsps, is_sandbox=label.is_sandbox)
            self._record(tx, label, by, DecisionKind.AGREE_DSPS, dsps=list(dict.fromkeys(dsps)))

    def set_sandbox(self, name: str, by: By, *, is_sandbox: bool) -> None:
        """Say whether a label is a sandbox; keys of the other kind are refused from then on.

        Raises Conflict where it has a release or package already, and Refused while a DSP is agreed that does not go
        with it.
        """
        with self.store.transaction() as tx:
            label = label_named(tx, name)
            if label.is_sandbox != is_sandbox and labels.has_releases(tx, label.id):
                raise Conflict(Code.LABEL_HAS_RELEASES, label=name)
            check_sandbox(self.config, name, label.dsps, is_sandbox=is_sandbox)
            self._record(tx, label, by, DecisionKind.SET_SANDBOX, is_sandbox=is_sandbox)

    def set_quota(
        self,
        name: str,
        by: By,
        *,
        max_bytes: int | None = None,
        max_files: int | None = None,
        max_folders: int | None = None,
    ) -> None:
        """Set the quotas that are not None; 0 means the configured one."""
        check_quota(max_bytes, MOST_BYTES)
        check_quota(max_files, MOST_COUNT)
        check_quota(max_folders, MOST_COUNT)
        given = {"max_bytes": max_bytes, "max_files": max_files, "max_folders": max_folders}
        changed = {unit: value or None for unit, value in given.items() if value is not None}
        self._change(name, by, DecisionKind.SET_QUOTA, **changed)

    def set_keys(self, name: str, keys: Sequence[str], by: By) -> None:
        """Replace the public keys that may log in; open sessions of the label end.

        Refused if nothing is left to log in with.
        """
        checked = check_keys(keys)
        with self.store.transaction() as tx:
            label = label_named(tx, name)
            if not checked and label.password_hash is None:
                raise Refused(Code.LOGIN_MISSING)
            self._record(tx, label, by, DecisionKind.SET_KEYS, public_keys=checked)

    def renew_password(self, name: str, by: By, *, tell: bool = True) -> str:
        """Make a new password, owe the label an email with it unless `tell` is False, and return it.

        Sessions of the label end.
        """
        secret = new_password()
        hashed = hash_password(secret)
        with self.store.transaction() as tx:
            label = label_named(tx, name)
            labels.change_label(label, password_hash=hashed)
            renewed = record_decision(tx, DecisionKind.RENEW_PASSWORD, by, self.clock(), label=label.id)
            if tell:
                self._tell(tx, label, renewed, {"password": secret, "renewed": "yes"})
        return secret

    def enable(self, name: str, by: By) -> None:
        """Let a disabled label log in again."""
        self._change(name, by, DecisionKind.ENABLE_LABEL, enabled=True)

    def disable(self, name: str, by: By) -> None:
        """Lock a label out: its sessions end within 20 seconds, what it uploaded stays."""
        self._change(name, by, DecisionKind.DISABLE_LABEL, enabled=False)

    def _checked(self, new: NewLabel) -> NewLabel:
        """The new label with every field checked, a title, and no duplicates."""
        check_name(new.name)
        check_dsps(self.config, new.dsps)
        check_sandbox(self.config, new.name, new.dsps, is_sandbox=new.is_sandbox)
        check_quota(new.max_bytes, MOST_BYTES)
        if new.keys_only and not new.keys:
            raise Refused(Code.LOGIN_MISSING)
        if new.password is not None:
            check_password(new.password)
        return replace(
            new,
            title=new.title or new.name,
            emails=check_addresses(new.emails),
            keys=check_keys(new.keys),
            dsps=list(dict.fromkeys(new.dsps)),
        )

    def _insert(self, tx: Session, new: NewLabel, password_hash: str | None) -> Label:
        try:
            return labels.add_label(
                tx,
                name=new.name,
                title=new.title,
                emails=new.emails,
                password_hash=password_hash,
                public_keys=new.keys,
                dsps=new.dsps,
                max_bytes=new.max_bytes or None,
                is_sandbox=new.is_sandbox,
                now=self.clock(),
            )
        except labels.LabelExists:
            raise Conflict(Code.LABEL_EXISTS, label=new.name) from None

    def _change(self, name: str, by: By, kind: DecisionKind, **values: Any) -> None:
        with self.store.transaction() as tx:
            self._record(tx, label_named(tx, name), by, kind, **values)

    def _record(self, tx: Session, label: Label, by: By, kind: DecisionKind, **values: Any) -> None:
        if changed := labels.change_label(label, **values):
            record_decision(tx, kind, by, self.clock(), label=label.id, details=changed)

    def _tell(self, tx: Session, label: Label, decision: int, details: dict[str, Any]) -> None:
        """Owe the label its credentials; the number of the `decision` behind them makes the email's key unique."""
        key = f"credentials:{label.id}:{decision}"
        known = {"user": label.name, "title": label.title, **details, **_fingerprint(self.config)}
        self.notify.of_label(tx, label.id, label.emails, NoticeKind.CREDENTIALS, key, self.clock(), known)


def _fingerprint(config: Config) -> dict[str, str]:
    """The fingerprint of the server's first host key, which FileZilla shows at the first connection."""
    keys = [asyncssh.read_private_key(path) for path in host_keys(config)]
    return {"fingerprint": keys[0].get_fingerprint()} if keys else {}


def _account(label: Label) -> LabelAccount:
    return LabelAccount(
        name=label.name,
        title=label.title,
        emails=tuple(label.emails),
        dsps=tuple(label.dsps),
        keys=tuple(label.public_keys),
        has_password=label.password_hash is not None,
        enabled=label.enabled,
        is_sandbox=label.is_sandbox,
        created_at=label.created_at,
    )
