"""Real SMTP servers on loopback: a whole one that leaves no connection behind, and one that answers from a script."""

from __future__ import annotations

import asyncio
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.ports import free_port


class _Served(Controller):
    """A controller that knows its connections: its own `stop` leaves open whatever a client has just left."""

    def __init__(self, handler: object, **options: Any) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=free_port(), ready_timeout=60, **options)
        self.connections: list[SMTP] = []

    def factory(self) -> SMTP:
        connection = SMTP(self.handler, **self.SMTP_kwargs)
        self.connections.append(connection)
        return connection

    async def hang_up(self) -> None:
        for connection in self.connections:
            if isinstance(connection.transport, asyncio.WriteTransport):
                connection.transport.abort()
        await asyncio.sleep(0.01)


@contextmanager
def smtp_server(handler: object, **options: Any) -> Iterator[int]:
    """Serve until the block ends; gives the port. `options` are those of aiosmtpd's SMTP."""
    controller = _Served(handler, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        asyncio.run_coroutine_threadsafe(controller.hang_up(), controller.loop).result(10)
        controller.stop()


USUAL: Final[Mapping[str, str | None]] = {
    "CONNECT": "220 mail.example",
    "EHLO": "250 mail.example",
    "HELO": "250 mail.example",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    ".": "250 2.0.0 taken",
    "QUIT": "221 bye",
}
HANG_UP: Final = None
"""In place of a reply: the connection ends."""


@dataclass
class Script:
    """The replies by verb, or by verb and address as `RCPT a@example.com`; what clients said, and what was taken."""

    replies: dict[str, str | None]
    port: int = 0
    delay: float = 0
    """Seconds between the end of the content and the reply."""
    said: list[str] = field(default_factory=list)
    taken: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)

    def reply(self, said: str) -> str | None:
        """The reply to a line; 250 for a verb that the script does not know."""
        verb, _, rest = said.partition(" ")
        address = rest.partition("<")[2].partition(">")[0]
        known = {**USUAL, **self.replies}
        return known.get(f"{verb} {address}", known.get(verb, "250 ok"))


class _Session(socketserver.StreamRequestHandler):
    """One connection: each line gets its reply, and content is taken when the reply to its dot is 250."""

    server: _Scripted

    def setup(self) -> None:
        if self.server.tls is not None:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True, do_handshake_on_connect=False)
        super().setup()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.request.close()

    def handle(self) -> None:
        script, recipients = self.server.script, list[str]()
        with suppress(OSError):
            going = self.answer(script.reply("CONNECT"))
            while going and (line := self.rfile.readline()):
                verb, blank, rest = line.decode().strip().partition(" ")
                said = verb.upper() + blank + rest
                script.said.append(said)
                reply = script.reply(said)
                if said.startswith("RCPT") and str(reply).startswith("25"):
                    recipients.append(said.partition("<")[2].partition(">")[0])
                going = self.answer(reply)
                if said == "DATA" and str(reply).startswith("354"):
                    going = self.take(tuple(recipients))

    def take(self, recipients: tuple[str, ...]) -> bool:
        content = b"".join(iter(self.rfile.readline, b".\r\n"))
        reply = self.server.script.reply(".")
        if reply is HANG_UP or reply.startswith("250"):
            self.server.script.taken.append((recipients, content))
        time.sleep(self.server.script.delay)
        return self.answer(reply)

    def answer(self, reply: str | None) -> bool:
        if reply is not HANG_UP:
            self.wfile.write(f"{reply}\r\n".encode())
        return reply is not HANG_UP


class _Scripted(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, script: Script, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.script, self.tls = script, tls

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust the certificate hangs up in the handshake: nothing to tell."""


@contextmanager
def scripted_server(replies: Mapping[str, str | None], tls: ssl.SSLContext | None = None) -> Iterator[Script]:
    """Serve with these replies in place of the usual ones until the block ends; with `tls`, TLS from the first byte."""
    script = Script(dict(replies))
    with _Scripted(script, tls) as server:
        script.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield script
        finally:
            server.shutdown()
