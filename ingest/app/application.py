"""Every part of the application, built on one configuration, one database and one workflow engine.

The daemon also launches the engine; the command line only enqueues, so that every verb works beside a running daemon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ingest.app.catalogue_parts import CatalogueParts, Shared, catalogue_parts
from ingest.check import reading_of
from ingest.config import Config
from ingest.core.log import Log
from ingest.flow.accounts import Accounts
from ingest.flow.acknowledgements import Acknowledgements
from ingest.flow.api_keys import ApiKeys
from ingest.flow.api_tokens import ApiTokens
from ingest.flow.callers import Callers
from ingest.flow.copies import Copies
from ingest.flow.deliveries import Deliveries
from ingest.flow.delivery_answers import DeliveryAnswers
from ingest.flow.delivery_requests import DeliveryRequests
from ingest.flow.delivery_views import DeliveryViews
from ingest.flow.dsp_answers import DspAnswersFetch
from ingest.flow.emails import Emails
from ingest.flow.engine import Engine
from ingest.flow.jobs import Jobs, Work
from ingest.flow.maintenance import Maintenance
from ingest.flow.moves import Moves
from ingest.flow.notify import Notify
from ingest.flow.outbox import Outbox, transport_of
from ingest.flow.pictures import Pictures
from ingest.flow.pipeline import Pipeline, Readings
from ingest.flow.proof import Proof
from ingest.flow.proposals import Proposals
from ingest.flow.reports import Reports
from ingest.flow.resend import Resend
from ingest.flow.review import Review
from ingest.flow.shipment_check import ShipmentCheck
from ingest.flow.shipment_views import ShipmentViews
from ingest.flow.shipments import Shipments
from ingest.flow.storage import DirectoryStorage
from ingest.flow.takedowns import Takedowns
from ingest.flow.views import Views
from ingest.flow.webhook_endpoints import WebhookEndpoints
from ingest.flow.webhook_sending import WebhookSending
from ingest.flow.webhook_views import WebhookViews
from ingest.flow.webhooks import Webhooks
from ingest.host.logs import logger
from ingest.inbound.intake import LOOKS_SIDE_BY_SIDE
from ingest.inbound.storage import Storage
from ingest.outbound.email.transports import Transport
from ingest.outbound.http.client import GuardedClient
from ingest.outbound.shipment.build import Convert
from ingest.readers.conversion.convert import convert as converted
from ingest.readers.pool import Pool
from ingest.store.database import Clock, Store


def now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """Every part of the application, as `open_app` makes it. Close it in the end."""

    config: Config
    store: Store
    engine: Engine
    storage: Storage
    notify: Notify
    moves: Moves
    jobs: Jobs
    outbox: Outbox
    deliveries: Deliveries
    acknowledgements: Acknowledgements
    webhooks: Webhooks
    webhook_sending: WebhookSending
    reports: Reports
    pipeline: Pipeline
    proof: Proof
    maintenance: Maintenance
    answers: DspAnswersFetch
    clock: Clock
    looks: Pool
    pictures: Pictures
    callers: Callers
    parts: CatalogueParts

    @property
    def review(self) -> Review:
        """QC's decisions."""
        return Review(self.config, self.store, self.moves, self.notify, self.deliveries, self.proof, self.clock)

    @property
    def delivery_requests(self) -> DeliveryRequests:
        """What people and programs ask of deliveries."""
        return DeliveryRequests(self.config, self.store, self.deliveries, self.clock)

    @property
    def takedowns(self) -> Takedowns:
        """Taking releases down."""
        return Takedowns(self.config, self.store, self.deliveries, self.notify, self.clock)

    @property
    def delivery_views(self) -> DeliveryViews:
        """Deliveries as people look at them."""
        return DeliveryViews(self.config, self.store)

    @property
    def resend(self) -> Resend:
        """The sending again of emails that were given up."""
        return Resend(self.store, self.outbox, self.notify, self.clock)

    @property
    def accounts(self) -> Accounts:
        """Labels' accounts."""
        return Accounts(self.config, self.store, self.notify, self.clock)

    @property
    def api_keys(self) -> ApiKeys:
        """Partner keys of the REST API."""
        return ApiKeys(self.store, self.callers, self.clock)

    @property
    def api_tokens(self) -> ApiTokens:
        """Tokens of labels' users for the REST API."""
        return ApiTokens(self.store, self.clock)

    @property
    def webhook_endpoints(self) -> WebhookEndpoints:
        """What people do with webhook endpoints."""
        return WebhookEndpoints(self.config, self.store, self.webhooks, self.webhook_sending, self.clock)

    @property
    def webhook_views(self) -> WebhookViews:
        """Webhook endpoints and their log as people look at them."""
        return WebhookViews(self.store)

    @property
    def views(self) -> Views:
        """Packages as people look at them."""
        return Views(self.store, self.storage, self.deliveries.shipments.proposals.told)

    @property
    def shipment_views(self) -> ShipmentViews:
        """Shipments as people look at them."""
        return ShipmentViews(self.store, self.storage)

    @property
    def copies(self) -> Copies:
        """Copies of a package's files."""
        return Copies(self.storage, self.store, self.proof)

    @property
    def emails(self) -> Emails:
        """Emails as people look at them."""
        return Emails(self.store, self.outbox)

    def alarm(self, what: str, detail: str) -> None:
        """Owe ops an email, in a transaction of its own; an alarm with the same `what` is sent once an hour at most."""
        with self.store.transaction() as tx:
            self.notify.alarm(tx, what, detail, self.clock())

    def alarm_daily(self, what: str, detail: str) -> None:
        """As `alarm`, once a day at most, for what lasts."""
        with self.store.transaction() as tx:
            self.notify.alarm(tx, what, detail, self.clock(), daily=True)

    def register(self) -> None:
        """Make every workflow known to the engine; call before it is launched."""
        self.pipeline.register()
        self.jobs.register(self.deliveries, self.outbox, self.acknowledgements, self.webhook_sending)
        self.parts.register(self.jobs)
        self.maintenance.register()

    def migrate(self) -> None:
        """Migrate the tables of `ingest`, then those of the workflow engine."""
        self.store.migrate()
        self.engine.migrate()

    def close(self) -> None:
        """End the processes that read files, and close engine and database. Threads and workflows must have ended."""
        self.looks.close()
        self.pipeline.reading.pool.close()
        self.engine.disconnect()
        self.store.close()


