"""What docs/webhooks.md tells writers of receivers: its snippets run as they are printed, on what we really send."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.core.webhook import WebhookEvent
from ingest.flow.webhook_sending import PAUSES
from ingest.outbound.webhook.sign import new_secret, signed_headers
from tests.flow.hooks import hooked
from tests.stage import by

DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"
BODY = '{"event":"release.updated","data":{"packageName":"Größe 🎵"}}'.encode()


def printed(language: str) -> str:
    """The only snippet of this language."""
    (snippet,) = re.findall(rf"```{language}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    return str(snippet)


def by_python(secret: str, headers: dict[str, str], body: bytes) -> bool:
    place: dict[str, Any] = {}
    exec(printed("python"), place)
    return bool(place["is_genuine"](secret, headers, body))


def by_node(secret: str, headers: dict[str, str], body: bytes) -> bool:
    assert shutil.which("node"), "node is needed: apt-get install nodejs"
    given = {"secret": secret, "headers": headers, "body": body.hex()}
    asked = f'const g = {json.dumps(given)};\nconsole.log(isGenuine(g.secret, g.headers, Buffer.from(g.body, "hex")));'
    ran = subprocess.run(["node", "-"], input=printed("javascript") + asked, capture_output=True, text=True, check=True)
    return {"true\n": True, "false\n": False}[ran.stdout]


@pytest.mark.parametrize("verify", [by_python, by_node])
def test_the_snippet_knows_what_is_genuine(verify: Any) -> None:
    new, old, other = new_secret(), new_secret(), new_secret()
    now = datetime.now(UTC)
    headers = signed_headers("msg_1", now, BODY, [new, old])
    assert verify(new, headers, BODY) and verify(old, headers, BODY)
    false = [
        (other, headers, BODY),
        (new, headers, BODY + b" "),
        (new, {**headers, "webhook-id": "msg_2"}, BODY),
        (new, {**headers, "webhook-timestamp": "soon"}, BODY),
        (new, {**headers, "webhook-signature": "v1,ä"}, BODY),
        (new, {**headers, "webhook-signature": headers["webhook-signature"].replace("v1,", "v2,")}, BODY),
        (new, {}, BODY),
        (new, signed_headers("msg_1", now - timedelta(minutes=6), BODY, [new]), BODY),
        (new, signed_headers("msg_1", now + timedelta(minutes=6), BODY, [new]), BODY),
    ]
    assert [verify(*one) for one in false] == [False] * len(false)


def test_both_snippets_verify_what_is_sent(tmp_path: Path) -> None:
    with hooked(tmp_path) as there:
        there.on.clock.now = datetime.now(UTC)
        there.on.app.webhook_endpoints.rotate(there.endpoint, by("ops"))
        assert there.send(there.royalty()) == "delivered"
        (got,) = there.receiver.got
    assert by_python(there.secret, got.headers, got.body) and by_node(there.secret, got.headers, got.body)


def test_every_event_and_every_pause_is_told() -> None:
    text = DOCS.read_text("utf-8")
    assert set(re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", text, re.MULTILINE)) == {event.value for event in WebhookEvent}
    pauses = "after 5 seconds, 5 minutes, 30 minutes, 2, 5, 10, 14, 20 and 24 hours"
    assert pauses in text
    assert [pause.total_seconds() for pause in PAUSES] == [
        5,
        300,
        1800,
        *(3600 * hours for hours in (2, 5, 10, 14, 20, 24)),
    ]
    json.loads(printed("json"))
