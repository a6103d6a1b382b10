"""What the rows of all jobs have in common: attempts and runs."""

from __future__ import annotations

from ingest.store.models import Owed


def note_attempt(row: Owed, attempt: int, fault: str | None) -> None:
    """Record the number of the last attempt, and why it failed (`fault`) if it did."""
    row.attempts, row.fault = attempt, fault


def begin_run(row: Owed) -> None:
    """Count one run more, so that the keys of its workflows are new."""
    row.runs += 1
