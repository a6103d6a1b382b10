"""Secrets of webhooks: encrypted in the database, readable for their own endpoint, both while one is replaced."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.flow.password_key import Unreadable
from ingest.flow.webhook_secrets import sealed, signing_secrets
from ingest.store.models import WebhookEndpoint
from tests.flow.hooks import hooked
from tests.stage import START, by


def test_no_secret_stands_in_the_database_in_clear(tmp_path: Path) -> None:
    with hooked(tmp_path) as there:
        newer = there.on.app.webhook_endpoints.rotate(there.endpoint, by("ops"))
        there.on.app.store.close()
        with closing(sqlite3.connect(there.on.app.config.paths.state_dir / "ingest.db")) as database:
            dumped = "\n".join(database.iterdump())
    assert there.endpoint in dumped
    for secret in (there.secret, newer):
        assert secret not in dumped and secret.removeprefix("whsec_") not in dumped


def test_a_secret_is_of_no_use_for_another_endpoint(tmp_path: Path) -> None:
    stored = sealed(tmp_path, "whk_1", "whsec_x")
    assert signing_secrets(tmp_path, WebhookEndpoint(id="whk_1", secret=stored), START) == ("whsec_x",)
    with pytest.raises(Unreadable):
        signing_secrets(tmp_path, WebhookEndpoint(id="whk_2", secret=stored), START)


def test_a_replaced_secret_signs_until_its_time_is_up(tmp_path: Path) -> None:
    old, new = (sealed(tmp_path, "whk_1", secret) for secret in ("whsec_old", "whsec_new"))
    row = WebhookEndpoint(id="whk_1", secret=new, old_secret=old, old_until=START)
    assert signing_secrets(tmp_path, row, START - timedelta(seconds=1)) == ("whsec_new", "whsec_old")
    assert signing_secrets(tmp_path, row, START) == ("whsec_new",)
