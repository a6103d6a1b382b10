"""A receiver of webhooks on loopback, in a thread: it keeps what it gets and answers as a test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Got:
    """One request: `headers` with names in lower case, and when it came (monotonic)."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass(frozen=True)
class Answer:
    """What the receiver answers, after `pause` seconds."""

    status: int = 200
    content: bytes = b"ok"
    headers: tuple[tuple[str, str], ...] = ()
    pause: float = 0


@dataclass
class Receiver:
    """`answers` are given one after the other, the last one again and again."""

    port: int = 0
    got: list[Got] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    def wait_for(self, count: int, seconds: float = 30) -> list[Got]:
        deadline = time.monotonic() + seconds
        while len(self.got) < count:
            assert time.monotonic() < deadline, f"{len(self.got)} of {count} webhooks came"
            time.sleep(0.02)
        return self.got

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def receiving(*answers: Answer, port: int = 0) -> Iterator[Receiver]:
    """A receiver that answers as given, 200 where nothing is."""
    there = Receiver(answers=list(answers) or [Answer()])

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = there.next_answer()
            there.got.append(Got(self.path, headers, body, time.monotonic()))
            if there.stopping.wait(answer.pause):
                return
            with suppress(OSError):
                self.send_response(answer.status)
                for name, value in (*answer.headers, ("Content-Length", str(len(answer.content)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.content)

        def log_message(self, format: str, *values: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Taking)
    there.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield there
    finally:
        there.stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


def lab_config(ports: Sequence[int] = ()) -> str:
    """The tables with which webhooks reach loopback."""
    allowed = ", ".join(map(str, ports))
    return f'[http]\nports = [{allowed}]\nallow_plain_http = true\nallow_private_networks = ["127.0.0.0/8"]\n'
