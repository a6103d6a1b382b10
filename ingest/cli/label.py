"""`ingest label`: the accounts that upload."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from ingest.cli.label_inputs import addresses_of, given_password, label_name, public_keys
from ingest.cli.options import Here, as_option, by, format_option, pass_here
from ingest.cli.refusals import words
from ingest.cli.terminal import say
from ingest.core.visible import visible
from ingest.flow.account_fields import MOST_BYTES, MOST_COUNT
from ingest.flow.accounts import NewLabel
from ingest.flow.errors import NotFound
from ingest.flow.lookup import check_dsps

BYTES = click.IntRange(min=0, max=MOST_BYTES)
COUNT = click.IntRange(min=0, max=MOST_COUNT)


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
@click.option("--sandbox", is_flag=True, help="For trying things out: releases go to DSPs with sandbox = true only.")
@click.option("--no-email", is_flag=True, help="Do not send the credentials.")
@as_option
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
    sandbox: bool,
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
    secret = given_password() if password_stdin else None
    new = NewLabel(name, emails, title, dsps, keys, secret, no_password, quota, sandbox)
    with here.app(may_make=True) as app:
        app.migrate()
        made = app.accounts.add(new, by(), tell=not no_email)
    click.echo(f"label {name} added; home {here.config.paths.home(name)}")
    if made is not None:
        click.echo(f"password: {made}")
    _say_who_is_told(here, emails, told=not no_email)


def _say_who_is_told(here: Here, emails: Sequence[str], *, told: bool) -> None:
    """Say on standard error whether the credentials go to the label: standard output is what was asked for."""
    to = ", ".join(emails)
    transport = here.config.email.transport
    if not told:
        line = f"the credentials are NOT sent to {to}, as --no-email says: hand them over yourself"
    elif transport == "smtp":
        line = f"the daemon emails the credentials to {to}; `ingest status` tells of emails that do not leave"
    elif transport == "maildir":
        place = here.config.maildir
        line = f"the credentials are NOT sent to {to}: email.transport is maildir, the email goes into {place}"
    else:
        line = f"the credentials are NOT sent to {to}: email.transport is off"
    click.echo(f"ingest: {visible(line)}", err=True)


def _check_dsps(here: Here, dsps: Sequence[str]) -> None:
    try:
        check_dsps(here.config, dsps)
    except NotFound as error:
        raise click.UsageError(words(error, "no such DSP in the configuration: {unknown}; known: {known}")) from None


@command.command("list")
@format_option
@pass_here
def list_all(here: Here, output: str) -> None:
    """List the labels."""
    with here.app() as app:
        rows = app.accounts.every()
    if output == "json":
        shown = [
            {
                "name": row.name,
                "title": row.title,
                "emails": row.emails,
                "dsps": row.dsps,
                "enabled": row.enabled,
                "is_sandbox": row.is_sandbox,
            }
            for row in rows
        ]
        click.echo(json.dumps({"labels": shown}, indent=2))
        return
    for row in rows:
        state = ("  (sandbox)" if row.is_sandbox else "") + ("" if row.enabled else "  (disabled)")
        say(f"{row.name:20} {row.title:30} {', '.join(row.emails)}  → {', '.join(row.dsps) or 'no DSP'}{state}")


@command.command("password")
@click.argument("name")
@click.option("--no-email", is_flag=True, help="Do not send the new credentials.")
@as_option
@pass_here
def password(here: Here, name: str, no_email: bool) -> None:
    """Give a label a new password, print it once and email it."""
    with here.app() as app:
        secret = app.accounts.renew_password(name, by(), tell=not no_email)
        emails = app.accounts.get(name).emails
    click.echo(f"password: {secret}")
    _say_who_is_told(here, emails, told=not no_email)


@command.command("email", short_help="Set who gets the emails of a label.")
@click.argument("name")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True, callback=addresses_of)
@as_option
@pass_here
def email(here: Here, name: str, addresses: Sequence[str]) -> None:
    """Set who gets the emails of a label; the addresses take the place of those it had."""
    with here.app() as app:
        app.accounts.set_emails(name, addresses, by())
    click.echo(f"{name} → {', '.join(addresses)}")


@command.command("dsps", short_help="Show or set the agreed DSPs of a label.")
@click.argument("name")
@click.argument("dsps", metavar="[DSP]...", nargs=-1)
@click.option("--none", "clear", is_flag=True, help="Agree on no DSP at all.")
@as_option
@pass_here
def agree(here: Here, name: str, dsps: Sequence[str], clear: bool) -> None:
    """Show the agreed DSPs of a label, or set them: those named take the place of all it had."""
    if dsps and clear:
        raise click.UsageError("--none and names of DSPs exclude each other")
    _check_dsps(here, dsps)
    with here.app() as app:
        if dsps or clear:
            app.accounts.agree_dsps(name, dsps, by())
        agreed = app.accounts.get(name).dsps
    click.echo(f"{name} → {', '.join(agreed) or 'no DSP'}")


@command.command("sandbox", short_help="Show or set whether a label is a sandbox.")
@click.argument("name")
@click.option("--on/--off", "is_sandbox", default=None, help="Make it one, or a label whose releases reach stores.")
@as_option
@pass_here
def sandbox(here: Here, name: str, is_sandbox: bool | None) -> None:
    """Show whether a label is a sandbox, or set it before its first release.

    The releases of a sandbox go to DSPs with `sandbox = true` in the configuration and to no others, and those DSPs get
    no other releases. Its keys are test keys (isp_test_...).
    """
    with here.app() as app:
        if is_sandbox is not None:
            app.accounts.set_sandbox(name, by(), is_sandbox=is_sandbox)
        account = app.accounts.get(name)
    click.echo(f"{name} is {'a sandbox' if account.is_sandbox else 'no sandbox'}")


@command.command("quota", short_help="Show or set what a label may have under /incoming/.")
@click.argument("name")
@click.option("--bytes", "max_bytes", type=BYTES, help="Bytes at one time.")
@click.option("--files", "max_files", type=COUNT, help="Files at one time.")
@click.option("--folders", "max_folders", type=COUNT, help="Folders at one time.")
@as_option
@pass_here
def quota(here: Here, name: str, max_bytes: int | None, max_files: int | None, max_folders: int | None) -> None:
    """Show what a label may have under /incoming/ at one time and has, or change it.

    0 is what the configuration says.
    """
    with here.app() as app:
        if (max_bytes, max_files, max_folders) != (None, None, None):
            app.accounts.set_quota(name, by(), max_bytes=max_bytes, max_files=max_files, max_folders=max_folders)
        lines = app.accounts.quota(name)
    for one in lines:
        click.echo(f"{one.unit:8} {one.most:>20,}  {one.used:,} used{'' if one.is_own else '  (as configured)'}")


@command.command("disable")
@click.argument("name")
@as_option
@pass_here
def disable(here: Here, name: str) -> None:
    """Lock a label out; what it uploaded stays."""
    with here.app() as app:
        app.accounts.disable(name, by())
    click.echo(f"{name} is disabled")


@command.command("enable")
@click.argument("name")
@as_option
@pass_here
def enable(here: Here, name: str) -> None:
    """Let a disabled label in again."""
    with here.app() as app:
        app.accounts.enable(name, by())
    click.echo(f"{name} is enabled")
