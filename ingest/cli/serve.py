"""`ingest serve`"""

from __future__ import annotations

import os
import socket
import sys

import click

from ingest.cli.errors import FAILED
from ingest.cli.options import Here, pass_here


@click.command("serve")
@click.option("--worker", default="", help="This worker's name; the host's name unless several run on one host.")
@pass_here
def command(here: Here, worker: str) -> None:
    """Run the daemon in the foreground, as systemd runs it.

    SIGTERM, SIGINT and SIGHUP stop it: uploads in flight get half a minute, what is cut off goes on at the next start.
    """
    from ingest.app import daemon
    from ingest.app.self_check import Sick
    from ingest.flow.worker_lock import WorkerBusy
    from ingest.host.logs import configure, hear_interpreter
    from ingest.inbound.storage import OtherFilesystem

    config = here.config
    configure(config.log.level, config.log.format)
    hear_interpreter()
    try:
        daemon.run(config, worker or socket.gethostname().split(".")[0])
        # A thread may still be reading a package: do not wait for it, the next start repeats that.
        sys.stderr.flush()
        os._exit(0)
    except (OtherFilesystem, WorkerBusy, Sick, OSError) as error:
        click.echo(f"ingest: {error}", err=True)
        raise SystemExit(FAILED) from None
