"""Every part of the application, built on one configuration, one database and one workflow engine.

The daemon also launches the engine; the command line only enqueues, so that every verb works beside a running daemon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.check import reading_of
from ingest.config import Config
from ingest.flow.accounts import Accounts
from ingest.flow.engine import Engine
from ingest.flow.maintenance import Maintenance
from ingest.flow.moves import Moves
from ingest.flow.outbox import Outbox, transport_of
from ingest.flow.pictures import Pictures
from ingest.flow.pipeline import Pipeline
from ingest.flow.proof import Proof
from ingest.flow.reports import Reports
from ingest.flow.review import Review
from ingest.flow.views import Views
from ingest.host.logs import logger
from ingest.inbound.intake import LOOKS_SIDE_BY_SIDE
from ingest.readers.pool import Pool
from ingest.store.database import Clock, Store


def now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    config: Config
    store: Store
    engine: Engine
    moves: Moves
    outbox: Outbox
    reports: Reports
    pipeline: Pipeline
    proof: Proof
    review: Review
    maintenance: Maintenance
    clock: Clock
    looks: Pool
    accounts: Accounts
    views: Views
    pictures: Pictures

    def alarm(self, what: str, detail: str) -> None:
        """Owe ops an email, in a transaction of its own; the same alarm is raised once an hour at most."""
        with self.store.transaction() as tx:
            self.moves.alarm(tx, what, detail, self.clock())

    def alarm_daily(self, what: str, detail: str) -> None:
        """As `alarm`, but once a day at most, for what lasts."""
        with self.store.transaction() as tx:
            self.moves.alarm(tx, what, detail, self.clock(), daily=True)

    def migrate(self) -> None:
        """Migrate the tables of `ingest`, then those of the workflow engine."""
        self.store.migrate()
        self.engine.migrate()

    def close(self) -> None:
        self.looks.close()
        self.pipeline.reading.pool.close()
        self.engine.disconnect()
        self.store.close()


def open_app(config: Config, clock: Clock = now) -> App:
    """Build every part. Opens the database; starts no thread and no workflow."""
    store = Store(config.database_url)
    built: list[App] = []

    def alarm(what: str, detail: str) -> None:
        built[0].alarm(what, detail)

    log: Callable[..., None] = logger("ingest").info
    engine = Engine(store, alarm)
    moves = Moves(config, engine)
    outbox = Outbox(config, store, transport_of(config), log)
    reports = Reports(config, store, moves, outbox, clock, log)
    proof = Proof(config, store, log)
    pipeline = Pipeline(config, store, engine, moves, outbox, reading_of(config), proof, clock, log)
    review = Review(config, store, engine, moves, proof, clock)
    maintenance = Maintenance(config, store, engine, moves, clock, log)
    app = App(
        config,
        store,
        engine,
        moves,
        outbox,
        reports,
        pipeline,
        proof,
        review,
        maintenance,
        clock,
        Pool(LOOKS_SIDE_BY_SIDE),
        Accounts(config, store, moves, clock),
        Views(store, outbox),
        Pictures(config, store, proof, pipeline.reading),
    )
    built.append(app)
    return app
