"""Packages brought to some state, and what the rows say of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ingest.flow.password_key import PasswordKey
from ingest.store import packages
from ingest.store.models import Notice, Package, ReleaseRow
from tests.lives import whole
from tests.packages import Good, write_good
from tests.stage import Stage, by


@contextmanager
def counted_commits(on: Stage) -> Iterator[list[str]]:
    """A list that gets an entry for each transaction that wrote and was committed in the block."""
    commits: list[str] = []

    def committed(connection: sa.Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        if driver.in_transaction:
            commits.append("commit")

    sa.event.listen(on.app.store.engine, "commit", committed)
    yield commits
    sa.event.remove(on.app.store.engine, "commit", committed)


def status_of(on: Stage, package: int) -> str:
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, package)
    assert row is not None
    return row.status


def owed(on: Stage) -> list[tuple[str, list[str]]]:
    with on.app.store.reading() as tx:
        return [(row.kind, row.recipients) for row in tx.scalars(sa.select(Notice).order_by(Notice.id))]


def alarms(on: Stage) -> list[str]:
    with on.app.store.reading() as tx:
        rows = tx.scalars(sa.select(Notice).where(Notice.kind == "alarm").order_by(Notice.id))
        return [str(row.details["what"]) for row in rows]


def title_of(on: Stage) -> str | None:
    """The title of the only release."""
    with on.app.store.reading() as tx:
        return tx.scalars(sa.select(ReleaseRow)).one().title


def approved(on: Stage, tmp_path: Path) -> int:
    package = on.place(write_good(tmp_path / "label", Good.SINGLE))
    on.judge(package)
    on.app.review.approve(package, by("qc-person"), "Lovely")
    return package


def row_of(on: Stage, package: int) -> Package:
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, package)
        assert row is not None
        return row


def first(on: Stage, tmp_path: Path, *, delivered_to: tuple[str, ...] = ()) -> int:
    """The single, accepted and, where DSPs are named, delivered to them."""
    package = on.place(whole(tmp_path, "First"))
    assert on.judge(package) == "Needs QC"
    if delivered_to:
        on.app.review.approve(package, by("ngozi"), dsps=delivered_to)
        for dsp in delivered_to:
            on.deliver(package, dsp)
    return package


def codes_of(on: Stage, package: int, *severities: str) -> list[str]:
    """The codes of a package, but for those about its folder's name."""
    with on.app.store.reading() as tx:
        found = packages.findings_of(tx, package)
    told = [one for one in found if one.code not in ("PKG-029", "PKG-030")]
    return [one.code for one in told if not severities or one.severity.value in severities]


def emails_of(on: Stage, package: int) -> list[str]:
    with on.app.store.reading() as tx:
        return list(tx.scalars(sa.select(Notice.kind).where(Notice.package_id == package).order_by(Notice.id)))


def in_clear(row: Notice, state: Path) -> dict[str, str]:
    """The details of an owed email with its password as the label will read it."""
    details = dict(row.details)
    if "encrypted_password" in details:
        details["password"] = PasswordKey(state).decrypt(details.pop("encrypted_password"), row.key)
    return details
