"""`ingest label`: the accounts that upload."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import asyncssh
import click
from sqlalchemy.orm import Session

from ingest.app.application import App
from ingest.cli.errors import FAILED
from ingest.cli.label_inputs import addresses_of, given_password, label_name, new_password, public_keys
from ingest.cli.options import Here, format_option, pass_here
from ingest.cli.terminal import say, visible
from ingest.core.notice import NoticeKind
from ingest.store import labels
from ingest.store.models import Label

MOST_BYTES = 10**15
BYTES = click.IntRange(min=0, max=MOST_BYTES)
COUNT = click.IntRange(min=0, max=2**31 - 1)


@click.group("label", short_help="Add labels, list them, change what was agreed.")
def command() -> None:
    """Add labels, list them, change what was agreed, renew a password, lock one out."""


@command.command("add")
@click.argument("name", callback=label_name)
@click.option(
    "--email",
    "emails",
    multiple=True,
    required=True,
    callback=addresses_of,
    help="Who gets the emails; may be given again.",
)
@click.option("--title", default="", help="The label's name as people write it.")
@click.option("--dsp", "dsps", multiple=True, help="An agreed DSP, as named in the configuration; may be given again.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=public_keys,
    help="A file of OpenSSH public keys that may log in, one per line; may be given again.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making one.")
@click.option("--no-password", is_flag=True, help="Public keys only.")
@click.option(
    "--quota",
    type=click.IntRange(1, MOST_BYTES),
    default=None,
    help="Bytes under /incoming/ at one time; see `label quota`.",
)
@click.option("--no-email", is_flag=True, help="Do not send the credentials.")
@pass_here
def add(
    here: Here,
    name: str,
    emails: Sequence[str],
    title: str,
    dsps: Sequence[str],
    keys: list[str],
    password_stdin: bool,
    no_password: bool,
    quota: int | None,
    no_email: bool,
) -> None:
    """Add a label and email it its credentials.

    A password is made, printed here once and stored as a hash; or read with --password-stdin, then it is not printed.
    """
    _check_dsps(here, dsps)
    if no_password and not keys:
        raise click.UsageError("--no-password needs a --key, else nobody can log in")
    if no_password and password_stdin:
        raise click.UsageError("--no-password and --password-stdin exclude each other")
    secret = None if no_password else given_password() if password_stdin else new_password()
    with here.app(may_make=True) as app:
        app.migrate()
        _add(app, name, title or name, emails, secret, keys, dsps, quota, not no_email)
    click.echo(f"label {name} added; home {here.config.paths.home(name)}")
    if secret is not None and not password_stdin:
        click.echo(f"password: {secret}")


def _check_dsps(here: Here, dsps: Sequence[str]) -> None:
    unknown = [dsp for dsp in dsps if dsp not in here.config.dsp]
    if unknown:
        known = ", ".join(sorted(here.config.dsp)) or "none"
        raise click.UsageError(f"no such DSP in the configuration: {', '.join(unknown)}; known: {known}")


def _add(
    app: App,
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
    home = app.config.paths.incoming(name)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    give_to_daemon(home, app.config.paths.data)
    with app.store.transaction() as tx:
        label = labels.add_label(
            tx,
            name=name,
            title=title,
            emails=emails,
            password_hash=hashed,
            public_keys=keys,
            dsps=list(dict.fromkeys(dsps)),
            max_bytes=quota,
            now=app.clock(),
        )
        if tell:
            _tell(app, tx, label, secret)


def _tell(app: App, tx: Session, label: Label, secret: str | None, *, is_renewed: bool = False) -> None:
    now = app.clock()
    key = f"credentials:{label.id}:{int(now.timestamp())}"
    details = {"user": label.name, "title": label.title, "password": secret or "", **_fingerprint(app)}
    if is_renewed:
        details["renewed"] = "yes"
    app.notify.of_label(tx, label.id, label.emails, NoticeKind.CREDENTIALS, key, now, details)


def _fingerprint(app: App) -> dict[str, str]:
    """The fingerprint of the server's first host key, which FileZilla shows at the first connection."""
    from ingest.app.daemon import host_keys

    keys = [asyncssh.read_private_key(path) for path in host_keys(app.config)]
    return {"fingerprint": keys[0].get_fingerprint()} if keys else {}


