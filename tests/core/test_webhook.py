"""The bodies of webhooks, and which endpoint gets which."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from ingest.core.status import Status
from ingest.core.webhook import REST_STATUS, WebhookEvent, body_of, timestamp, wants


def test_a_body_has_the_keys_of_the_guide_and_no_other() -> None:
    data = {"payoutId": "p-1", "amount": "12.50", "currency": "EUR"}
    body = body_of(WebhookEvent.ROYALTY_CREDITED, data)
    assert body == '{"event":"royalty.credited","data":{"payoutId":"p-1","amount":"12.50","currency":"EUR"}}'


def test_names_in_every_script_come_back_as_they_were() -> None:
    data = {"packageName": 'Beyoncé "4"\n日本語 \x00 🎵'}
    assert json.loads(body_of(WebhookEvent.RELEASE_UPDATED, data)) == {"event": "release.updated", "data": data}


def test_times_are_told_in_utc_and_whole_seconds() -> None:
    east = timezone(timedelta(hours=2))
    assert timestamp(datetime(2025, 11, 25, 14, 0, 0, 999999, east)) == "2025-11-25T12:00:00Z"


def test_an_endpoint_without_a_filter_gets_every_event() -> None:
    assert all(wants([], event) for event in WebhookEvent)
    only = ["delivery.update"]
    assert [event for event in WebhookEvent if wants(only, event)] == [WebhookEvent.DELIVERY_UPDATE]


def test_every_status_has_its_word_in_the_api() -> None:
    assert set(REST_STATUS) == set(Status)
