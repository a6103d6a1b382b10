"""A journal, a sealer and uploads over the application of a stage."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ingest.inbound.backend import Account
from ingest.inbound.journal import Journal
from ingest.inbound.seal import Sealer
from ingest.store.models import ReleaseFolder, Upload
from tests.stage import Stage


def journal_of(on: Stage, worker: str = "w1") -> tuple[Journal, Account]:
    journal = Journal(
        on.app.store,
        on.app.config.paths,
        on.app.storage,
        worker,
        on.clock,
        lambda label, name: None,
        on.app.alarm_daily,
    )
    account = journal.account("anna")
    assert account is not None
    return journal, account


def sealer_of(on: Stage) -> Sealer:
    def take(tx: Session, row: ReleaseFolder) -> None:
        on.app.moves.take(tx, row, "", on.clock())

    return Sealer(on.app.store, on.app.config.paths, on.app.storage, on.clock, take)


def upload(on: Stage, journal: Journal, account: Account, path: str) -> int:
    place = account.home / "incoming" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"x")
    connection = journal.connected(account, "127.0.0.1")
    with journal.changing(account, path):
        return journal.opened(account, connection, path, True)


def folder_of(on: Stage, name: str) -> ReleaseFolder | None:
    with on.app.store.reading() as tx:
        return tx.scalars(
            sa.select(ReleaseFolder).where(ReleaseFolder.name == name).order_by(ReleaseFolder.id.desc())
        ).first()


def ending(on: Stage, number: int) -> str:
    with on.app.store.reading() as tx:
        return tx.get_one(Upload, number).ending
