"""`ingest label`: the accounts that upload."""

from __future__ import annotations

import json
import re
import secrets
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncssh
import click
from sqlalchemy.orm import Session

from ingest.cli.errors import NO
from ingest.cli.options import Here, format_option, pass_here
from ingest.core.notice import NoticeKind
from ingest.house import House
from ingest.store import labels
from ingest.store.models import Label

ALPHABET: Final = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
PASSWORD_LENGTH: Final = 16


@click.group("label")
def command() -> None:
    """Add labels, list them, renew a password, lock one out."""


def _name(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", value):
        raise click.BadParameter("a user name has lower-case letters, digits, - and _ only")
    return value


def _keys(_context: click.Context, _parameter: click.Parameter, value: Sequence[Path]) -> list[str]:
    found = []
    for path in value:
        text = path.read_text("utf-8").strip()
        try:
            asyncssh.import_public_key(text)
        except asyncssh.KeyImportError:
            raise click.BadParameter(f"{path} holds no OpenSSH public key") from None
        found.append(text)
    return found


@command.command("add")
@click.argument("name", callback=_name)
@click.option("--email", "emails", multiple=True, required=True, help="Who gets the emails; may be given again.")
@click.option("--title", default="", help="The label's name as people write it.")
@click.option("--dsp", "dsps", multiple=True, help="An agreed DSP, as named in the configuration; may be given again.")
@click.option("--key", "keys", multiple=True, type=click.Path(exists=True, path_type=Path), callback=_keys)
@click.option("--password", default=None, help="Set this password instead of a generated one.")
@click.option("--no-password", is_flag=True, help="Public keys only.")
@click.option("--quota", type=click.IntRange(min=1), default=None, help="Bytes that may wait under /incoming/.")
@click.option("--no-email", is_flag=True, help="Do not send the credentials.")
@pass_here
def add(
    here: Here,
    name: str,
    emails: Sequence[str],
    title: str,
    dsps: Sequence[str],
    keys: list[str],
    password: str | None,
    no_password: bool,
    quota: int | None,
    no_email: bool,
) -> None:
    """Add a label and email it its credentials; the password is printed here once and stored as a hash."""
    unknown = [dsp for dsp in dsps if dsp not in here.config.dsp]
    if unknown:
        known = ", ".join(sorted(here.config.dsp)) or "none"
        raise click.UsageError(f"no such DSP in the configuration: {', '.join(unknown)}; known: {known}")
    if no_password and not keys:
        raise click.UsageError("--no-password needs a --key, else nobody can log in")
    secret = None if no_password else password or new_password()
    with here.house() as house:
        house.store.migrate()
        _add(house, name, title or name, emails, secret, keys, dsps, quota, not no_email)
    click.echo(f"label {name} added; home {here.config.paths.home(name)}")
    if secret is not None and password is None:
        click.echo(f"password: {secret}")


def _add(
    house: House,
    name: str,
    title: str,
    emails: Sequence[str],
    secret: str | None,
    keys: Sequence[str],
    dsps: Sequence[str],
    quota: int | None,
    tell: bool,
) -> None:
    from ingest.inbound.sftp import hash_password

    hashed = None if secret is None else hash_password(secret)
    house.config.paths.incoming(name).mkdir(parents=True, exist_ok=True, mode=0o700)
    with house.store.transaction() as tx:
        label = labels.add_label(
            tx,
            name=name,
            title=title,
            emails=emails,
            password_hash=hashed,
            public_keys=keys,
            dsps=dsps,
            max_bytes=quota,
            now=house.clock(),
        )
        if tell:
            _tell(house, tx, label, secret)


def _tell(house: House, tx: Session, label: Label, secret: str | None) -> None:
    now = house.clock()
    key = f"credentials:{label.id}:{int(now.timestamp())}"
    details = {"user": label.name, "password": secret or "", **_fingerprint(house)}
    house.moves.tell_label(tx, label.id, label.emails, NoticeKind.CREDENTIALS, key, now, details)


def _fingerprint(house: House) -> dict[str, str]:
    """The fingerprint of the server's first host key, which FileZilla shows at the first connection."""
    from ingest.daemon import host_keys

    keys = [asyncssh.read_private_key(path) for path in host_keys(house.config)]
    return {"fingerprint": keys[0].get_fingerprint()} if keys else {}


def new_password() -> str:
    """A password that can be read out over the telephone: no 0, O, 1, l or I."""
    return "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_LENGTH))


@command.command("list")
@format_option
@pass_here
def list_all(here: Here, output: str) -> None:
    """List the labels."""
    with here.house() as house, house.store.reading() as tx:
        rows = labels.list_labels(tx)
    if output == "json":
        shown = [
            {"name": row.name, "title": row.title, "emails": row.emails, "dsps": row.dsps, "enabled": row.enabled}
            for row in rows
        ]
        click.echo(json.dumps({"labels": shown}, indent=2))
        return
    for row in rows:
        state = "" if row.enabled else "  (disabled)"
        click.echo(f"{row.name:20} {row.title:30} {', '.join(row.emails)}  → {', '.join(row.dsps) or 'no DSP'}{state}")


@command.command("password")
@click.argument("name")
@click.option("--no-email", is_flag=True, help="Do not send the new credentials.")
@pass_here
def password(here: Here, name: str, no_email: bool) -> None:
    """Give a label a new password, print it once and email it."""
    from ingest.inbound.sftp import hash_password

    secret = new_password()
    hashed = hash_password(secret)
    with here.house() as house, house.store.transaction() as tx:
        label = _existing(labels.find_label(tx, name), name)
        label.password_hash = hashed
        if not no_email:
            _tell(house, tx, label, secret)
    click.echo(f"password: {secret}")


@command.command("dsps")
@click.argument("name")
@click.argument("dsps", nargs=-1)
@pass_here
def agree(here: Here, name: str, dsps: Sequence[str]) -> None:
    """Set the agreed DSPs of a label; none at all clears them."""
    unknown = [dsp for dsp in dsps if dsp not in here.config.dsp]
    if unknown:
        raise click.UsageError(f"no such DSP in the configuration: {', '.join(unknown)}")
    with here.house() as house, house.store.transaction() as tx:
        _existing(labels.find_label(tx, name), name).dsps = list(dsps)
    click.echo(f"{name} → {', '.join(dsps) or 'no DSP'}")


@command.command("disable")
@click.argument("name")
@pass_here
def disable(here: Here, name: str) -> None:
    """Lock a label out; what it uploaded stays."""
    _set_enabled(here, name, False)


@command.command("enable")
@click.argument("name")
@pass_here
def enable(here: Here, name: str) -> None:
    """Let a disabled label in again."""
    _set_enabled(here, name, True)


def _set_enabled(here: Here, name: str, enabled: bool) -> None:
    with here.house() as house, house.store.transaction() as tx:
        _existing(labels.find_label(tx, name), name).enabled = enabled
    click.echo(f"{name} is {'enabled' if enabled else 'disabled'}")


def _existing(label: Label | None, name: str) -> Label:
    if label is None:
        click.echo(f"ingest: there is no label {name!r}", err=True)
        raise SystemExit(NO)
    return label
