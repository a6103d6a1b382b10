"""What people see of webhook endpoints and their log."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.flow.errors import NotFound
from ingest.flow.webhook_views import AttemptEntry, Endpoint, WebhookEntry
from tests.flow.hooks import hooked
from tests.outbound.webhook.receivers import Answer
from tests.stage import START, by
from tests.store.rows import new_label


def test_endpoints_are_shown_without_their_secrets(tmp_path: Path) -> None:
    with hooked(tmp_path) as there:
        views, endpoints = there.on.app.webhook_views, there.on.app.webhook_endpoints
        with there.on.app.store.transaction() as tx:
            new_label(tx, "ben")
        bens, _ = endpoints.add("ben", there.receiver.url, ("asset.processed",), by("ops"))
        there.send(there.royalty())
        shown = Endpoint(there.endpoint, "anna", there.receiver.url, (), "enabled", None, START, START, None)  # type: ignore[arg-type]
        assert views.every("anna") == (shown,)
        assert views.every() == (shown, bens)
        assert views.get(there.endpoint) == views.get(there.endpoint, "anna") == shown
        for whose in ("ben", "nobody"):
            with pytest.raises(NotFound):
                views.get(there.endpoint, whose)
        endpoints.remove(there.endpoint, by("ops"))
        assert views.every("anna") == ()


def test_the_log_shows_each_webhook_with_its_body_and_attempts(tmp_path: Path) -> None:
    with hooked(tmp_path, Answer(503, b"later"), Answer(200, b"ok")) as there:
        views = there.on.app.webhook_views
        first = there.royalty()
        there.send(first)
        there.on.clock.advance(seconds=5)
        there.send(first, attempt=2)
        second = there.royalty("po_2")
        newest = views.newest(there.endpoint, "anna")
        event = "royalty.credited"
        ended = there.on.clock.now
        assert newest == (
            WebhookEntry(second, there.endpoint, event, "owed", ended, None, 0, None),  # type: ignore[arg-type]
            WebhookEntry(first, there.endpoint, event, "delivered", START, ended, 2, None),  # type: ignore[arg-type]
        )
        assert views.newest(there.endpoint, limit=1) == newest[:1]
        details = views.details(first, "anna")
        assert (details.entry, details.body.encode()) == (newest[1], there.receiver.got[0].body)
        assert [(one.run, one.attempt, one.began_at, one.status, one.error, one.reply) for one in details.attempts] == [
            (1, 1, START, 503, None, "later"),
            (1, 2, ended, 200, None, "ok"),
        ]
        assert all(isinstance(one, AttemptEntry) and 0 <= one.ms < 5000 for one in details.attempts)
        for name, whose in ((first, "nobody"), ("msg_0", None)):
            with pytest.raises(NotFound):
                views.details(name, whose)
