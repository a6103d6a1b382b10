"""How an email leaves: by SMTP, into a Maildir, or not at all."""

from __future__ import annotations

import mailbox
import re
import smtplib
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Protocol

from ingest.config import Encryption
from ingest.host.private import FILE, make_folder
from ingest.outbound.email import headers
from ingest.outbound.email.connection import connect, encrypt
from ingest.outbound.email.replies import refuses_address, refuses_content

ACCEPTED: Final = 250
RECIPIENT_ACCEPTED: Final = frozenset({250, 251})
"""Replies to RCPT: taken, or taken and forwarded (RFC 5321, section 3.4)."""
ANSWER_SECONDS = 600.0
"""How long at least the reply to the content is awaited (RFC 5321, section 4.5.3.2.6), so that it is not sent twice."""
LONGEST_REASON: Final = 500
START_INPUT: Final = 354
DOT: Final = re.compile(rb"^\.", re.MULTILINE)
"""A dot that begins a line is doubled (RFC 5321, section 4.5.2)."""


class EmailRefused(Exception):
    """The email was sent to nobody, as far as is known. `reason` is a sentence for ops.

    `permanent`: no later attempt can succeed. `in_doubt`: all may have it, because the connection ended before the
    server said whether it took the email (RFC 1047).
    """

    def __init__(self, permanent: bool, reason: str, *, in_doubt: bool = False) -> None:
        self.permanent = permanent
        self.in_doubt = in_doubt
        self.reason = headers.line(reason, LONGEST_REASON)
        super().__init__(self.reason)


@dataclass(frozen=True, slots=True)
class Refused:
    """A recipient that the server refused, while others may have been served.

    `permanent`: no email will ever reach the address; `reason` is a sentence for ops.
    """

    address: str
    reason: str
    permanent: bool


class Transport(Protocol):
    """A way for emails to leave."""

    def send(self, message: EmailMessage, to: Sequence[str]) -> tuple[Refused, ...]:
        """Hand the email over for the addresses `to`, whoever stands in its header; returns those that were refused.

        When this returns, the receiver has stored it for all others. Raises EmailRefused.
        """


class Limited(Transport):
    """Hands at most `most` emails at one time to another transport; further ones wait. Thread-safe."""

    def __init__(self, transport: Transport, most: int) -> None:
        self.transport = transport
        self._free = threading.BoundedSemaphore(most)

    def send(self, message: EmailMessage, to: Sequence[str]) -> tuple[Refused, ...]:
        with self._free:
            return self.transport.send(message, to)


