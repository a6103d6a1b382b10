"""How an email leaves: by SMTP, into a Maildir, or not at all."""

from __future__ import annotations

import mailbox
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Protocol

from ingest.outbound.email.headers import line, wire

LOGIN_REPLIES: Final = frozenset({530, 534, 535, 538})
"""5xx replies about our login (RFC 4954): the configuration is wrong and not the email, so it is tried again."""


class EmailRefused(Exception):
    """The email was not sent. `permanent`: no later attempt can succeed; `reason` is a sentence for ops."""

    def __init__(self, permanent: bool, reason: str) -> None:
        self.permanent = permanent
        self.reason = line(reason, 500)
        super().__init__(self.reason)


class Transport(Protocol):
    """A way for emails to leave."""

    def send(self, message: EmailMessage) -> None:
        """Hand the email over; when this returns, the receiver has stored it. Raises EmailRefused."""


@dataclass(frozen=True, slots=True)
class SmtpTransport(Transport):
    """Submission to a mail server (RFC 6409). `timeout` is in seconds; no login when `username` is empty.

    The envelope sender is the From address, so that bounces come back to it.
    """

    host: str
    port: int
    starttls: bool = True
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 30.0
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    def send(self, message: EmailMessage) -> None:
        try:
            smtp = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise EmailRefused(False, f"{self.host}:{self.port} cannot be reached: {error}") from error
        try:
            self._hand_over(smtp, message)
        except (smtplib.SMTPException, OSError) as error:
            raise self._refusal(error) from error
        finally:
            # The server has accepted the email by now; an error in QUIT must not make it be sent again.
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def _hand_over(self, smtp: smtplib.SMTP, message: EmailMessage) -> None:
        if self.starttls:
            smtp.starttls(context=self.tls or ssl.create_default_context())
        if self.username:
            self._log_in(smtp)
        smtp.ehlo_or_helo_if_needed()
        whole = smtp.has_extn("8bitmime")
        sender = message["From"].addresses[0].addr_spec
        recipients = [address.addr_spec for address in message["To"].addresses]
        options = ["BODY=8BITMIME"] if whole else []
        data = wire(message, seven_bit=not whole, linesep="\r\n")
        refused = smtp.sendmail(sender, recipients, data, options)
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        try:
            smtp.login(self.username, self.password)
        except UnicodeError:
            told = "email.username and the password must be ASCII: no other login can be sent"
            raise EmailRefused(False, told) from None

    def _refusal(self, error: Exception) -> EmailRefused:
        place = f"{self.host}:{self.port}"
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            replies = error.recipients
            told = "; ".join(f"{address}: {code} {_words(text)}" for address, (code, text) in replies.items())
            return EmailRefused(all(_final(code) for code, _ in replies.values()), f"{place} refused {told}")
        if isinstance(error, smtplib.SMTPResponseException):
            permanent = isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused) and _final(error.smtp_code)
            return EmailRefused(permanent, f"{place} answered {error.smtp_code} {_words(error.smtp_error)}")
        return EmailRefused(False, f"{place}: {error or type(error).__name__}")


@dataclass(frozen=True, slots=True)
class MaildirTransport(Transport):
    """A Maildir folder. Each file is one email; its headers and its text part are UTF-8, so that `cat` shows them."""

    path: Path

    def send(self, message: EmailMessage) -> None:
        data = wire(message, utf8=True)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            mailbox.Maildir(self.path, create=True).add(data)
        except OSError as error:
            raise EmailRefused(False, f"{self.path} cannot be written: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class OffTransport(Transport):
    """Emails are switched off."""

    def send(self, message: EmailMessage) -> None:
        """Send nothing; no error."""


@dataclass(frozen=True, slots=True)
class UnusableTransport(Transport):
    """The configuration cannot be used: every email is refused for now, and tried again later."""

    reason: str

    def send(self, message: EmailMessage) -> None:
        raise EmailRefused(False, self.reason)


def _final(code: int) -> bool:
    return 500 <= code < 600 and code not in LOGIN_REPLIES


def _words(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
