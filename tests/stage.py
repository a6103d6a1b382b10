"""The application in this process: rows in SQLite, a clock set by hand, an engine that only notes what is enqueued."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from ingest.app.application import App, open_app
from ingest.config import load
from ingest.core.decision import By, Face
from ingest.flow.engine import Engine
from ingest.flow.jobs import Job
from ingest.flow.pipeline import NOTHING_LEFT
from ingest.inbound.seal import Sealer
from ingest.inbound.storage import Kept
from ingest.outbound.email.transports import EmailRefused, Refused
from ingest.outbound.shipment.build import Convert
from ingest.readers.folder import releases_in
from ingest.store import folders, labels
from ingest.store.database import Store
from ingest.store.models import Label, ReleaseFolder
from tests.store.rows import new_label

P = ParamSpec("P")
R = TypeVar("R")

START = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)

CONFIG = """
[operator]
qc_emails = ["qc@test.example"]
ops_emails = ["ops@test.example"]
[paths]
data = "data"
[email]
sender = "delivery@test.example"
[dsp.alpha]
path = "alpha"
[dsp.beta]
path = "beta"
"""


def by(who: str) -> By:
    """A person at the command line."""
    return By(who, Face.CLI)


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


class NotingEngine(Engine):
    """Keeps what was enqueued; runs nothing. `live` are the keys that count as not yet ended. Steps leave no trace."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.due: list[tuple[str, tuple[Any, ...], float]] = []
        self.live: list[str] = []
        self.priorities: dict[str, int | None] = {}

    def enqueue(
        self,
        tx: Session,
        flow: str,
        queue: str,
        key: str,
        *args: object,
        delay: float = 0,
        partition: str | None = None,
        priority: int | None = None,
    ) -> None:
        self.due.append((key, args, delay))
        self.priorities[key] = priority

    def step(self, name: str, body: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return body(*args, **kwargs)

    def commit(self, body: Callable[..., R], *args: object) -> R:
        with self._store.transaction() as tx:
            return body(tx, *args)

    def live_keys(self) -> frozenset[str]:
        return frozenset(self.live)

    def prune(self, before: datetime) -> int:
        return 0

    def keys(self) -> list[str]:
        return [key for key, _, _ in self.due]


@dataclass
class NotingTransport:
    """Keeps what was sent and to whom; refuses while `refusal` is set, and the recipients in `refused`."""

    sent: list[EmailMessage] = field(default_factory=list)
    refusal: EmailRefused | None = None
    to: list[tuple[str, ...]] = field(default_factory=list)
    refused: dict[str, Refused] = field(default_factory=dict)

    def send(self, message: EmailMessage, to: Sequence[str]) -> tuple[Refused, ...]:
        if self.refusal is not None:
            raise self.refusal
        taken = tuple(one for one in to if one not in self.refused)
        if taken:
            self.sent.append(message)
            self.to.append(taken)
        return tuple(self.refused[one] for one in to if one in self.refused)


@dataclass
class Stage:
    """The application with its clock, engine, transport, and the label `anna`."""

    app: App
    clock: Clock
    engine: NotingEngine
    transport: NotingTransport

    def place(self, folder: Path, whose: str = "anna") -> int:
        """Put a release folder into the label's /incoming, seal it, and return the (first) package's number."""
        app = self.app
        incoming = app.config.paths.incoming(whose)
        incoming.mkdir(parents=True, exist_ok=True)
        app.config.paths.spool_dir.mkdir(parents=True, exist_ok=True)
        folder.rename(incoming / folder.name)
        taken: list[int] = []

        def take(tx: Session, row: ReleaseFolder) -> None:
            sealed = app.storage.view(Kept(whose, row.id, row.name))
            taken.extend(app.moves.take(tx, row, path, self.clock()) for path in releases_in(sealed))

        with app.store.transaction() as tx:
            label = labels.find_label(tx, whose)
            assert label is not None
            row = folders.touch_folder(tx, label.id, folder.name, self.clock())
        assert Sealer(app.store, app.config.paths, app.storage, self.clock, take).seal(label, row, lambda: True)
        return taken[0]

    def judge(self, package: int) -> str:
        """The `ingest` workflow without its checkpoints."""
        pipeline = self.app.pipeline
        read = pipeline.read(package)
        with self.app.store.transaction() as tx:
            if not read:
                return NOTHING_LEFT
            if isinstance(read, str):
                pipeline.put_on_hold(tx, package, read)
                return read
            return pipeline.conclude(tx, package, read)

    def tell(self, notice: int, run: int = 1, attempt: int = 1) -> str:
        return self.carry(self.app.outbox, notice, run, attempt)

    def directory(self, dsp: str) -> Path:
        """Where this DSP's packages are put."""
        path = self.app.config.dsp[dsp].path
        assert path is not None
        return path

    def deliver(self, package: int, dsp: str, run: int = 1, attempt: int = 1) -> str:
        return self.carry(self.app.deliveries, package, dsp, run, attempt)

    def carry(self, job: Job[Any], *arguments: Any) -> str:
        """The workflow of a job without its checkpoints."""
        *ids, run, attempt = arguments
        ended = self.app.jobs.attempt(job, *ids)
        with self.app.store.transaction() as tx:
            return self.app.jobs.settle(job, tx, ids, run, attempt, ended)

    def label(self) -> Label:
        with self.app.store.reading() as tx:
            found = labels.find_label(tx, "anna")
        assert found is not None
        return found


def stage(
    home: Path,
    others: Sequence[tuple[str, str]] = (),
    config: str = CONFIG,
    convert: Convert | None = None,
) -> Stage:
    """The application with the label `anna`, and others by their names and titles."""
    (home / "config.toml").write_text(config, "utf-8")
    for dsp in ("alpha", "beta"):
        (home / dsp).mkdir()
    clock, transport = Clock(), NotingTransport()
    app = open_app(load(home / "config.toml"), clock, NotingEngine, transport, convert)
    engine = app.engine
    assert isinstance(engine, NotingEngine)
    app.store.migrate()
    with app.store.transaction() as tx:
        for name, title in (("anna", "Anna's Label"), *others):
            emails = [f"{name}@label.example"]
            new_label(tx, name, title=title, emails=emails, dsps=["alpha", "beta"], now=clock())
    return Stage(app, clock, engine, transport)


@contextmanager
def staged(
    home: Path,
    others: Sequence[tuple[str, str]] = (),
    config: str = CONFIG,
    convert: Convert | None = None,
) -> Iterator[Stage]:
    """As `stage`, until the block ends."""
    there = stage(home, others, config, convert)
    try:
        yield there
    finally:
        there.app.close()
