"""A daemon that serves the API, and a client of it on loopback."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.app.application import open_app
from ingest.core.caller import Scope
from ingest.core.decision import By, Face
from ingest.flow.api_keys import ApiKeys
from tests.daemons import Daemon, prepare
from tests.ports import free_port

API = """
[web]
enabled = true
port = {port}
max_requests_per_minute_per_key = 1000000
max_requests_per_minute_per_address = 1000000
[api]
compose_seconds = 1
isrc_prefix = "QZTST"
barcodes = "50345678900-50345699999"
[http]
allow_plain_http = true
allow_private_networks = ["127.0.0.0/8"]
ports = []
"""
BOUNDARY = "a-boundary-of-the-form"


@dataclass(frozen=True)
class Answer:
    """What the API answered; `body` is its JSON, or bytes of anything else."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass
class Client:
    """Makes requests with one key."""

    port: int
    key: str | None
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(self, method: str, path: str, body: Any = None, raw: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own; `body` is sent as JSON, `raw` as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.key is not None:
            sent.setdefault("x-api-key", self.key)
        data = raw
        if body is not None:
            data, sent["content-type"] = json.dumps(body).encode(), "application/json"
        try:
            connection.request(method, path, data, sent)
            got = connection.getresponse()
            content = got.read()
        finally:
            connection.close()
        is_json = (got.getheader("content-type") or "").startswith("application/json")
        return Answer(
            got.status,
            {name.lower(): value for name, value in got.getheaders()},
            json.loads(content) if is_json and content else content,
        )

    def upload(self, content: bytes, name: str, kind: str = "audio") -> Answer:
        """A file, as the form of the guide's curl example."""
        parts = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode(),
            content,
            f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n'.encode(),
            json.dumps({"type": kind, "title": name}).encode(),
            f"\r\n--{BOUNDARY}--\r\n".encode(),
        )
        form = f"multipart/form-data; boundary={BOUNDARY}"
        return self("POST", "/v1/files", raw=b"".join(parts), content_type=form)


def make_key(daemon: Daemon, label: str = "anna", *scopes: Scope) -> str:
    """A key of the label, with all scopes unless some are named."""
    app = open_app(daemon.config)
    try:
        keys = ApiKeys(app.store, app.callers, app.clock)
        return keys.create(label, By("tests", Face.CLI), scopes=scopes or tuple(Scope)).secret
    finally:
        app.close()


@contextmanager
def serving(home: Path, database: str = "", more: str = "") -> Iterator[tuple[Daemon, Client]]:
    """A daemon with the API, and a client with all scopes."""
    daemon, port = prepare(home, database=database), free_port()
    with daemon.config_path.open("a", encoding="utf-8") as config:
        config.write(API.format(port=port) + more)
    client = Client(port, make_key(daemon))
    daemon.start()
    try:
        daemon.wait_until_ready()
        yield daemon, client
    except BaseException:
        print(daemon.log())
        raise
    finally:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.kill()
