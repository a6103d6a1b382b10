"""The connection to a mail server, encrypted as configured; the transport and the doctor use the same."""

from __future__ import annotations

import smtplib
import ssl

from ingest.config import Encryption


def connect(
    host: str,
    port: int,
    encryption: Encryption,
    *,
    helo_name: str = "",
    timeout: float,
    context: ssl.SSLContext | None = None,
) -> smtplib.SMTP:
    """Connect and read the greeting; `implicit` is TLS from the first byte (RFC 8314, section 3.3).

    With `starttls` the connection is encrypted by `encrypt`, and not yet when this returns. Without a `context` the
    authorities that this machine knows are trusted. Raises smtplib's errors, OSError (TLS's too) and UnicodeError.
    """
    if encryption == "implicit":
        context = context or ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, helo_name or None, timeout=timeout, context=context)
    return smtplib.SMTP(host, port, helo_name or None, timeout)


def encrypt(smtp: smtplib.SMTP, encryption: Encryption, context: ssl.SSLContext | None = None) -> None:
    """Upgrade to TLS where that is by STARTTLS (RFC 3207), and say EHLO. Raises smtplib's errors and OSError."""
    if encryption == "starttls":
        smtp.starttls(context=context or ssl.create_default_context())
    smtp.ehlo_or_helo_if_needed()
