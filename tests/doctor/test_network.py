"""The port, and the mail server or the maildir, each by its own line."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiosmtpd.handlers import Sink
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ingest.doctor import Outcome
from tests.doctor.installation import CONFIG, Home, answering, as_nobody, checks, edit, turned
from tests.smtp_servers import scripted_server, smtp_server


def test_a_port_held_by_our_daemon_is_all_right(home: Home) -> None:
    with answering(b"SSH-2.0-ingest\r\n") as port:
        edit(home, "port = 0", f"port = {port}")
        assert turned(home) == {}
        assert checks(home)["port"].text == f"{port} is held by the running daemon"


@pytest.mark.parametrize("line", [b"SSH-2.0-OpenSSH_9.2\x1b[31m\r\n", b""])
def test_a_port_held_by_another_program_fails_its_line(home: Home, line: bytes) -> None:
    with answering(line) as port:
        edit(home, "port = 0", f"port = {port}")
        assert turned(home) == {"port": Outcome.FAIL}
        assert checks(home)["port"].text.isprintable()


def test_an_address_that_is_not_ours_fails_the_port(home: Home) -> None:
    edit(home, 'host = "127.0.0.1"', 'host = "192.0.2.1"')

    assert turned(home) == {"port": Outcome.FAIL}


def test_a_port_for_root_only_fails_where_nobody_serves_it(open_home: Home) -> None:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 9:
        pytest.skip("every port may be opened here")
    turned(open_home)
    edit(open_home, "port = 0", "port = 9")

    assert as_nobody(lambda: turned(open_home)) == repr({"port": Outcome.FAIL})


def smtp(home: Home, port: int, more: str = "starttls = false", seconds: float = 5) -> None:
    email = f'transport = "smtp"\nhost = "127.0.0.1"\nport = {port}\ntimeout_seconds = {seconds}\n{more}\n'
    (home / "config.toml").write_text(f"{CONFIG}[email]\n{email}")


@contextmanager
def mail_server(tls: ssl.SSLContext | None = None, login: str = "") -> Iterator[int]:
    def authenticator(server: object, session: object, envelope: object, mechanism: str, data: object) -> object:
        from aiosmtpd.smtp import AuthResult, LoginPassword

        assert isinstance(data, LoginPassword)
        return AuthResult(success=data.password == login.encode(), handled=False)

    options: dict[str, object] = {"tls_context": tls, "auth_require_tls": bool(login)}
    if login:
        options["authenticator"] = authenticator
    with smtp_server(Sink(), **options) as port:
        yield port


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that stands for itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.label.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_mail_server_that_refuses_the_connection_fails_the_line(home: Home) -> None:
    with mail_server() as port:
        smtp(home, port)
        assert turned(home) == {}

    assert turned(home) == {"email": Outcome.FAIL}
    assert checks(home)["email"].text == f"127.0.0.1:{port} cannot be used: connection refused"


def test_a_mail_server_that_turns_us_away_fails_the_line(home: Home) -> None:
    with answering(b"554 not you\x1b[31m\r\n", waits=False) as port:
        smtp(home, port)
        assert turned(home) == {"email": Outcome.FAIL}
        assert checks(home)["email"].text == f"127.0.0.1:{port} cannot be used: 554 not you [31m"


def test_a_silent_mail_server_is_given_up(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        smtp(home, silent.getsockname()[1], seconds=0.3)
        assert turned(home) == {"email": Outcome.FAIL}


def test_a_mail_server_without_tls_fails_the_line_where_tls_is_configured(home: Home) -> None:
    with mail_server() as port:
        smtp(home, port, "starttls = true")
        assert turned(home) == {"email": Outcome.FAIL}


def test_a_certificate_that_nobody_vouches_for_fails_the_line(home: Home, tls: ssl.SSLContext) -> None:
    with mail_server(tls) as port:
        smtp(home, port, "starttls = true")
        assert turned(home) == {"email": Outcome.FAIL}
        assert "certificate" in checks(home)["email"].text


def test_a_login_over_tls_is_tried(
    home: Home, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    login = 'starttls = true\nusername = "ingest"\npassword_file = "smtp-password"'
    (home / "smtp-password").write_text("correct horse\n")
    with mail_server(tls, "correct horse") as port:
        smtp(home, port, login)
        assert turned(home) == {}
        assert checks(home)["email"].text == f"127.0.0.1:{port} answers, speaks TLS, takes the login"

        (home / "smtp-password").write_text("wrong")
        assert turned(home) == {"email": Outcome.FAIL}
        assert "refuses the login of ingest" in checks(home)["email"].text

        (home / "smtp-password").write_text("pässword")
        assert turned(home) == {"email": Outcome.FAIL}
        assert checks(home)["email"].text == "the user name or the password is not ASCII: no such login can be sent"

        (home / "smtp-password").unlink()
        assert turned(home) == {"email": Outcome.FAIL}


def test_tls_from_the_first_byte_is_named(
    home: Home, tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_server({}, tls) as server:
        smtp(home, server.port, 'tls = "implicit"')
        assert turned(home) == {"email": Outcome.FAIL}
        assert "certificate" in checks(home)["email"].text
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert turned(home) == {}
        assert checks(home)["email"].text == f"127.0.0.1:{server.port} answers, speaks TLS from the first byte"


@pytest.mark.parametrize("encryption", ["starttls", "off"])
def test_a_server_with_tls_from_the_first_byte_is_told_from_one_that_is_silent(
    home: Home, tls: ssl.SSLContext, encryption: str
) -> None:
    with scripted_server({}, tls) as server:
        smtp(home, server.port, f'tls = "{encryption}"', seconds=0.5)
        check = checks(home)["email"]
    assert check.text.startswith(f"127.0.0.1:{server.port} speaks TLS from the first byte: ")
    assert check.cure == 'Set email.tls to "implicit".'


def test_a_server_without_tls_from_the_first_byte_is_told(home: Home) -> None:
    with scripted_server({}) as server:
        smtp(home, server.port, 'tls = "implicit"')
        check = checks(home)["email"]
    assert check.text.startswith(f"127.0.0.1:{server.port} does not speak TLS from the first byte: ")
    assert check.cure == 'Set email.tls to "starttls".'


def test_emails_switched_off_are_a_warning(home: Home) -> None:
    (home / "config.toml").write_text(CONFIG + '[email]\ntransport = "off"\n')

    assert turned(home) == {"email": Outcome.WARN}


def test_a_maildir_is_a_warning_because_it_sends_nothing(home: Home) -> None:
    check = checks(home)["email"]
    assert (check.outcome, check.text) == (
        Outcome.WARN,
        f"emails are written into the Maildir {home / 'maildir'} and sent to nobody: no label hears from us",
    )


def test_a_maildir_that_cannot_be_written_fails_the_line(home: Home) -> None:
    (home / "maildir").mkdir()
    for part in ("new", "cur"):
        (home / "maildir" / part).mkdir()
    assert turned(home) == {}

    (home / "maildir/tmp").touch()
    assert turned(home) == {"email": Outcome.FAIL}
