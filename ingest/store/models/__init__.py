"""The tables. Product rows are the truth; the workflow engine's tables beside them can be rebuilt from these."""

from ingest.store.models.accounts import Connection, Label, Worker
from ingest.store.models.columns import LONGEST_TEXT, Base, Moment, Words, cut
from ingest.store.models.folders import LIVE, ReleaseFolder, Stray, Upload
from ingest.store.models.owed import BEHIND, Acknowledgement, Delivery, Notice, Report
from ingest.store.models.packages import Change, FindingRow, Package, RecordingRow
from ingest.store.models.releases import ReleaseRow, TrackRow

__all__ = [
    "BEHIND",
    "LIVE",
    "LONGEST_TEXT",
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
    "ReleaseRow",
    "Report",
    "Stray",
    "TrackRow",
    "Upload",
    "Words",
    "Worker",
    "cut",
]
