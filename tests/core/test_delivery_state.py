"""How deliveries stand, and what answers make of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.core.delivery_state import DeliveryState, Standing, standing, state_by_answer
from ingest.core.dsp_answer import AnswerStatus

NOW = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "not_before", "since", "attempts", "stands"),
    [
        ("owed", None, None, 0, Standing.QUEUED),
        ("owed", NOW, None, 0, Standing.HELD),
        ("owed", NOW, None, 1, Standing.QUEUED),
        ("owed", NOW, NOW, 0, Standing.SENDING),
        ("held", None, None, 0, Standing.HELD),
        ("delivered", NOW, None, 1, Standing.SENT),
        ("accepted", None, None, 1, Standing.ACCEPTED),
        ("rejected", None, None, 1, Standing.REJECTED),
        ("failed", None, None, 9, Standing.FAILED),
        ("superseded", None, None, 0, Standing.SUPERSEDED),
        ("taken-down", None, None, 1, Standing.TAKEN_DOWN),
    ],
)
def test_a_delivery_stands_as_its_row_says(
    state: str, not_before: datetime | None, since: datetime | None, attempts: int, stands: Standing
) -> None:
    assert standing(state, not_before, since, attempts) is stands


def test_a_later_answer_takes_an_earlier_one_back_and_none_revives_what_was_taken_down() -> None:
    assert state_by_answer("delivered", AnswerStatus.ACCEPTED) is DeliveryState.ACCEPTED
    assert state_by_answer("accepted", AnswerStatus.REJECTED) is DeliveryState.REJECTED
    assert state_by_answer("rejected", AnswerStatus.ACCEPTED) is DeliveryState.ACCEPTED
    assert state_by_answer("accepted", AnswerStatus.UNCLEAR) is DeliveryState.ACCEPTED
    for state in ("taken-down", "owed", "failed", "superseded", "held"):
        assert state_by_answer(state, AnswerStatus.ACCEPTED) == state
