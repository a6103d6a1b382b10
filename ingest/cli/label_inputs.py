"""The inputs of `ingest label`: names, keys, addresses and passwords, and the messages where they are wrong."""

from __future__ import annotations

import getpass
import re
import secrets
import string
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncssh
import click

from ingest.core.address import NoAddress, parts
from ingest.core.visible import visible
from ingest.inbound.sftp.accounts import MAX_PASSWORD

ALPHABET: Final = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
PASSWORD_LENGTH: Final = 16
MIN_PASSWORD: Final = 15
"""Characters of a password that stands alone (NIST SP 800-63B-4, 3.1.1.2)."""


def label_name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """A user name, which is also the name of the label's home folder."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", value):
        raise click.BadParameter("a user name has lower-case letters, digits, - and _ only")
    return value


def public_keys(_context: click.Context, _parameter: click.Parameter, value: Sequence[Path]) -> list[str]:
    """The keys in the files that were given, one per line. Raises BadParameter for a file that holds anything else:
    a private key is taken for its public half by asyncssh, and is nothing for us to keep.
    """
    found: list[str] = []
    for path in value:
        try:
            rows = [row.strip() for row in path.read_text("utf-8").splitlines()]
            keys = [row for row in rows if row and not row.startswith("#")]
            for key in keys:
                asyncssh.import_public_key(key)
        except ValueError:
            keys = []
        if not keys:
            raise click.BadParameter(f"{path} holds no OpenSSH public key, or something else beside it")
        found += keys
    return found


def addresses_of(_context: click.Context, _parameter: click.Parameter, value: Sequence[str]) -> Sequence[str]:
    """The addresses, each of which an email can be sent to. Raises BadParameter."""
    for address in value:
        try:
            parts(address)
        except NoAddress as error:
            raise click.BadParameter(visible(str(error))) from None
    return tuple(dict.fromkeys(value))


def given_password() -> str:
    """The password from standard input, on one line; a terminal asks for it and does not show it."""
    try:
        given = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.read().rstrip("\r\n")
    except UnicodeDecodeError:
        given = ""
    if not given.isprintable() or not MIN_PASSWORD <= len(given) <= MAX_PASSWORD:
        wanted = f"{MIN_PASSWORD} to {MAX_PASSWORD} characters"
        raise click.UsageError(f"standard input must hold the password on one line, {wanted}")
    return given


def new_password() -> str:
    """A password that can be read out over the telephone: no 0, O, 1, l or I."""
    return "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_LENGTH))
