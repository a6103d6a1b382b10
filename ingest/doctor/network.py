"""The port of the SFTP server, and the sending of emails."""

from __future__ import annotations

import errno
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from ingest.config import Config, EmailSettings
from ingest.doctor.check import Check, fail, ok, warn, words
from ingest.doctor.places import unwritable
from ingest.host.disk import standing
from ingest.outbound.email.connection import connect, encrypt

SECONDS: Final = 5.0
OURS: Final = b"SSH-2.0-ingest"
ANYWHERE: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
ENCRYPTED: Final = {"starttls": ["speaks TLS"], "implicit": ["speaks TLS from the first byte"], "off": []}
LOGIN: Final = "Correct email.username and the password."
REACH: Final = "Start the mail server, correct email.host and email.port, or open the firewall to it."
TRUST: Final = "Set email.host to the name in the server's certificate, issued by an authority that this machine knows."
FREE_THE_PORT: Final = "Stop the other program (ss -ltnp names it), or give labels another address or port."


def port(config: Config) -> Iterator[Check]:
    """The port is free, or held by a daemon of ours."""
    name, number = "port", config.sftp.port
    if (error := _unbindable(config.sftp.host, number)) is None:
        yield ok(name, f"{number} is free")
        return
    banner = _banner(ANYWHERE.get(config.sftp.host, config.sftp.host), number)
    if banner.startswith(OURS):
        yield ok(name, f"{number} is held by the running daemon")
    elif banner:
        shown = banner.decode("ascii", "backslashreplace")
        yield fail(name, f"{number} is held by another server ({shown!r})", FREE_THE_PORT)
    elif error.errno == errno.EACCES:
        cure = "Enable ingestd.socket, which opens the port for the daemon, or use a port from 1024 on."
        yield fail(name, f"{number} may not be opened by this user", cure)
    elif error.errno == errno.EADDRINUSE:
        yield fail(name, f"{number} is held by a program that does not answer", FREE_THE_PORT)
    else:
        where = config.sftp.host or "any address"
        yield fail(name, f"{number} on {where} cannot be opened: {words(error)}", "Correct sftp.host and sftp.port.")


def _unbindable(host: str, number: int) -> OSError | None:
    """Why the daemon could not take the port, or None."""
    dual = not host and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if dual or ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if dual else 1)
            probe.bind((host, number))
    except OSError as error:
        return error
    return None


def _banner(host: str, number: int) -> bytes:
    """The first line of the server there; empty when none comes. Our server expects the client's line first."""
    try:
        with socket.create_connection((host, number), timeout=SECONDS) as connection:
            connection.sendall(b"SSH-2.0-doctor\r\n")
            return connection.recv(255).split(b"\n")[0].strip()
    except OSError:
        return b""


def email(config: Config) -> Iterator[Check]:
    """Emails can be sent: the mail server accepts a login, or the Maildir can be written."""
    name = "email"
    if config.email.transport == "off":
        cure = 'Set email.transport to "smtp", or to "maildir" for a trial.'
        yield warn(name, "emails are switched off: no label hears from us", cure)
    elif config.email.transport == "maildir":
        yield _maildir(config)
    else:
        yield _smtp(config.email)


def _maildir(config: Config) -> Check:
    name, path = "email", config.maildir
    places = [path / part for part in ("new", "cur", "tmp")] if standing(path) == path else [path]
    for place in places:
        if failure := unwritable(standing(place)):
            cure = "Make the Maildir writable for the daemon's user, or change email.maildir."
            return fail(name, f"{standing(place)} {failure}", cure)
    cure = 'Set email.transport to "smtp"; maildir is for trials.'
    return warn(name, f"emails are written into the Maildir {path} and sent to nobody: no label hears from us", cure)


def _smtp(email: EmailSettings) -> Check:
    name, place = "email", f"{email.host}:{email.port}"
    try:
        password = email.password.get_secret_value()
        if email.password_file is not None:
            password = email.password_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        cure = "Correct email.password_file. A credential of the unit is there only while ingestd.service runs."
        return fail(name, f"{email.password_file} cannot be read: {_told(error)}", cure)
    try:
        _greet(email, password)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        return fail(name, *_diagnosis(email, error))
    steps = ["answers", *ENCRYPTED[email.encryption], *(["takes the login"] if email.username else [])]
    return ok(name, f"{place} {', '.join(steps)}")


def _diagnosis(email: EmailSettings, error: Exception) -> tuple[str, str]:
    """What is wrong with the mail server, and the cure."""
    place, told = f"{email.host}:{email.port}", _told(error)
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"{place} refuses the login of {email.username}: {told}", LOGIN
        case smtplib.SMTPNotSupportedError():
            cure = "Use the submission port (587), or correct email.tls."
            return f"{place} does not offer what is configured: {told}", cure
        case UnicodeEncodeError():
            return "the user name or the password is not ASCII: no such login can be sent", LOGIN
        case ssl.SSLError() if email.encryption == "implicit" and not isinstance(error, ssl.SSLCertVerificationError):
            return f"{place} does not speak TLS from the first byte: {told}", 'Set email.tls to "starttls".'
        case ssl.SSLError():
            return f"{place} has no trusted certificate: {told}", TRUST
        case _ if email.encryption != "implicit" and _speaks_tls(email):
            return f"{place} speaks TLS from the first byte: {told}", 'Set email.tls to "implicit".'
        case _:
            return f"{place} cannot be used: {told}", REACH


def _speaks_tls(email: EmailSettings) -> bool:
    """Whether the server there waits for TLS without a word before; whose certificate it has does not matter."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((email.host, email.port), timeout=_seconds(email)) as connection:
            context.wrap_socket(connection, server_hostname=email.host).close()
    except (OSError, UnicodeError, ValueError):
        return False
    return True


def _greet(email: EmailSettings, password: str) -> None:
    """Connect, start TLS and log in, without sending an email. Raises what smtplib and ssl raise."""
    seconds = _seconds(email)
    smtp = connect(email.host, email.port, email.encryption, helo_name=email.helo_name, timeout=seconds)
    try:
        encrypt(smtp, email.encryption)
        if email.username:
            smtp.login(email.username, password)
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
    finally:
        smtp.close()


def _seconds(email: EmailSettings) -> float:
    return min(SECONDS, email.timeout_seconds)


def _told(error: Exception) -> str:
    """The message of a failure on one printable line."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        shown = f"{error.smtp_code} {said}"
    elif isinstance(error, OSError):
        shown = words(error)
    else:
        shown = str(error) or type(error).__name__
    return "".join(one if one.isprintable() else " " for one in shown)[:200]


def addresses(config: Config) -> Iterator[Check]:
    """Somebody gets the emails about packages to review and about failures of ours."""
    name, operator = "addresses", config.operator
    wanting = [key for key in ("qc_emails", "ops_emails") if not getattr(operator, key)]
    if wanting:
        keys = " and ".join(f"operator.{key}" for key in wanting)
        yield warn(name, f"nobody is in {keys}: packages or alarms wait unseen", f"Set {keys}.")
        return
    yield ok(name, f"QC: {', '.join(operator.qc_emails)}; ops: {', '.join(operator.ops_emails)}")
