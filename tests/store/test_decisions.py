"""Decisions: each is recorded whole, and told of its package or its label, the oldest first."""

from __future__ import annotations

from datetime import timedelta

from ingest.core.decision import By, DecisionKind, Face
from ingest.store.database import Store
from ingest.store.decisions import decisions_on_label, decisions_on_package, record_decision
from ingest.store.models import Decision
from tests.store.rows import NOW, add_package

NGOZI = By("ngozi", Face.CONSOLE)
TOKEN = By("token 4", Face.API)


def told(row: Decision) -> tuple[object, ...]:
    return (row.kind, row.package_id, row.label_id, row.who, row.face, row.at, row.note, row.details)


def test_a_decision_is_kept_with_who_took_it_when_and_through_which_face(store: Store) -> None:
    package, other = add_package(store, "One"), add_package(store, "Two")
    later = NOW + timedelta(minutes=1)
    dsps = {"dsps": ["alpha"]}
    with store.transaction() as tx:
        numbers = [
            record_decision(tx, DecisionKind.RETRY, TOKEN, later, package=package),
            record_decision(tx, DecisionKind.REJECT, NGOZI, NOW, package=other, note="No 😀."),
            record_decision(tx, DecisionKind.APPROVE, NGOZI, NOW, package=package, note="Yes.", details=dsps),
            record_decision(tx, DecisionKind.SET_TITLE, TOKEN, NOW, label=1, details={"title": {"old": "a"}}),
        ]
    assert numbers == sorted(set(numbers))
    with store.reading() as tx:
        assert [told(row) for row in decisions_on_package(tx, package)] == [
            ("retry", package, None, "token 4", "api", later, "", {}),
            ("approve", package, None, "ngozi", "console", NOW, "Yes.", dsps),
        ]
        assert [told(row) for row in decisions_on_package(tx, other)] == [
            ("reject", other, None, "ngozi", "console", NOW, "No 😀.", {})
        ]
        assert [told(row) for row in decisions_on_label(tx, 1)] == [
            ("set-title", None, 1, "token 4", "api", NOW, "", {"title": {"old": "a"}})
        ]
        assert (decisions_on_package(tx, 99), decisions_on_label(tx, 2)) == ([], [])