@dataclass(frozen=True, slots=True)
class SmtpTransport(Transport):
    """Submission to a mail server (RFC 6409). `timeout` is in seconds; no login when `username` is empty.

    The envelope sender is the From address, so that bounces come back to it. What the server refuses before the first
    recipient (greeting, EHLO, STARTTLS, AUTH, MAIL) is never for good: it is about us. `helo_name` is the name in EHLO
    (RFC 5321, section 4.1.1.1); empty: that of this machine.
    """

    host: str
    port: int
    encryption: Encryption = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    context: ssl.SSLContext | None = field(default=None, repr=False)
    helo_name: str = ""

    def send(self, message: EmailMessage, to: Sequence[str]) -> tuple[Refused, ...]:
        try:
            smtp = self._connect()
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise self._refusal(error, " cannot be reached") from error
        try:
            return self._hand_over(smtp, message, to)
        except (smtplib.SMTPException, OSError) as error:
            raise self._refusal(error) from error
        finally:
            # The server has accepted the email by now; an error in QUIT must not make it be sent again.
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        return connect(
            self.host,
            self.port,
            self.encryption,
            helo_name=self.helo_name,
            timeout=self.timeout,
            context=self.context,
        )

    def _refusal(self, error: Exception, what: str = "") -> EmailRefused:
        if isinstance(error, smtplib.SMTPResponseException):
            return EmailRefused(False, f"{self._place} answered {error.smtp_code} {_words(error.smtp_error)}")
        return EmailRefused(False, f"{self._place}{what}: {error or type(error).__name__}")

    @property
    def _place(self) -> str:
        return f"{self.host}:{self.port}"

    def _hand_over(self, smtp: smtplib.SMTP, message: EmailMessage, to: Sequence[str]) -> tuple[Refused, ...]:
        encrypt(smtp, self.encryption, self.context)
        if self.username:
            self._log_in(smtp)
        whole = smtp.has_extn("8bitmime")
        data = headers.wire(message, seven_bit=not whole, linesep="\r\n")
        options = [*(["BODY=8BITMIME"] if whole else []), *([f"SIZE={len(data)}"] if smtp.has_extn("size") else [])]
        self._begin(smtp, message["From"].addresses[0].addr_spec, options)
        refused = tuple(self._refusals(smtp, to))
        if served := len(to) - len(refused):
            self._send_content(smtp, data, is_alone=served == 1)
        return refused

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.login(self.username, self.password)
        except UnicodeError:
            told = "email.username and the password must be ASCII: no other login can be sent"
            raise EmailRefused(False, told) from None

    def _begin(self, smtp: smtplib.SMTP, sender: str, options: list[str]) -> None:
        code, reply = smtp.mail(sender, options)
        if code != ACCEPTED:
            raise smtplib.SMTPSenderRefused(code, reply, sender)

    def _refusals(self, smtp: smtplib.SMTP, to: Sequence[str]) -> Iterator[Refused]:
        for address in to:
            code, reply = smtp.rcpt(headers.mailbox(address).addr_spec)
            if code not in RECIPIENT_ACCEPTED:
                text = _words(reply)
                told = headers.line(f"{self._place} refused {address}: {code} {text}", LONGEST_REASON)
                yield Refused(address, told, refuses_address(code, text))

    def _send_content(self, smtp: smtplib.SMTP, data: bytes, *, is_alone: bool) -> None:
        code, reply = smtp.docmd("DATA")
        if code == START_INPUT:
            smtp.send(DOT.sub(b"..", data if data.endswith(b"\r\n") else data + b"\r\n"))
            code, reply = self._end_content(smtp)
        if code != ACCEPTED:
            text = _words(reply)
            permanent = refuses_content(code, text, is_alone=is_alone)
            raise EmailRefused(permanent, f"{self._place} answered {code} {text}")

    def _end_content(self, smtp: smtplib.SMTP) -> tuple[int, bytes]:
        """End the content and wait for the reply. From here on it may arrive whatever happens to the connection."""
        assert smtp.sock is not None
        smtp.sock.settimeout(max(self.timeout, ANSWER_SECONDS))
        try:
            smtp.send(b".\r\n")
            reply = smtp.getreply()
            smtp.sock.settimeout(self.timeout)
        except (smtplib.SMTPException, OSError) as error:
            told = f"{self._place} may have taken it, but did not say so: {error or type(error).__name__}"
            raise EmailRefused(False, told, in_doubt=True) from error
        return reply


@dataclass(frozen=True, slots=True)
class MaildirTransport(Transport):
    """A Maildir folder. Each file is one email; its headers and its text part are UTF-8, so that `cat` shows them."""

    path: Path

    def send(self, message: EmailMessage, to: Sequence[str]) -> tuple[Refused, ...]:
        data = headers.wire(message, utf8=True)
        try:
            make_folder(self.path.parent)
            maildir = mailbox.Maildir(self.path, create=True)
            (self.path / "new" / maildir.add(data)).chmod(FILE)
        except OSError as error:
            raise EmailRefused(False, f"{self.path} cannot be written: {error.strerror}") from error
        return ()


@dataclass(frozen=True, slots=True)
class OffTransport(Transport):
    """Emails are switched off."""

    def send(self, message: EmailMessage, to: Sequence[str]) -> tuple[Refused, ...]:
        """Send nothing; no error."""
        return ()


@dataclass(frozen=True, slots=True)
class UnusableTransport(Transport):
    """The configuration cannot be used: every email is refused for now, and tried again later."""

    reason: str

    def send(self, message: EmailMessage, to: Sequence[str]) -> tuple[Refused, ...]:
        raise EmailRefused(False, self.reason)


def _words(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
