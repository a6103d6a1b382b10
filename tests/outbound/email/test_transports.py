"""Emails handed to a real SMTP server on loopback, and into a Maildir."""

from __future__ import annotations

import mailbox
import socket
import ssl
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ingest.config import Encryption
from ingest.core.notice import NoticeKind
from ingest.outbound.email import transports
from ingest.outbound.email.render import render
from ingest.outbound.email.transports import (
    EmailRefused,
    Limited,
    MaildirTransport,
    OffTransport,
    Refused,
    SmtpTransport,
    Transport,
)
from tests.outbound.email.samples import OPERATOR, SENDER, USUAL
from tests.ports import free_port
from tests.smtp_servers import HANG_UP, scripted_server, smtp_server

MESSAGE = render(USUAL[NoticeKind.INVALID], OPERATOR, SENDER)
TWO = render(replace(USUAL[NoticeKind.INVALID], to=("a@example.com", "b@example.com")), OPERATOR, SENDER)

ONE = ("label@example.com",)
BOTH = ("a@example.com", "b@example.com")


class Sink:
    """What the server got; `at_recipient` and `at_data` are the replies it gives instead of 250."""

    def __init__(self, at_recipient: dict[str, str] | None = None, at_data: str = "250 taken") -> None:
        self.at_recipient = at_recipient or {}
        self.at_data = at_data
        self.envelopes: list[Envelope] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.at_recipient.get(address, "250 known")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.at_data.startswith("250"):
            self.envelopes.append(envelope)
        return self.at_data


def plain(port: int) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", port, encryption="off", timeout=60)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key and a self-signed certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


