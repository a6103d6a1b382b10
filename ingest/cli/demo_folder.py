"""The folder of a demo: its configuration, key, label and DSP."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncssh
import click

from ingest.app.application import open_app
from ingest.config import Config, read_source
from ingest.config.codes import load
from ingest.config.lines import lines_of
from ingest.flow.engine import WorkerLock
from ingest.flow.home import make_home
from ingest.host import private
from ingest.store import labels

USER: Final = "demo"
PASSWORD: Final = "demo"
PORT: Final = 2222
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

[email]
transport = "maildir"
sender = "delivery@demo.example"

[dsp.demo-dsp]
kind = "directory"
path = "dsp"
title = "Demo DSP"
"""


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


def prepare(demo: Demo, port: int | None) -> Config:
    """Configuration, database, host keys, label and DSP of the demo; what exists already is kept.

    A given `port` is written into an existing configuration too.
    """
    from ingest.inbound.sftp import hash_password

    config = _configured(demo, port)
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
                    dsps=["demo-dsp"],
                    max_bytes=None,
                    now=app.clock(),
                )
    finally:
        app.close()
    return config


def _configured(demo: Demo, port: int | None) -> Config:
    private.make_folder(demo.folder / "dsp")
    if not demo.config_path.exists():
        private.write(demo.config_path, CONFIG.format(port=port or PORT))
    elif port is not None and (standing := load(demo.config_path).sftp.port) != port:
        changed = with_port(read_source(demo.config_path), port)
        if tomllib.loads(changed).get("sftp", {}).get("port") != port:
            raise click.UsageError(f"{demo.config_path} stands with sftp.port {standing}: change it there")
        private.write(demo.config_path, changed)
    return load(demo.config_path)


def with_port(source: str, port: int) -> str:
    """A demo's configuration with this port in the lines of the two keys that name one."""
    lines, rows = lines_of(source), source.split("\n")
    for key in (("operator", "public_port"), ("sftp", "port")):
        if key in lines:
            rows[lines[key] - 1] = re.sub(r"(port\s*=\s*)[^\s#,}]+", rf"\g<1>{port}", rows[lines[key] - 1])
    return "\n".join(rows)
