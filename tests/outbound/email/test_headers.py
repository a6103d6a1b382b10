"""Foreign text in headers and bodies, and what may reach the wire."""

from __future__ import annotations

import unicodedata
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.outbound.email.headers import cut, line, list_id, mailbox, message_id, shown, wire

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("Lagos Nights", "Lagos Nights"),
        ("a\r\nBcc: e@x", "a Bcc: e@x"),
        ("a\rb\x0bc\x0cd\x85e\u2028f\u2029g\x00h\ti", "a b c d e f g h i"),
        ("=?utf-8?q?x=0aBcc:_e@x?=", "=\u2060?utf-8?q?x=0aBcc:_e@x?="),
        ("=\u202e?utf-8?q?x?=", "=\u2060?utf-8?q?x?="),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("a\ud800b", "ab"),
        ("Cafe\u0301", "Café"),
        ("  much   blank  ", "much blank"),
        ("👩\u200d🎤", "👩\u200d🎤"),
        ("x" * 500, "x" * 199 + "…"),
        ("", ""),
    ],
)
def test_a_line_for_a_header_holds_one_plain_line(given_text: str, expected: str) -> None:
    assert line(given_text) == expected


@pytest.mark.parametrize(
    ("given_text", "expected"),
    [
        ("01  Two  blanks.wav", "01  Two  blanks.wav"),
        ("01_Intro\u200b.wav", "01_Intro‹U+200B›.wav"),
        ("safe\u202egnp.exe", "safe‹U+202E›gnp.exe"),
        ("a\r\nb\u2028c", "a  b c"),
        ("a\x00b\x1b[31m", "a‹U+0000›b‹U+001B›[31m"),
        ("a\ud800b", "a‹U+D800›b"),
        ("Cafe\u0301", "Cafe\u0301"),
        ("👩\u200d🎤", "👩\u200d🎤"),
        ("y" * 1500, "y" * 999 + "…"),
    ],
)
def test_a_body_shows_what_cannot_be_seen(given_text: str, expected: str) -> None:
    assert shown(given_text) == expected


@given(ANY_TEXT)
@settings(max_examples=100, deadline=None)
def test_no_text_gets_a_control_or_an_encoded_word_into_a_header(text: str) -> None:
    clean = line(text)
    assert "=?" not in clean
    assert {unicodedata.category(character) for character in clean}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
    assert len(clean) <= 300


@given(ANY_TEXT)
@settings(max_examples=100, deadline=None)
def test_any_text_as_a_subject_leaves_the_headers_as_they_were_set(text: str) -> None:
    message = EmailMessage(policy=default)
    message["Subject"] = line(text)
    message["To"] = mailbox("a@example.com", text)
    message.set_content("body\n")
    for data in (wire(message), wire(message, utf8=True), wire(message, seven_bit=True)):
        assert b"\nBcc" not in data


@pytest.mark.parametrize("smuggled", ["=?utf-8?q?x=0aBcc:_e@x?=", "=?utf-8?q?x=0dBcc:_e@x?="])
def test_a_header_that_was_smuggled_in_stops_the_email(smuggled: str) -> None:
    message = EmailMessage(policy=default)
    message["Subject"] = smuggled
    message.set_content("body\n")
    written = message.as_bytes().replace(b"\r", b"\n")
    if b"\nBcc" in written:  # an interpreter without the fault has nothing to stop
        with pytest.raises(ValueError, match="headers that nobody set"):
            wire(message)


def test_a_7_bit_email_holds_ascii_only() -> None:
    message = EmailMessage(policy=default)
    message["Subject"] = "Señorita · 1"
    message.set_content("Señorita\n", cte="8bit")
    assert wire(message, seven_bit=True).isascii()
    assert "Señorita".encode() in wire(message, utf8=True).split(b"\n\n")[0]


@pytest.mark.parametrize(
    ("address", "expected"),
    [("a.b@example.com", "a.b@example.com"), ("info@müsik.example", "info@xn--msik-0ra.example")],
)
def test_an_address_goes_out_in_ascii(address: str, expected: str) -> None:
    assert mailbox(address).addr_spec == expected


@pytest.mark.parametrize(
    "address", ["", "nobody", "ä@example.com", "a@b\r\nBcc: c@d", "a b@example.com", "a,c@example.com", "<a@b.c>", "a@"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"address|label"):
        mailbox(address)


def test_message_ids_get_their_brackets_once() -> None:
    assert message_id("12.3@example.com") == message_id("<12.3@example.com>") == "<12.3@example.com>"


@pytest.mark.parametrize("bad", ["", "12", "<a@b>\nBcc: x", "a b@c", "<<a@b>>"])
def test_what_is_no_message_id_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not a message id"):
        message_id(bad)


def test_a_list_id_is_made_of_letters_and_digits() -> None:
    assert list_id("label-Good Vibes & Söhne", "example.com") == "<label-good-vibes-s-hne.example.com>"
    assert list_id("音楽", "example.com") == "<ingest.example.com>"


def test_a_cut_text_ends_in_an_ellipsis() -> None:
    assert (cut("abc", 3), cut("abcd", 3)) == ("abc", "ab…")