def give_to_daemon(home: Path, data: Path) -> None:
    """When run as root: give the label's home to the owner of the data directory, else the daemon could not use it."""
    if os.geteuid() == 0:
        owner = data.stat()
        for place in (home, home.parent, home.parent.parent):
            os.chown(place, owner.st_uid, owner.st_gid)


@command.command("list")
@format_option
@pass_here
def list_all(here: Here, output: str) -> None:
    """List the labels."""
    with here.app() as app, app.store.reading() as tx:
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
        say(f"{row.name:20} {row.title:30} {', '.join(row.emails)}  → {', '.join(row.dsps) or 'no DSP'}{state}")


@command.command("password")
@click.argument("name")
@click.option("--no-email", is_flag=True, help="Do not send the new credentials.")
@pass_here
def password(here: Here, name: str, no_email: bool) -> None:
    """Give a label a new password, print it once and email it."""
    from ingest.inbound.sftp import hash_password

    secret = new_password()
    hashed = hash_password(secret)
    with here.app() as app, app.store.transaction() as tx:
        label = _existing(labels.find_label(tx, name), name)
        label.password_hash = hashed
        if not no_email:
            _tell(app, tx, label, secret, is_renewed=True)
    click.echo(f"password: {secret}")


@command.command("email", short_help="Set who gets the emails of a label.")
@click.argument("name")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True, callback=addresses_of)
@pass_here
def email(here: Here, name: str, addresses: Sequence[str]) -> None:
    """Set who gets the emails of a label; the addresses take the place of those it had."""
    with here.app() as app, app.store.transaction() as tx:
        _existing(labels.find_label(tx, name), name).emails = list(addresses)
    click.echo(f"{name} → {', '.join(addresses)}")


@command.command("dsps", short_help="Show or set the agreed DSPs of a label.")
@click.argument("name")
@click.argument("dsps", metavar="[DSP]...", nargs=-1)
@click.option("--none", "clear", is_flag=True, help="Agree on no DSP at all.")
@pass_here
def agree(here: Here, name: str, dsps: Sequence[str], clear: bool) -> None:
    """Show the agreed DSPs of a label, or set them: those named take the place of all it had."""
    if dsps and clear:
        raise click.UsageError("--none and names of DSPs exclude each other")
    _check_dsps(here, dsps)
    with here.app() as app, app.store.transaction() as tx:
        label = _existing(labels.find_label(tx, name), name)
        if dsps or clear:
            label.dsps = list(dict.fromkeys(dsps))
        agreed = list(label.dsps)
    click.echo(f"{name} → {', '.join(agreed) or 'no DSP'}")


@command.command("quota", short_help="Show or set what a label may have under /incoming/.")
@click.argument("name")
@click.option("--bytes", "max_bytes", type=BYTES, help="Bytes at one time.")
@click.option("--files", "max_files", type=COUNT, help="Files at one time.")
@click.option("--folders", "max_folders", type=COUNT, help="Folders at one time.")
@pass_here
def quota(here: Here, name: str, max_bytes: int | None, max_files: int | None, max_folders: int | None) -> None:
    """Show what a label may have under /incoming/ at one time and has, or change it.

    0 is what the configuration says.
    """
    from ingest.inbound.sftp.quota_limits import used_under

    given = {"max_bytes": max_bytes, "max_files": max_files, "max_folders": max_folders}
    with here.app() as app, app.store.transaction() as tx:
        label = _existing(labels.find_label(tx, name), name)
        for field, value in given.items():
            if value is not None:
                setattr(label, field, value or None)
        own = (label.max_bytes, label.max_files, label.max_folders)
    usual = here.config.sftp
    default = (usual.max_bytes_per_label, usual.max_files_per_label, usual.max_folders_per_label)
    used = used_under(here.config.paths.incoming(name))
    for unit, mine, common, now in zip(("bytes", "files", "folders"), own, default, used, strict=True):
        click.echo(f"{unit:8} {mine or common:>20,}  {now:,} used{'' if mine else '  (as configured)'}")


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
    with here.app() as app, app.store.transaction() as tx:
        _existing(labels.find_label(tx, name), name).enabled = enabled
    click.echo(f"{name} is {'enabled' if enabled else 'disabled'}")


def _existing(label: Label | None, name: str) -> Label:
    if label is None:
        click.echo(f"ingest: there is no label {visible(name)!r}; `ingest label list` lists them", err=True)
        raise SystemExit(FAILED)
    return label
