"""Checks of the fields of a label's account, which raise Refused, and new passwords."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Sequence
from typing import Final

import asyncssh

from ingest.core.address import NoAddress, parts
from ingest.flow.errors import Code, Refused
from ingest.inbound.sftp.accounts import MAX_PASSWORD, prepared

ALPHABET: Final = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
PASSWORD_LENGTH: Final = 16
MIN_PASSWORD: Final = 15
"""The fewest characters of a password that is the only factor (NIST SP 800-63B-4, 3.1.1.2)."""

MOST_BYTES: Final = 10**15
MOST_COUNT: Final = 2**31 - 1
"""The largest quotas of bytes, and of files or folders."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


def check_name(name: str) -> None:
    """Raise Refused unless this can be a user name: it also names the label's home folder."""
    if not _NAME.fullmatch(name):
        raise Refused(Code.LABEL_NAME_REFUSED, label=name)


def check_addresses(addresses: Sequence[str]) -> list[str]:
    """The addresses without duplicates.

    Raises Refused for none, and for one that no email can be sent to (core.address).
    """
    if not addresses:
        raise Refused(Code.ADDRESS_MISSING)
    for address in addresses:
        try:
            parts(address)
        except NoAddress:
            raise Refused(Code.ADDRESS_REFUSED, address=address) from None
    return list(dict.fromkeys(addresses))


def check_keys(keys: Sequence[str]) -> list[str]:
    """The OpenSSH public keys without duplicates, one line each. Raises Refused for anything else.

    A private key is refused too: asyncssh would import its public half, but the private one must not be stored here.
    """
    stripped = [key.strip() for key in keys]
    for key in stripped:
        try:
            if key.splitlines() != [key]:
                raise ValueError
            asyncssh.import_public_key(key)
        except ValueError:
            raise Refused(Code.KEY_REFUSED) from None
    return list(dict.fromkeys(stripped))


def check_password(password: str) -> None:
    """Raise Refused unless a person may choose this password: one line of printable characters, 15 to 1024.

    Characters that SASLprep forbids are refused too: programs that send the password by SSH's method `password` could
    not log in.
    """
    if not password.isprintable() or not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Refused(Code.PASSWORD_REFUSED, least=MIN_PASSWORD, most=MAX_PASSWORD)
    try:
        length = len(prepared(password))
    except ValueError:
        raise Refused(Code.PASSWORD_UNSENDABLE) from None
    if not MIN_PASSWORD <= length <= MAX_PASSWORD:
        raise Refused(Code.PASSWORD_REFUSED, least=MIN_PASSWORD, most=MAX_PASSWORD)


def check_quota(value: int | None, most: int) -> None:
    """Raise Refused for a number of bytes, files or folders below 0 or above `most`. None: the configured quota."""
    if value is not None and not 0 <= value <= most:
        raise Refused(Code.QUOTA_REFUSED, most=most)


def new_password() -> str:
    """A password that can be read out over the telephone: no 0, O, 1, l or I."""
    return "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_LENGTH))
