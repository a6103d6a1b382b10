"""The tables. Product rows are the truth; the workflow engine's tables beside them can be rebuilt from these."""

from ingest.store.models.accounts import Connection, Label, Worker
from ingest.store.models.columns import Base, Moment, Words
from ingest.store.models.folders import LIVE, ReleaseFolder, Stray, Upload
from ingest.store.models.owed import BEHIND, Acknowledgement, Delivery, Notice, Report
from ingest.store.models.packages import Change, FindingRow, Package, RecordingRow

__all__ = [
    "BEHIND",
    "LIVE",
    "Acknowledgement",
    "Base",
    "Change",
    "Connection",
    "Delivery",
    "FindingRow",
    "Label",
    "Moment",
    "Notice",
    "Package",
    "RecordingRow",
    "ReleaseFolder",
    "Report",
    "Stray",
    "Upload",
    "Words",
    "Worker",
]
