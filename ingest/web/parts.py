"""What the API is made with: the use cases that it is a face of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingest.config import Config
from ingest.flow.api_tokens import ApiTokens
from ingest.flow.artists import Artists
from ingest.flow.assets import Assets
from ingest.flow.catalogue import Catalogue
from ingest.flow.delivery_jobs import DeliveryJobs
from ingest.flow.moderation import Moderation
from ingest.flow.providers import Providers
from ingest.flow.release_reports import ReleaseReports
from ingest.flow.webhook_endpoints import WebhookEndpoints
from ingest.flow.webhook_views import WebhookViews
from ingest.store.database import Clock


@dataclass(frozen=True, slots=True)
class Parts:
    """The use cases of the REST API, as `app` makes them."""

    config: Config
    clock: Clock
    catalogue: Catalogue
    artists: Artists
    assets: Assets
    moderation: Moderation
    providers: Providers
    reports: ReleaseReports
    tokens: ApiTokens
    webhooks: WebhookEndpoints
    webhook_views: WebhookViews
    delivery_jobs: DeliveryJobs
    is_ready: Callable[[], bool]
