"""The tables. Product rows are the truth; the workflow engine's tables beside them can be rebuilt from these."""

from ingest.store.models.accounts import Connection, Label, Worker
from ingest.store.models.assets import Asset
from ingest.store.models.catalogue import Artist, CatalogueRelease, CatalogueTrack, CodeRange, DeliveryJob
from ingest.store.models.columns import Base, Moment, Words
from ingest.store.models.credentials import ApiKey, ApiToken
from ingest.store.models.decisions import Decision
from ingest.store.models.folders import COMPOSING, GONE, LIVE, OPEN, SEALED, SEALING, ReleaseFolder, Stray, Upload
from ingest.store.models.owed import BEHIND, Acknowledgement, Delivery, DeliveryAttempt, Notice, Owed, Report
from ingest.store.models.packages import Change, FindingRow, Package, RecordingRow
from ingest.store.models.releases import ReleaseRow, TrackRow
from ingest.store.models.shipments import DspAnswerRow, Shipment
from ingest.store.models.webhooks import WebhookAttempt, WebhookEndpoint, WebhookMessage

__all__ = [
    "BEHIND",
    "COMPOSING",
    "GONE",
    "LIVE",
    "OPEN",
    "SEALED",
    "SEALING",
    "Acknowledgement",
    "ApiKey",
    "ApiToken",
    "Artist",
    "Asset",
    "Base",
    "CatalogueRelease",
    "CatalogueTrack",
    "Change",
    "CodeRange",
    "Connection",
    "Decision",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryJob",
    "DspAnswerRow",
    "FindingRow",
    "Label",
    "Moment",
    "Notice",
    "Owed",
    "Package",
    "RecordingRow",
    "ReleaseFolder",
    "ReleaseRow",
    "Report",
    "Shipment",
    "Stray",
    "TrackRow",
    "Upload",
    "WebhookAttempt",
    "WebhookEndpoint",
    "WebhookMessage",
    "Words",
    "Worker",
]
