"""Connections to mail servers: what is said first, and when it is encrypted."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import ExitStack

import pytest

from ingest.outbound.email.connection import connect, encrypt
from tests.smtp_servers import scripted_server


def test_without_encryption_the_name_that_was_configured_is_said() -> None:
    with scripted_server({}) as server, ExitStack() as opened:
        smtp = opened.enter_context(connect("127.0.0.1", server.port, "off", helo_name="mx.a.example", timeout=60))
        encrypt(smtp, "off")
        encrypted, name = isinstance(smtp.sock, ssl.SSLSocket), smtp.local_hostname
    assert (encrypted, name) == (False, "mx.a.example")


def test_tls_from_the_first_byte_is_not_spoken_to_a_server_without_it() -> None:
    with scripted_server({}) as server, pytest.raises(ssl.SSLError):
        connect("127.0.0.1", server.port, "implicit", timeout=60)


def test_a_server_that_offers_no_starttls_is_not_spoken_to_in_the_clear() -> None:
    with scripted_server({}) as server, ExitStack() as opened:
        smtp = opened.enter_context(connect("127.0.0.1", server.port, "starttls", timeout=60))
        with pytest.raises(smtplib.SMTPNotSupportedError):
            encrypt(smtp, "starttls")
