"""The inputs of `ingest label` as options and arguments, and the messages where they are wrong."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ingest.cli.refusals import words
from ingest.flow.account_fields import check_addresses, check_keys, check_name, check_password
from ingest.flow.errors import Refused


def label_name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """A user name. Raises BadParameter."""
    try:
        check_name(value)
    except Refused as error:
        raise click.BadParameter(words(error)) from None
    return value


def public_keys(_context: click.Context, _parameter: click.Parameter, value: Sequence[Path]) -> list[str]:
    """The keys in the files that were given, one per line. Raises BadParameter for a file that holds anything else."""
    return [key for path in value for key in _keys_in(path)]


def _keys_in(path: Path) -> list[str]:
    try:
        rows = [row.strip() for row in path.read_text("utf-8").splitlines()]
        keys = check_keys([row for row in rows if row and not row.startswith("#")])
    except (UnicodeDecodeError, Refused):
        keys = []
    if not keys:
        raise click.BadParameter(f"{path} holds no OpenSSH public key, or something else beside it")
    return keys


def addresses_of(_context: click.Context, _parameter: click.Parameter, value: Sequence[str]) -> Sequence[str]:
    """The addresses, each of which an email can be sent to. Raises BadParameter."""
    try:
        return check_addresses(value)
    except Refused as error:
        raise click.BadParameter(words(error)) from None


def given_password() -> str:
    """The password from standard input, on one line; a terminal asks for it and does not show it."""
    try:
        given = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.read().rstrip("\r\n")
    except UnicodeDecodeError:
        given = ""
    try:
        check_password(given)
    except Refused as error:
        wanted = "standard input must hold the password on one line, {least} to {most} characters"
        raise click.UsageError(words(error, wanted)) from None
    return given
