"""Labels' accounts: added, listed, changed, locked out. Every change records who made it and through which face."""

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
from ingest.flow.lookup import check_dsps, label_named
from ingest.flow.notify import Notify
from ingest.inbound.sftp import hash_password
from ingest.inbound.sftp.host_keys import host_keys
from ingest.inbound.sftp.quota_limits import used_under
from ingest.store import labels
from ingest.store.database import Clock, Store
from ingest.store.decisions import record_decision
from ingest.store.models import Label

RECORDED: Final = ("title", "emails", "dsps", "public_keys", "max_bytes")
"""What is recorded of a label that is added."""


@dataclass(frozen=True, slots=True)
class NewLabel:
    """An account to be added; `title` is the name as people write it, where it is empty the user name.

    With `keys_only` there is no password; else one is made where `password` is None. `max_bytes` is the quota under
    /incoming/, None for the configured one.
    """

    name: str
    emails: Sequence[str]
    title: str = ""
    dsps: Sequence[str] = ()
    keys: Sequence[str] = ()
    password: str | None = field(default=None, repr=False)
    keys_only: bool = False
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class LabelAccount:
    """An account as people see it."""

    name: str
    title: str
    emails: tuple[str, ...]
    dsps: tuple[str, ...]
    keys: tuple[str, ...]
    has_password: bool
    enabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class QuotaLine:
    """What a label may have under /incoming/ at one time, and has, in `unit`: bytes, files or folders.

    `is_own` tells a quota of the label's own from the configured one.
    """

    unit: str
    most: int
    is_own: bool
    used: int


@dataclass(frozen=True, slots=True)
class Accounts:
    """Every method raises NotFound for a label or DSP that there is not, and Refused for a value that cannot be.

    A change that changes nothing is not recorded.
    """

    config: Config
    store: Store
    notify: Notify
    clock: Clock

    def add(self, new: NewLabel, by: By, *, tell: bool = True) -> str | None:
        """Add a label with its home, and owe it an email with its credentials unless `tell` is False.

        Returns the password if one was made. Raises Conflict where there is a label of that name. The home may be left
        behind without a label, never a label without its home.
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
        """All labels by their names."""
        with self.store.reading() as tx:
            return tuple(map(_account, labels.list_labels(tx)))

    def get(self, name: str) -> LabelAccount:
        with self.store.reading() as tx:
            return _account(label_named(tx, name))

    def quota(self, name: str) -> tuple[QuotaLine, ...]:
        """Bytes, files and folders; counts the label's files on the disk."""
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
        self._change(name, by, DecisionKind.SET_TITLE, title=title or name)

    def set_emails(self, name: str, emails: Sequence[str], by: By) -> None:
        """Who gets the emails, instead of who got them."""
        self._change(name, by, DecisionKind.SET_EMAILS, emails=check_addresses(emails))

    def agree_dsps(self, name: str, dsps: Sequence[str], by: By) -> None:
        """The agreed DSPs, in place of those that were; none where `dsps` is empty."""
        check_dsps(self.config, dsps)
        self._change(name, by, DecisionKind.AGREE_DSPS, dsps=list(dict.fromkeys(dsps)))

    def set_quota(
        self,
        name: str,
        by: By,
        *,
        max_bytes: int | None = None,
        max_files: int | None = None,
        max_folders: int | None = None,
    ) -> None:
        """Change the quotas that are not None; 0 is what the configuration says."""
        check_quota(max_bytes, MOST_BYTES)
        check_quota(max_files, MOST_COUNT)
        check_quota(max_folders, MOST_COUNT)
        given = {"max_bytes": max_bytes, "max_files": max_files, "max_folders": max_folders}
        changed = {unit: value or None for unit, value in given.items() if value is not None}
        self._change(name, by, DecisionKind.SET_QUOTA, **changed)

    def set_keys(self, name: str, keys: Sequence[str], by: By) -> None:
        """The public keys that may log in, in place of those that could; sessions of the label end."""
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
        self._change(name, by, DecisionKind.ENABLE_LABEL, enabled=True)

    def disable(self, name: str, by: By) -> None:
        """Lock a label out, also where it is connected; what it uploaded stays."""
        self._change(name, by, DecisionKind.DISABLE_LABEL, enabled=False)

    def _checked(self, new: NewLabel) -> NewLabel:
        """The label with its title, and with nothing twice."""
        check_name(new.name)
        check_dsps(self.config, new.dsps)
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
        """Owe the label its credentials; `decision` is the number of the one that they follow from."""
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
        created_at=label.created_at,
    )
