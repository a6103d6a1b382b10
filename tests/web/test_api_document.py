"""docs/api.md: its ten calls, run as printed, take a release to the stores, and its webhooks are signed."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from standardwebhooks import Webhook

from tests import good
from tests.daemons import wait_for
from tests.web.daemon import serving

DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "api.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)


@contextmanager
def receiver() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An address on loopback, and what was posted there."""
    got: list[tuple[dict[str, str], bytes]] = []

    class Receives(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receives)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hooks", got
    finally:
        server.shutdown()
        server.server_close()


def test_the_ten_calls_deliver_a_release_and_its_webhooks_are_signed(tmp_path: Path) -> None:
    files = {"cover.jpg": good.jpeg(), "one.wav": good.wav(40, 1), "two.wav": good.wav(41, 2)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    script = "\n".join(BLOCKS[1:]).replace("Demo Archive", "alpha").replace("Demo Stream", "beta")
    home = tmp_path / "home"
    home.mkdir()
    with serving(home) as (_, ask), receiver() as (address, got):
        hook = ask("POST", "/v1/webhooks", {"url": address})
        assert hook.status == 201, hook
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin:/usr/local/bin", "API": f"http://127.0.0.1:{ask.port}", "KEY": ask.key or ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr + done.stdout
        (release,) = ask("GET", "/v1/release").body["data"]

        def delivered() -> bool:
            at = ask("GET", f"/v1/delivery/status?releaseId={release['id']}").body["deliveries"]
            return [(one["provider"], one["status"]) for one in at] == [("alpha", "delivered"), ("beta", "delivered")]

        wait_for(delivered, 120, "both stores to have the release")
        found = ask("GET", f"/v1/release/{release['id']}").body["data"]
        assert (found["status"], found["ingestStatus"]) == ("Approved", "Delivered to DSPs")
        for dsp in ("alpha", "beta"):
            assert len(list((home / "dsp" / dsp).rglob("*.wav"))) == 2

        def told() -> list[tuple[str, str]]:
            said = [json.loads(body) for _, body in got]
            return [(one["event"], one["data"].get("status", "")) for one in said]

        wait_for(lambda: ("delivery.update", "delivered") in told() and len(told()) >= 10, 60, "the webhooks")
        checked = Webhook(hook.body["data"]["secret"])
        for headers, body in got:
            assert checked.verify(body, headers) == json.loads(body)
        assert told().count(("asset.processed", "processed")) == 3
        jobs = {json.loads(body)["data"].get("deliveryJobId") for _, body in got if b"delivery.update" in body}
        assert all(str(job).startswith("deljob_") for job in jobs), jobs


def test_the_document_names_ten_calls() -> None:
    calls = "\n".join(BLOCKS[2:-1])
    assert len(re.findall(r"\bsend\b", calls)) == 9, "the loop sends two tracks: ten calls"
