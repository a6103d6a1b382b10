"""Email addresses: the one check that the configuration, the command line and the emails share."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 254
LONGEST_LOCAL: Final = 64
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")


class NoAddress(ValueError):
    """A text that is no email address; the message says so in a sentence."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is no email address")


def parts(address: str) -> tuple[str, str]:
    """The mailbox's name and its domain in ASCII (RFC 5321, sections 4.1.2 and 4.5.3). Raises NoAddress."""
    local, _, domain = address.rpartition("@")
    if not _LOCAL.fullmatch(local) or len(local) > LONGEST_LOCAL or not address.isprintable():
        raise NoAddress(address)
    try:
        known = ascii_domain(domain)
    except ValueError:
        raise NoAddress(address) from None
    if not _DOMAIN.fullmatch(known) or len(local) + 1 + len(known) > LONGEST:
        raise NoAddress(address)
    return local, known


def ascii_domain(domain: str) -> str:
    """The domain in ASCII, as mail servers use it (IDNA, RFC 3490). Raises ValueError when it is no domain."""
    return domain.encode("idna").decode("ascii")
