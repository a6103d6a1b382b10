"""Stored outcomes: read as they were stored, also in the forms that older workflows in flight have."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.core.outcome import Done, Failed, Outcome, Superseded
from ingest.flow.stored_outcome import from_stored, to_stored
from tests.stage import START

OVERTAKEN = "nothing was sent: the DSP has a newer message of this release, that of package 7"


PARTLY = Failed("b is full", reached=("a@label.example",), refused=("c@label.example",))
DOUBTFUL = Failed("the server did not answer", in_doubt=True)


@pytest.mark.parametrize(
    "outcome", [Done(), Superseded(7), Failed("no route"), Failed("changed", permanent=True), PARTLY, DOUBTFUL]
)
def test_a_stored_outcome_is_read_as_it_was(outcome: Outcome) -> None:
    assert from_stored(to_stored(outcome, START)) == (outcome, START)


@pytest.mark.parametrize(
    ("stored", "outcome"),
    [
        ("", Done()),
        ("the directory /x does not exist", Failed("the directory /x does not exist")),
        ("the package is no longer what was checked: a", Failed("the package is no longer what was checked: a", True)),
        (OVERTAKEN, Superseded(7)),
        ({"fault": "", "permanent": False}, Done()),
        ({"fault": "550 no such user", "permanent": True}, Failed("550 no such user", permanent=True)),
    ],
)
def test_what_a_workflow_in_flight_stored_before_outcomes_were_values_is_read_too(
    stored: dict[str, Any] | str, outcome: Outcome
) -> None:
    assert from_stored(stored) == (outcome, None)


def test_what_was_stored_before_receivers_were_told_apart_is_read_too() -> None:
    stored = {"began": START.isoformat(), "outcome": "failed", "reason": "451 later", "permanent": False}
    assert from_stored(stored) == (Failed("451 later"), START)
