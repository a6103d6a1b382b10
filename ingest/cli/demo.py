"""`ingest demo`: a whole daemon in one folder, and two releases uploaded to it."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Final

import click

from ingest.cli import demo_dsp, samples
from ingest.cli.demo_folder import PASSWORD, PORT, USER, WEB_PORT, WORKER, Demo, not_running, prepare
from ingest.cli.errors import FAILED
from ingest.config import Config
from ingest.config.codes import load

WAIT_SECONDS: Final = 120
PORT_TAKEN: Final = (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL)


@click.command("demo", short_help="Start a whole daemon in one folder, to try it.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=None,
    help=f"SFTP port on 127.0.0.1, also for a demo that stands already.  [default: that of the demo, else {PORT}]",
)
@click.option(
    "--web-port",
    type=click.IntRange(1, 65535),
    default=None,
    help=f"Port of the REST API on 127.0.0.1, also for a demo that stands already.  [default: {WEB_PORT}]",
)
@click.option("--upload", is_flag=True, help="Upload a good and a broken release to the running demo instead.")
def command(folder: Path, port: int | None, web_port: int | None, upload: bool) -> None:
    """Start a whole daemon in one folder: SQLite, local folders, a Maildir, the REST API, one label and two DSPs.

    Runs in the foreground until Ctrl-C. With --upload, in a second terminal, two releases are made on the spot,
    uploaded with the OpenSSH client, and the emails that answer them are shown.
    """
    demo = Demo(folder.resolve())
    if upload and not demo.config_path.exists():
        raise click.UsageError(f"there is no demo in {folder}: start `make demo` first")
    if upload:
        upload_samples(demo)
    else:
        start(demo, port, web_port)


def start(demo: Demo, port: int | None, web_port: int | None = None) -> None:
    """Create the demo's folder unless it exists, then serve in the foreground."""
    from ingest.app import daemon
    from ingest.app.self_check import Sick
    from ingest.flow.worker_lock import WorkerBusy
    from ingest.host.logs import configure

    configure("info", "auto")
    try:
        with not_running(demo):
            config = prepare(demo, port, web_port)
    except WorkerBusy as error:
        click.echo(f"ingest: {error}", err=True)
        raise SystemExit(FAILED) from None

    def ready(port: int) -> None:
        click.echo(welcome(demo, port, config.web.port if config.web.enabled else None), err=True)

    try:
        with demo_dsp.running(demo.folder, config):
            daemon.run(config, WORKER, ready)
    except (WorkerBusy, Sick) as error:
        click.echo(f"ingest: {error}", err=True)
        raise SystemExit(FAILED) from None
    except OSError as error:
        if error.errno not in PORT_TAKEN:
            raise
        ports = " or ".join(map(str, _ports(config)))
        click.echo(f"ingest: port {ports} cannot be used: {error.strerror}; try --port or --web-port", err=True)
        raise SystemExit(FAILED) from None


def _ports(config: Config) -> list[int]:
    """The ports that a demo listens on."""
    web = [config.web.port] if config.web.enabled else []
    return [config.sftp.port, *(dsp.sftp.port for dsp in config.dsp.values() if dsp.sftp is not None), *web]


def welcome(demo: Demo, port: int, web_port: int | None = None) -> str:
    """How to use the demo, on one screen."""
    ingest = f"{_command()} --config {_short(demo.config_path)}"
    api = ""
    if web_port is not None:
        api = f"""
API      http://127.0.0.1:{web_port}/docs describes it; a key of your own:
         {ingest} key create {USER} --scope read --scope write --scope moderate
"""
    return f"""
The demo is running. Everything it writes is in {demo.folder}

Upload   FileZilla: File > Site Manager > New Site, protocol SFTP, host localhost, port {port},
         user {USER}, password {PASSWORD}; drag a release folder into /incoming/
         or: sftp -P {port} {USER}@localhost
         or, in a second terminal: make demo-upload   (a good and a broken release, made on the spot)

Emails   {ingest} emails            (they appear about half a minute after an upload)
         {ingest} email 1 --open    (in the browser; without --open as text)

Reports  the same on the SFTP server, under /reports/: status.txt, report.html... of each release

QC       {ingest} packages
         {ingest} show 1
         {ingest} approve 1
         {ingest} reject 1 --notes "What the label must change"

DSPs     {_short(demo.folder)}/dsp/archive/ gets approved packages as they came,
         {_short(demo.folder)}/dsp/stream/ by SFTP as batches in ERN 4.3 with FLAC
         {ingest} dsp test stream
         {ingest} shipment 1
{api}
Ctrl-C stops it.
"""


def upload_samples(demo: Demo) -> None:
    """Make two releases, upload them with `sftp`, wait for the verdicts and show the emails."""
    config = load(demo.config_path)
    before = set(_mails(demo.maildir))
    with tempfile.TemporaryDirectory() as made:
        for sample in (samples.good(), samples.broken()):
            folder = samples.write(sample, Path(made))
            name = f"{folder.name}_{int(time.time())}"
            click.echo(f"uploading {name}", err=True)
            _sftp(demo, config.sftp.port, folder, name)
    click.echo("waiting for the verdicts: a folder is settled after half a minute of quiet", err=True)
    verdicts = ("Needs QC", "Invalid")
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        new = [path for path in _mails(demo.maildir) if path not in before]
        messages = [_read(path) for path in new]
        told = [message for message in messages if message["X-Ingest-Status"] in verdicts and _to_label(message)]
        if len(told) >= 2:
            for message in told:
                click.echo(_shown(message))
            listed = f"{_command()} --config {_short(demo.config_path)} emails"
            click.echo(f"All {len(new)} emails: {listed}", err=True)
            return
        time.sleep(1)
    click.echo(f"ingest: no verdict within {WAIT_SECONDS} seconds; is `ingest demo` running?", err=True)
    raise SystemExit(FAILED)


def _sftp(demo: Demo, port: int, folder: Path, name: str) -> None:
    """Upload one folder as the guide's command line does."""
    client = shutil.which("sftp")
    if client is None:
        raise click.UsageError("the OpenSSH client `sftp` is not installed")
    batch = f'cd incoming\nmkdir "{name}"\ncd "{name}"\nput {folder}/*\n'
    options = ["-i", str(demo.key), "-P", str(port), "-o", f"UserKnownHostsFile={demo.folder / 'known_hosts'}"]
    options += ["-o", "StrictHostKeyChecking=accept-new", "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR"]
    done = subprocess.run(
        [client, *options, "-b", "-", f"{USER}@127.0.0.1"], input=batch, text=True, capture_output=True, check=False
    )
    if done.returncode != 0:
        click.echo(f"ingest: the upload failed: {done.stderr.strip()}; is `ingest demo` running?", err=True)
        raise SystemExit(FAILED)


def _mails(maildir: Path) -> Iterator[Path]:
    yield from sorted((maildir / "new").glob("*"))


def _read(path: Path) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(path.read_bytes())


def _to_label(message: EmailMessage) -> bool:
    return "label@demo.example" in str(message["To"])


def _shown(message: EmailMessage) -> str:
    text = message.get_body(("plain",))
    body = "" if text is None else text.get_content()
    return f"{'=' * 78}\nTo: {message['To']}\nSubject: {message['Subject']}\n\n{body}"


def _command() -> str:
    """How this program is started from the working folder: `make demo` installs no command of its own."""
    if Path(".venv/bin/ingest").exists():
        return ".venv/bin/ingest"
    return ".venv/bin/python -m ingest" if Path(".venv/bin/python").exists() else "ingest"


def _short(path: Path) -> str:
    """The path relative to the working folder where it lies below it, else as it is."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
