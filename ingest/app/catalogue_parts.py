"""The parts of the application that integrators' releases need, whichever face serves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy.orm import Session

from ingest.config import Config
from ingest.core.log import Log
from ingest.flow.artists import Artists
from ingest.flow.asset_addresses import AssetAddresses
from ingest.flow.asset_storage import AssetStorage
from ingest.flow.assets import Assets
from ingest.flow.assigned_codes import AssignedCodes
from ingest.flow.catalogue import Catalogue
from ingest.flow.composed_package import ComposedPackages
from ingest.flow.composition import Composition
from ingest.flow.deliveries import Deliveries
from ingest.flow.delivery_jobs import DeliveryJobs
from ingest.flow.delivery_requests import DeliveryRequests
from ingest.flow.engine import Engine
from ingest.flow.jobs import Jobs, Work
from ingest.flow.moderation import Moderation
from ingest.flow.moves import Moves
from ingest.flow.notify import Notify
from ingest.flow.providers import Providers
from ingest.flow.release_reports import ReleaseReports
from ingest.flow.review import Review
from ingest.flow.standing_decisions import StandingDecisions
from ingest.flow.takedowns import Takedowns
from ingest.flow.webhooks import Webhooks
from ingest.host.key_file import made_key
from ingest.inbound.storage import Storage
from ingest.outbound.http.client import GuardedClient
from ingest.readers.dossier import ReaderSettings
from ingest.store.database import Clock, Store
from ingest.store.models import Asset

ADDRESS_KEY: Final = "addresses.key"
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class CatalogueParts:
    """The use cases and jobs of integrators' releases."""

    catalogue: Catalogue
    artists: Artists
    assets: Assets
    moderation: Moderation
    providers: Providers
    standing: StandingDecisions
    reports: ReleaseReports
    delivery_jobs: DeliveryJobs

    @property
    def works(self) -> Sequence[Work[Any]]:
        """All kinds of work that rows of the catalogue may owe."""
        return self.assets, self.catalogue.composition, self.standing

    def register(self, jobs: Jobs) -> None:
        """Make every workflow known to the engine; call before it is launched."""
        jobs.register(self.assets, self.catalogue.composition)
        self.standing.register()


@dataclass(frozen=True, slots=True)
class Shared:
    """What other parts of the application share with these."""

    config: Config
    store: Store
    engine: Engine
    storage: Storage
    moves: Moves
    review: Review
    deliveries: Deliveries
    notify: Notify
    webhooks: Webhooks
    reading: ReaderSettings
    clock: Clock
    log: Log


def catalogue_parts(shared: Shared) -> CatalogueParts:
    """Make these parts."""
    config, store, engine, clock, log = shared.config, shared.store, shared.engine, shared.clock, shared.log
    contents = AssetStorage(config.paths, config.sftp.min_free_bytes)
    packages = ComposedPackages(config, shared.storage, contents)
    codes = AssignedCodes(config.api)
    composition = Composition(config, store, engine, shared.storage, packages, shared.moves, codes, clock, log)
    assets = Assets(
        config=config,
        store=store,
        engine=engine,
        storage=contents,
        reading=shared.reading,
        client=GuardedClient(config.http),
        addresses=addresses_of(config),
        told=(composition.asset_ended, partial(_tell, shared.webhooks)),
        clock=clock,
        log=log,
    )
    providers = Providers(config)
    takedowns = Takedowns(config, store, shared.deliveries, shared.notify, clock)
    moderation = Moderation(
        store, shared.review, composition, providers, takedowns, shared.notify, shared.webhooks, clock
    )
    requests = DeliveryRequests(config, store, shared.deliveries, clock)
    jobs = DeliveryJobs(store, requests, composition, providers, clock)
    return CatalogueParts(
        catalogue=Catalogue(config, store, assets, composition, clock),
        artists=Artists(store, clock),
        assets=assets,
        moderation=moderation,
        providers=providers,
        reports=ReleaseReports(store, shared.storage),
        standing=StandingDecisions(store, engine, shared.moves, moderation, jobs, clock, log),
        delivery_jobs=jobs,
    )


def _tell(webhooks: Webhooks, tx: Session, asset: Asset, now: datetime) -> None:
    """Tell the label's systems that a file is processed, or failed."""
    webhooks.asset_processed(tx, asset.label_id, asset.id, asset.state, asset.duration_ms, now)


def addresses_of(config: Config) -> AssetAddresses:
    """The addresses of files below the public address of the web server."""
    base = config.web.public_url or f"http://{config.web.host}:{config.web.port}"
    lifetime = timedelta(seconds=config.api.url_seconds)
    return AssetAddresses(base, lambda: made_key(config.paths.state_dir / ADDRESS_KEY, KEY_BYTES), lifetime)
