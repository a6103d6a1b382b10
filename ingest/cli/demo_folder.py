"""The folder of a demo: its configuration, keys, label and DSPs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncssh
import click

from ingest.app.application import open_app
from ingest.cli.demo_dsp import make_keys
from ingest.config import Config, read_source
from ingest.config.codes import load
from ingest.config.lines import lines_of
from ingest.flow.home import make_home
from ingest.flow.worker_lock import WorkerLock
from ingest.host import private
from ingest.store import labels

USER: Final = "demo"
PASSWORD: Final = "demo"
PORT: Final = 2222
WEB_PORT: Final = 8080
WORKER: Final = "demo"

CONFIG: Final = """# Written by `ingest demo`; every key is explained in config.example.toml.
[operator]
name = "Demo Distribution"
public_host = "localhost"
public_port = {port}
support_email = "support@demo.example"
qc_emails = ["qc@demo.example"]
ops_emails = ["ops@demo.example"]

[paths]
data = "."

[sftp]
host = "127.0.0.1"
port = {port}

# The REST API. Its page is http://127.0.0.1:{web_port}/docs
[web]
enabled = true
port = {web_port}

# Releases of the REST API are checked ten seconds after their last change, and get the codes that they lack.
[api]
compose_seconds = 10
isrc_prefix = "QZDEM"
barcodes = "50345678900-50345678999"

[email]
transport = "maildir"
sender = "delivery@demo.example"

[ddex]
party_id = "PADPIDA2026010101N"

# Gets approved packages as the label sent them.
[dsp.archive]
path = "dsp/archive"
title = "Demo Archive"

# Gets batches with messages of our own in ERN 4.3 and FLAC, from an SFTP server that the demo starts beside the daemon.
[dsp.stream]
kind = "sftp"
title = "Demo Stream"
layout = "batch"
ern_version = "4.3"
recipients = {{ PADPIDA2026020202I = "Demo Stream" }}

[dsp.stream.sftp]
host = "127.0.0.1"
port = {dsp_port}
user = "demo"
key_file = "dsp_key"
host_keys = ["{host_key}"]

[dsp.stream.contract]
models = ["SubscriptionModel", "AdvertisementSupportedModel", "PayAsYouGoModel"]
uses = ["OnDemandStream", "NonInteractiveStream", "Stream", "PermanentDownload", "ConditionalDownload"]
"""
DSPS: Final = ("archive", "stream")
HIGHEST_PORT: Final = 65535


def dsp_port(port: int) -> int:
    """The port of the demo's DSP, beside that of the labels."""
    return port + 1 if port < HIGHEST_PORT else port - 1


def configuration(port: int, host_key: str, web_port: int = WEB_PORT) -> str:
    """The configuration of a new demo."""
    return CONFIG.format(port=port, dsp_port=dsp_port(port), host_key=host_key, web_port=web_port)


@dataclass(frozen=True, slots=True)
class Demo:
    """Where a demo lies: everything it writes is under `folder`."""

    folder: Path

    @property
    def config_path(self) -> Path:
        return self.folder / "config.toml"

    @property
    def key(self) -> Path:
        return self.folder / "demo_key"

    @property
    def maildir(self) -> Path:
        return self.folder / "maildir"


@contextmanager
def not_running(demo: Demo) -> Iterator[None]:
    """Keeps other demos from starting in this folder. Raises WorkerBusy, before anything is written, where one runs."""
    if not demo.config_path.exists():
        yield
        return
    app = open_app(load(demo.config_path))
    try:
        lock = WorkerLock(WORKER, app.config.paths.state_dir, app.store)
        try:
            yield
        finally:
            lock.release()
    finally:
        app.close()


def prepare(demo: Demo, port: int | None, web_port: int | None = None) -> Config:
    """Configuration, database, host keys, label and DSPs of the demo; what exists already is kept.

    A given `port` or `web_port` is written into an existing configuration too.
    """
    from ingest.inbound.sftp import hash_password

    config = _configured(demo, port, web_port)
    if not demo.key.exists():
        key = asyncssh.generate_private_key("ssh-ed25519", comment="ingest demo")
        private.write(demo.key, key.export_private_key())
        private.write(Path(f"{demo.key}.pub"), key.export_public_key())
    app = open_app(config)
    try:
        app.migrate()
        make_home(config.paths, USER)
        with app.store.transaction() as tx:
            if labels.find_label(tx, USER) is None:
                labels.add_label(
                    tx,
                    name=USER,
                    title="Demo Label",
                    emails=["label@demo.example"],
                    password_hash=hash_password(PASSWORD),
                    public_keys=[Path(f"{demo.key}.pub").read_text("utf-8").strip()],
                    dsps=list(DSPS),
                    max_bytes=None,
                    now=app.clock(),
                )
    finally:
        app.close()
    return config


def _configured(demo: Demo, port: int | None, web_port: int | None) -> Config:
    for dsp in DSPS:
        private.make_folder(demo.folder / "dsp" / dsp)
    if not demo.config_path.exists():
        text = configuration(port or PORT, make_keys(demo.folder), web_port or WEB_PORT)
        private.write(demo.config_path, text)
        return load(demo.config_path)
    standing = load(demo.config_path)
    if port is not None and standing.sftp.port != port:
        _set_port(demo, "sftp", standing.sftp.port, port, with_port(read_source(demo.config_path), port))
    if web_port is not None and standing.web.port != web_port:
        _set_port(demo, "web", standing.web.port, web_port, with_web_port(read_source(demo.config_path), web_port))
    return load(demo.config_path)


def _set_port(demo: Demo, table: str, standing: int, port: int, changed: str) -> None:
    if tomllib.loads(changed).get(table, {}).get("port") != port:
        raise click.UsageError(f"{demo.config_path} stands with {table}.port {standing}: change it there")
    private.write(demo.config_path, changed)


def with_port(source: str, port: int) -> str:
    """A demo's configuration with this port in the lines of the two keys that name one, and the DSP's beside it."""
    own: dict[tuple[str, ...], int] = {("operator", "public_port"): port, ("sftp", "port"): port}
    return _with_ports(source, own | {("dsp", "stream", "sftp", "port"): dsp_port(port)})


def with_web_port(source: str, port: int) -> str:
    """A demo's configuration with this port for the REST API."""
    return _with_ports(source, {("web", "port"): port})


def _with_ports(source: str, ports: Mapping[tuple[str, ...], int]) -> str:
    lines, rows = lines_of(source), source.split("\n")
    for key, number in ports.items():
        if key in lines:
            rows[lines[key] - 1] = re.sub(r"(port\s*=\s*)[^\s#,}]+", rf"\g<1>{number}", rows[lines[key] - 1])
    return "\n".join(rows)