def served(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """The server's side of TLS with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def secured(certificate: tuple[Path, Path]) -> dict[str, Any]:
    """Options of a server that asks for STARTTLS and a login."""
    context = served(certificate)

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"desk", b"s3cret")
        return AuthResult(success=right, handled=right)

    return {"tls_context": context, "require_starttls": True, "authenticator": check, "auth_required": True}


def refusal(transport: SmtpTransport, message: Any = MESSAGE, to: tuple[str, ...] = ONE) -> tuple[bool, str]:
    with pytest.raises(EmailRefused) as caught:
        transport.send(message, to)
    return caught.value.permanent, caught.value.reason


def test_an_email_arrives_whole() -> None:
    sink = Sink()
    with smtp_server(sink) as port:
        plain(port).send(TWO, BOTH)
    (envelope,) = sink.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (
        "delivery@interspacemusic.com",
        ["a@example.com", "b@example.com"],
    )
    assert isinstance(envelope.content, bytes)
    arrived = message_from_bytes(envelope.content, policy=default)
    assert arrived["Subject"] == TWO["Subject"]
    for kind in ("plain", "html"):
        got, sent = arrived.get_body((kind,)), TWO.get_body((kind,))
        assert got is not None and sent is not None
        assert got.get_content().replace("\r\n", "\n") == sent.get_content()


def test_starttls_and_login(secured: dict[str, Any], certificate: tuple[Path, Path]) -> None:
    sink = Sink()
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    with smtp_server(sink, **secured) as port:
        SmtpTransport("127.0.0.1", port, "starttls", "desk", "s3cret", 60, trusted).send(MESSAGE, ONE)
    assert len(sink.envelopes) == 1


def test_tls_from_the_first_byte_and_login(certificate: tuple[Path, Path]) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    script = {"EHLO": "250-mail.example\r\n250 AUTH PLAIN", "AUTH": "235 2.7.0 welcome"}
    with scripted_server(script, served(certificate)) as server:
        SmtpTransport("127.0.0.1", server.port, "implicit", "desk", "s3cret", 60, trusted).send(MESSAGE, ONE)
    ((to, content),) = server.taken
    assert (to, message_from_bytes(content)["Message-ID"]) == (ONE, MESSAGE["Message-ID"])
    assert "STARTTLS" not in server.said


def test_tls_from_the_first_byte_needs_a_certificate_that_somebody_vouches_for(certificate: tuple[Path, Path]) -> None:
    with scripted_server({}, served(certificate)) as server:
        permanent, reason = refusal(SmtpTransport("127.0.0.1", server.port, "implicit", timeout=60))
    assert (permanent, "certificate" in reason.lower(), server.said) == (False, True, [])


def test_tls_from_the_first_byte_is_not_spoken_to_a_server_without_it() -> None:
    with scripted_server({}) as server:
        permanent, reason = refusal(SmtpTransport("127.0.0.1", server.port, "implicit", timeout=60))
    assert (permanent, "cannot be reached" in reason, server.taken) == (False, True, [])


@pytest.mark.parametrize("encryption", ["starttls", "off"])
def test_a_server_that_waits_for_tls_hears_nothing_before(
    certificate: tuple[Path, Path], encryption: Encryption
) -> None:
    with scripted_server({}, served(certificate)) as server:
        permanent, reason = refusal(SmtpTransport("127.0.0.1", server.port, encryption, timeout=0.5))
    assert (permanent, "timed out" in reason, server.said) == (False, True, [])


def test_a_wrong_password_is_ours_to_mend_so_the_email_is_kept(
    secured: dict[str, Any], certificate: tuple[Path, Path]
) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    with smtp_server(Sink(), **secured) as port:
        permanent, reason = refusal(SmtpTransport("127.0.0.1", port, "starttls", "desk", "wrong", 60, trusted))
    assert (permanent, "535" in reason, "wrong" in reason) == (False, True, False)


def test_a_login_that_cannot_be_sent_is_ours_to_mend_and_not_shown(
    secured: dict[str, Any], certificate: tuple[Path, Path]
) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate[0]))
    told = "email.username and the password must be ASCII: no other login can be sent"
    with smtp_server(Sink(), **secured) as port:
        for login in (("desk", "pässword"), ("dësk", "s3cret")):
            assert refusal(SmtpTransport("127.0.0.1", port, "starttls", *login, 60, trusted)) == (False, told)


def test_a_host_name_that_is_none_is_ours_to_mend() -> None:
    permanent, reason = refusal(SmtpTransport(f"{'a' * 70}.example", 25))
    assert (permanent, "cannot be reached" in reason) == (False, True)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(secured: dict[str, Any]) -> None:
    sink = Sink()
    with smtp_server(sink, **secured) as port:
        permanent, reason = refusal(SmtpTransport("127.0.0.1", port, "starttls", "desk", "s3cret", 60))
    assert (permanent, "certificate" in reason.lower(), sink.envelopes) == (False, True, [])


def test_a_server_without_starttls_gets_nothing() -> None:
    sink = Sink()
    with smtp_server(sink) as port:
        permanent, reason = refusal(SmtpTransport("127.0.0.1", port, encryption="starttls", timeout=60))
    assert (permanent, "STARTTLS" in reason, sink.envelopes) == (False, True, [])


@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("CONNECT", "554 5.7.1 your address is blocked"),
        ("EHLO", "504 5.5.2 a full host name is needed"),
        ("STARTTLS", "554 5.7.3 no TLS for you"),
        ("AUTH", "535 5.7.8 wrong password"),
        ("AUTH", "550 5.1.1 no such user"),
        ("MAIL", "553 5.7.1 sender not owned"),
        ("MAIL", "550 5.1.1 no such sender"),
        ("MAIL", "552 5.3.4 too large"),
    ],
)
def test_what_is_refused_before_the_first_recipient_is_never_for_good(verb: str, reply: str) -> None:
    greeting = {"STARTTLS": "250-mail.example\r\n250 STARTTLS", "AUTH": "250-mail.example\r\n250 AUTH PLAIN"}.get(
        verb, "250 mail.example"
    )
    script = {"EHLO": greeting, "HELO": "504 no", verb: reply}
    encryption: Encryption = "starttls" if verb == "STARTTLS" else "off"
    login = ("desk", "s3cret") if verb == "AUTH" else ("", "")
    with scripted_server(script) as server:
        permanent, reason = refusal(SmtpTransport("127.0.0.1", server.port, encryption, *login, 60))
        assert not any(said.startswith("RCPT") for said in server.said)
    assert (permanent, ("504 no" if verb == "EHLO" else reply) in reason) == (False, True)


def test_the_name_in_ehlo_is_the_configured_one_or_this_machine_s() -> None:
    with scripted_server({}) as server:
        SmtpTransport("127.0.0.1", server.port, encryption="off", helo_name="mx.label.example").send(MESSAGE, ONE)
        plain(server.port).send(MESSAGE, ONE)
    named = [said for said in server.said if said.startswith("EHLO")]
    assert named[0] == "EHLO mx.label.example" != named[1]


def test_a_line_that_begins_with_a_dot_arrives_as_it_was() -> None:
    message = deepcopy(MESSAGE)
    message.clear_content()
    message.set_content("one\n.\n..two\n.three\n")
    sink = Sink()
    with smtp_server(sink) as port:
        plain(port).send(message, ONE)
    (envelope,) = sink.envelopes
    assert isinstance(envelope.content, bytes)
    assert message_from_bytes(envelope.content, policy=default).get_content() == "one\r\n.\r\n..two\r\n.three\r\n"


@pytest.mark.parametrize(
    ("reply", "permanent"),
    [("550 5.1.1 no such person", True), ("451 4.7.1 come back later", False), ("530 5.7.0 log in first", False)],
)
def test_a_refused_recipient_is_told_with_whether_it_is_for_good(reply: str, permanent: bool) -> None:
    sink = Sink({"label@example.com": reply})
    with smtp_server(sink) as port:
        refused = plain(port).send(MESSAGE, ONE)
    told = f"127.0.0.1:{port} refused label@example.com: {reply}"
    assert (refused, sink.envelopes) == ((Refused("label@example.com", told, permanent),), [])


@pytest.mark.parametrize(("reply", "permanent"), [("550 no", True), ("452 full", False), ("552 5.2.2 full", False)])
def test_of_two_recipients_the_one_that_is_refused_is_told_and_the_other_is_served(reply: str, permanent: bool) -> None:
    sink = Sink({"b@example.com": reply})
    with smtp_server(sink) as port:
        refused = plain(port).send(TWO, BOTH)
    told = f"127.0.0.1:{port} refused b@example.com: {reply}"
    assert refused == (Refused("b@example.com", told, permanent),)
    assert [envelope.rcpt_tos for envelope in sink.envelopes] == [["a@example.com"]]


def test_an_email_goes_to_those_who_are_asked_for_and_names_all() -> None:
    sink = Sink()
    with smtp_server(sink) as port:
        assert plain(port).send(TWO, ["b@example.com"]) == ()
    (envelope,) = sink.envelopes
    assert envelope.rcpt_tos == ["b@example.com"] and isinstance(envelope.content, bytes)
    assert message_from_bytes(envelope.content, policy=default)["To"] == "a@example.com, b@example.com"


def test_a_domain_beyond_ascii_is_named_in_ascii_to_the_server_and_as_it_was_to_us() -> None:
    with scripted_server({"RCPT": "550 5.1.1 no"}) as server:
        (refused,) = plain(server.port).send(MESSAGE, ["a@bücher.example"])
    assert any(said.startswith("RCPT TO:<a@xn--bcher-kva.example>") for said in server.said)
    assert (refused.address, refused.permanent) == ("a@bücher.example", True)


@pytest.mark.parametrize(("to", "permanent"), [(ONE, True), (BOTH, False)])
def test_an_address_refused_after_the_content_is_for_good_where_it_is_the_only_one(
    to: tuple[str, ...], permanent: bool
) -> None:
    with smtp_server(Sink(at_data="550 5.1.1 no such person")) as port:
        assert refusal(plain(port), MESSAGE, to)[0] is permanent


@pytest.mark.parametrize(
    ("reply", "permanent"),
    [("554 5.6.0 broken MIME", True), ("554 5.7.1 spam", False), ("421 4.3.2 busy", False)],
)
def test_a_refused_email_is_told_with_whether_it_is_for_good(reply: str, permanent: bool) -> None:
    with smtp_server(Sink(at_data=reply)) as port:
        assert refusal(plain(port)) == (permanent, f"127.0.0.1:{port} answered {reply}")


@pytest.mark.parametrize(
    ("script", "in_doubt"),
    [({".": HANG_UP}, True), ({"DATA": HANG_UP}, False), ({"RCPT": HANG_UP}, False), ({".": "421 4.3.2 busy"}, False)],
)
def test_an_email_may_have_arrived_where_only_the_last_reply_is_missing(
    script: dict[str, str | None], in_doubt: bool
) -> None:
    with scripted_server(script) as server, pytest.raises(EmailRefused) as caught:
        plain(server.port).send(MESSAGE, ONE)
    assert (caught.value.in_doubt, caught.value.permanent, len(server.taken)) == (in_doubt, False, int(in_doubt))


def test_a_server_that_thinks_long_about_an_email_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server({}) as server:
        server.delay = 1
        hasty = SmtpTransport("127.0.0.1", server.port, encryption="off", timeout=0.5)
        assert hasty.send(MESSAGE, ONE) == ()
        monkeypatch.setattr(transports, "ANSWER_SECONDS", 0.1)
        with pytest.raises(EmailRefused) as caught:
            hasty.send(MESSAGE, ONE)
    assert caught.value.in_doubt


def test_a_server_that_is_not_there_is_tried_again() -> None:
    permanent, reason = refusal(plain(free_port()))
    assert (permanent, "cannot be reached" in reason) == (False, True)


def test_a_server_that_never_greets_is_given_up_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = int(silent.getsockname()[1])
        permanent, reason = refusal(SmtpTransport("127.0.0.1", port, encryption="off", timeout=0.3))
    assert (permanent, "cannot be reached" in reason) == (False, True)


def test_a_server_without_8bitmime_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    async def greet(server: SMTP, hostname: str) -> None:
        assert server.session is not None
        server.session.extended_smtp = True
        server.session.host_name = hostname
        await server.push("250 old.example")

    sink = Sink()
    monkeypatch.setattr(SMTP, "smtp_EHLO", greet)
    with smtp_server(sink) as port:
        plain(port).send(MESSAGE, ONE)
    (envelope,) = sink.envelopes
    assert isinstance(envelope.content, bytes) and envelope.content.isascii()
    arrived, sent = (
        message_from_bytes(envelope.content, policy=default).get_body(("plain",)),
        MESSAGE.get_body(("plain",)),
    )
    assert arrived is not None and sent is not None
    assert arrived.get_content().replace("\r\n", "\n") == sent.get_content()


def test_no_more_emails_are_handed_over_at_one_time_than_the_server_may_be_asked_to_take() -> None:
    release, under_way, most = threading.Event(), [0], list[int]()

    class Slow(Transport):
        def send(self, message: EmailMessage, to: Sequence[str]) -> tuple[Refused, ...]:
            under_way[0] += 1
            most.append(under_way[0])
            release.wait(0.05)
            under_way[0] -= 1
            return ()

    limited = Limited(Slow(), 3)
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: limited.send(EmailMessage(), ["a@b.example"]), range(12)))
    assert (answers, max(most)) == ([()] * 12, 3)


def test_the_password_is_not_shown() -> None:
    assert "s3cret" not in repr(SmtpTransport("mail.example", 587, "starttls", "desk", "s3cret"))


def test_a_maildir_file_can_be_read_with_cat(tmp_path: Path) -> None:
    MaildirTransport(tmp_path / "var" / "maildir").send(MESSAGE, ONE)
    (file,) = (tmp_path / "var" / "maildir" / "new").iterdir()
    whole = file.read_text("utf-8")
    assert "Subject: Invalid · Amara – Lagos Nights (5034567890123) · 4 things to fix\n" in whole
    body = MESSAGE.get_body(("plain",))
    assert body is not None
    assert body.get_content() in whole
    assert "\r" not in whole


def test_a_maildir_can_be_read_by_mail_programs(tmp_path: Path) -> None:
    transport = MaildirTransport(tmp_path / "maildir")
    transport.send(MESSAGE, ONE)
    transport.send(TWO, BOTH)
    box = mailbox.Maildir(tmp_path / "maildir", create=False)
    assert sorted(message["To"] for message in box) == ["a@example.com, b@example.com", "label@example.com"]


def test_a_maildir_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmailRefused) as caught:
        MaildirTransport(tmp_path / "file" / "maildir").send(MESSAGE, ONE)
    assert caught.value.permanent is False


def test_off_sends_nothing() -> None:
    OffTransport().send(MESSAGE, ONE)