def open_app(
    config: Config,
    clock: Clock = now,
    engine_of: Callable[[Store], Engine] = Engine,
    transport: Transport | None = None,
    convert: Convert | None = None,
) -> App:
    """Make every part: opens the database, starts no thread. Emails leave by `transport`, else as configured."""
    store = Store(config.database_url)
    log: Log = logger("ingest").info
    engine = engine_of(store)
    storage = DirectoryStorage(config.paths)
    notify = Notify(config, engine)
    webhooks = Webhooks(engine)
    moves = Moves(engine, notify, webhooks)
    proof = Proof(storage, store, log)
    reading = reading_of(config)
    pictures = Pictures(storage, store, proof, reading, log)
    proposals = Proposals(config, clock)
    leaving = transport or transport_of(config)
    outbox = Outbox(config, store, engine, storage, leaving, pictures.cover, proposals.told, log)
    made_by = convert or partial(converted, reading)
    shipments = Shipments(config, store, storage, made_by, proposals, ShipmentCheck(config, reading), clock, log)
    deliveries = Deliveries(config, store, engine, storage, moves, shipments, webhooks, log)
    acknowledgements = Acknowledgements(config, store, engine, log)
    sending = WebhookSending(config, store, engine, notify, GuardedClient(config.http), clock, log)
    jobs = Jobs(engine, notify, clock, log)
    answers = DspAnswersFetch(config, store, notify, DeliveryAnswers(deliveries), reading, clock, log)
    review = Review(config, store, moves, notify, deliveries, proof, clock)
    shared = Shared(config, store, engine, storage, moves, review, deliveries, notify, webhooks, reading, clock, log)
    parts = catalogue_parts(shared)
    works: tuple[Work[Any], ...] = (Readings(moves), deliveries, outbox, acknowledgements, sending, *parts.works)
    return App(
        config=config,
        store=store,
        engine=engine,
        storage=storage,
        notify=notify,
        moves=moves,
        jobs=jobs,
        outbox=outbox,
        deliveries=deliveries,
        acknowledgements=acknowledgements,
        webhooks=webhooks,
        webhook_sending=sending,
        reports=Reports(config, store, notify, outbox, clock, log),
        pipeline=Pipeline(config, store, engine, storage, moves, notify, acknowledgements, reading, proof, clock, log),
        proof=proof,
        maintenance=Maintenance(config, store, engine, storage, notify, jobs, works, answers, clock, log),
        answers=answers,
        clock=clock,
        looks=Pool(LOOKS_SIDE_BY_SIDE),
        pictures=pictures,
        callers=Callers(store, clock),
        parts=parts,
    )
