"""Makes foreign text safe for headers and bodies, and checks that no header was injected.

The standard library decodes an encoded word (RFC 2047) inside a header value and writes the newline that it finds there
(CVE-2024-6923 and its kin), so that an album title could add a Bcc. There are two defences: `line` for what goes in,
`wire` for what comes out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy, compat32, default
from typing import Final

from ingest.core.address import ascii_domain, parts
from ingest.core.text import normalised

JOINERS: Final = frozenset("\u200c\u200d")
BREAKS: Final = frozenset({"Cc", "Zl", "Zp"})
LINE_LIMIT: Final = 200
BODY_LIMIT: Final = 1000
HEADER_LIMIT: Final = 10_000
"""Characters of a text that a header is made of; most of them may be invisible and go."""
WHOLE_LINE: Final = 998
"""Octets that a line may have at most (RFC 5322, section 2.1.1)."""


def _with_whole_ids() -> EmailPolicy[EmailMessage]:
    """The default policy, except that a long id in References is not folded into encoded words."""
    registry = HeaderRegistry()
    for name in ("In-Reply-To", "References"):
        registry.map_to_type(name, MessageIDHeader)  # type: ignore[arg-type]  # typeshed lacks the mixin's base
    return default.clone(header_factory=registry)


POLICY: Final = _with_whole_ids()


def line(text: str, limit: int = LINE_LIMIT) -> str:
    """One line for a header: NFC, no controls or invisible characters, no encoded words, at most `limit` characters."""
    kept = (_in_header(character) for character in normalised("NFC", text[:HEADER_LIMIT]))
    flat = " ".join("".join(kept).split())
    # U+2060 WORD JOINER is invisible and keeps `=?` from opening an encoded word (RFC 2047).
    return cut(flat, limit).replace("=?", "=\u2060?")


def shown(text: str, limit: int = BODY_LIMIT) -> str:
    """One line for a body: blanks stay as they are, invisible characters become visible, as in `01_Intro‹U+200B›.wav`.

    A label must be able to see why two names that look alike are not the same.
    """
    return cut("".join(_in_body(character) for character in text.strip()[: limit + 1]), limit)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ended by an ellipsis where something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def mailbox(address: str, name: str = "") -> Address:
    """An address for a header, its domain in ASCII (RFC 3490). Raises NoAddress, a ValueError, when it is none."""
    local, domain = parts(address)
    return Address(display_name=line(name), username=local, domain=domain)


def message_id(text: str) -> str:
    """A message id in its angle brackets (RFC 5322, section 3.6.4). Raises ValueError when the text is none."""
    left, _, domain = text.removeprefix("<").removesuffix(">").rpartition("@")
    bare = f"{left}@{ascii_domain(domain)}"
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+", bare):
        raise ValueError(f"not a message id: {text!r}")
    return f"<{bare}>"


def list_id(stream: str, domain: str) -> str:
    """A List-Id (RFC 2919) by which mail programs sort: `<label-good-vibes.example.org>`."""
    slug = re.sub(r"[^a-z0-9]+", "-", stream.lower()).strip("-")[:60].rstrip("-")
    return f"<{slug or 'ingest'}.{ascii_domain(domain)}>"


def wire(message: EmailMessage, *, utf8: bool = False, seven_bit: bool = False, linesep: str = "\n") -> bytes:
    """The message as it is sent, with the line breaks `linesep` (CRLF for SMTP: RFC 5321, section 2.3.8).

    With `utf8` headers are not folded, so that a subject is on one line. With `seven_bit` no byte is above 127, for
    servers without 8BITMIME (RFC 6152). Raises ValueError when the bytes have other headers than were set.
    """
    longest = WHOLE_LINE if utf8 else POLICY.max_line_length
    policy = POLICY.clone(utf8=utf8, cte_type="7bit" if seven_bit else "8bit", linesep=linesep, max_line_length=longest)
    data = message.as_bytes(policy=policy)
    parsed = BytesParser(policy=compat32).parsebytes(data)
    written = [Counter(name.lower() for name in part.keys()) for part in parsed.walk()]  # noqa: SIM118
    meant = [Counter(name.lower() for name in part.keys()) for part in message.walk()]  # noqa: SIM118
    if written != meant:
        raise ValueError(f"the email {message['Message-ID']} would carry headers that nobody set")
    return data


def _in_header(character: str) -> str:
    category = unicodedata.category(character)
    if category in BREAKS:
        return " "
    return "" if category in {"Cf", "Cs"} and character not in JOINERS else character


def _in_body(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Zl", "Zp"} or character in "\t\n\r\v\f\x85":
        return " "
    if category not in {"Cc", "Cf", "Cs"} or character in JOINERS or "\U000e0020" <= character <= "\U000e007f":
        return character  # joiners and tags are parts of emoji
    return f"‹U+{ord(character):04X}›"
