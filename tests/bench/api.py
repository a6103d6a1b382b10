"""CPU of the REST API's server for a request, and the rate of an upload beside a bare sink.

`python tests/bench/api.py [RELEASES [ROUNDS]]`: an account with so many releases (10,000). Counted is the CPU of the
daemon, in milliseconds a request, less what it uses when idle. The upload of 100 MB goes by turns to the daemon and to
an ASGI application on uvicorn that only writes the stream to a file; a ratio over 1 means that the daemon is faster.
"""

from __future__ import annotations

import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ingest.app.application import open_app
from ingest.store.catalogue import add_release
from tests.daemons import Daemon
from tests.flow.integrators import RELEASE
from tests.ports import free_port
from tests.web.daemon import BOUNDARY, Client, serving

MEGABYTES = 100
SINK = """
import asyncio, os, sys, uvicorn
async def app(scope, receive, send):
    number = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        await asyncio.to_thread(os.write, number, message.get("body", b""))
        more = message.get("more_body", False)
    os.fsync(number)
    os.close(number)
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
uvicorn.run(app, port=int(sys.argv[1]), lifespan="off", access_log=False, log_level="error", http="h11", loop="asyncio")
"""


def cpu_of(process: int) -> float:
    """CPU seconds of a process and of its threads, without its children."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def per_request(daemon: Daemon, count: int, ask: Callable[[], object]) -> float:
    """Milliseconds of CPU that one of `count` requests costs."""
    assert daemon.process is not None
    idle_from, began = cpu_of(daemon.process.pid), time.monotonic()
    time.sleep(3)
    idle = (cpu_of(daemon.process.pid) - idle_from) / (time.monotonic() - began)
    before, began = cpu_of(daemon.process.pid), time.monotonic()
    for _ in range(count):
        ask()
    spent = cpu_of(daemon.process.pid) - before - idle * (time.monotonic() - began)
    return 1000 * spent / count


def fill(daemon: Daemon, releases: int) -> None:
    """Releases of the account, without files."""
    app = open_app(daemon.config)
    try:
        with app.store.transaction() as tx:
            for number in range(releases):
                fields = {**RELEASE, "upcCode": None, "releaseTitle": f"Release {number}"}
                at = app.clock() - timedelta(seconds=number)
                add_release(tx, 1, "user_1", f"release-{number}", fields, at, None)
    finally:
        app.close()


def upload(port: int, key: str, body: bytes) -> float:
    """Megabytes a second of one upload."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}", "x-api-key": key}
    began = time.monotonic()
    connection.request("POST", "/v1/files", body, headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 201, answer.status
    return MEGABYTES / (time.monotonic() - began)


def form(round_: int) -> bytes:
    """A form with a file that is audio by its first bytes, and another one each time."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'.encode()
    content = b"RIFF\x24\0\0\0WAVE" + round_.to_bytes(4, "big") * (MEGABYTES * 250_000)
    return head + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def main(releases: int = 10_000, rounds: int = 5) -> None:
    with tempfile.TemporaryDirectory() as home, serving(Path(home)) as (daemon, ask):
        fill(daemon, releases)
        print(f"list of {releases}: {per_request(daemon, 20, lambda: ask('GET', '/v1/release')):.2f} ms")
        print(f"page of 100: {per_request(daemon, 300, lambda: ask('GET', '/v1/release?limit=100')):.2f} ms")
        fields = {**RELEASE, "upcCode": None, "releasePhoto": "https://cdn.example.com/x.jpg"}
        ask("POST", "/v1/release", fields)
        print(f"create: {per_request(daemon, 200, lambda: ask('POST', '/v1/release', fields)):.2f} ms")
        compare_uploads(daemon, ask, Path(home), rounds)


def compare_uploads(daemon: Daemon, ask: Client, home: Path, rounds: int) -> None:
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", SINK, str(port), str(home / "sink")]) as sink:
        time.sleep(3)
        assert daemon.process is not None
        ratios, costs = [], []
        for round_ in range(rounds):
            body = form(round_)
            bare = upload(port, "", body)
            before = cpu_of(daemon.process.pid)
            ours = upload(ask.port, ask.key or "", body)
            costs.append(cpu_of(daemon.process.pid) - before)
            ratios.append(ours / bare)
        sink.terminate()
    print(f"upload of {MEGABYTES} MB: {statistics.median(ratios):.2f} x the sink, CPU {statistics.median(costs):.2f} s")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
