"""`ingest email ID`"""

from __future__ import annotations

import base64
import tempfile
import webbrowser
from email.message import EmailMessage
from pathlib import Path

import click

from ingest.cli.options import EMAIL_ID, Here, pass_here
from ingest.cli.terminal import say


@click.command("email", short_help="Show an email as text, or in the browser.")
@click.argument("email", metavar="ID", type=EMAIL_ID)
@click.option("--html", is_flag=True, help="Print the HTML instead of the text.")
@click.option("--open", "is_opened", is_flag=True, help="Open it in the browser.")
@pass_here
def command(here: Here, email: int, html: bool, is_opened: bool) -> None:
    """Show an email as its readers see it, worded from what is known now. `ingest emails` lists them."""
    with here.app() as app:
        message = app.emails.message(email)
    if is_opened:
        file = Path(tempfile.mkdtemp(prefix="ingest-")) / f"email-{email}.html"
        file.write_text(html_of(message), "utf-8")
        if not webbrowser.open(file.as_uri()):
            click.echo("ingest: there is no browser here; open the file on another machine", err=True)
        say(f"{file}")
    elif html:
        click.echo(html_of(message))
    else:
        for name in ("From", "To", "Subject", "Date"):
            say(f"{name}: {message[name]}")
        click.echo(f"\n{_part(message, 'plain')}")


def html_of(message: EmailMessage) -> str:
    """The HTML as one file: the picture that the email brings stands in it."""
    html = _part(message, "html")
    for part in message.walk():
        if part.get_content_type() == "image/jpeg" and (name := part["Content-ID"]):
            data = base64.b64encode(bytes(part.get_payload(decode=True))).decode("ascii")
            html = html.replace(f"cid:{name[1:-1]}", f"data:image/jpeg;base64,{data}")
    return html


def _part(message: EmailMessage, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and isinstance(part, EmailMessage):
            return str(part.get_content())
    return ""
