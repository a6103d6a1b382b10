"""The daemon: opens every room, serves until SIGTERM, lets uploads end, and loses nothing when it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from ingest.app.application import App, open_app
from ingest.app.intake_wiring import intake_of, watch
from ingest.app.sftp_workers import open_sftp_worker, read_only_folders
from ingest.config import Config
from ingest.flow.engine import wait_for_database
from ingest.host import sd_notify
from ingest.host.logs import logger
from ingest.inbound.intake import Intake
from ingest.inbound.journal import Journal
from ingest.inbound.seal import check_filesystem
from ingest.inbound.sftp import SftpServer, make_host_keys
from ingest.inbound.sftp import serve as serve_sftp
from ingest.inbound.sftp.annex import Annexes
from ingest.store import folders, workers

PACKAGES_PER_WORKER: Final = 4
"""Packages that are read at one time for each child that reads: they share the children by turns, file by file, so
that a single is not kept waiting by the albums before it."""
DRAIN_SECONDS: Final = 30.0
FLOW_SECONDS: Final = 15
BEAT_SECONDS: Final = 10.0
STALE: Final = timedelta(seconds=60)
SELF_CHECK_LIMIT: Final = 3
"""Heartbeats that may fail in a row before the process ends itself, to be started again."""


class Sick(Exception):
    """The daemon found itself unable to go on and ends, so that the supervisor starts it again."""


async def serve(config: Config, worker: str, ready: Callable[[int], None] = lambda port: None) -> None:
    """Serve until SIGTERM or SIGINT. `ready` is called with the SFTP port once labels can connect.

    Raises OtherFilesystem, WorkerBusy, OSError (the port), or Sick.
    """
    os.umask(0o077)
    check_filesystem(config.paths)
    app = open_app(config)
    try:
        await asyncio.to_thread(_launch, app, worker)
        try:
            await _serve(app, worker, ready)
        except OSError:
            await asyncio.to_thread(_sign_off, app, worker)
            raise
        finally:
            await asyncio.to_thread(app.engine.stop, FLOW_SECONDS)
    finally:
        app.close()


def _launch(app: App, worker: str) -> None:
    """Database, migrations, engine; and what this worker had open when it last ended is torn."""
    log = logger("ingest")
    wait_for_database(app.store, lambda text: log.warning("waiting", why=text))
    app.migrate()
    with app.store.transaction() as tx:
        folders.tear_lost_uploads(tx, worker, app.clock())
        workers.hear_worker(tx, worker, app.clock())
    app.pipeline.register()
    app.maintenance.register()
    packages = PACKAGES_PER_WORKER * app.pipeline.reading.pool.workers
    app.engine.launch(worker, app.config.paths.state_dir, packages, app.config.delivery.parallel_per_dsp)


async def _serve(app: App, worker: str, ready: Callable[[int], None]) -> None:
    config, log = app.config, logger("ingest")
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    intake = intake_of(app)
    journal = Journal(app.store, config.paths, worker, app.clock, intake.notice, app.alarm_daily)
    async with AsyncExitStack() as open_rooms:
        watching = intake.start()
        open_rooms.push_async_callback(asyncio.to_thread, watching.join)
        open_rooms.callback(intake.stop)
        writing = app.reports.start()
        open_rooms.push_async_callback(asyncio.to_thread, writing.join)
        open_rooms.callback(app.reports.stop)
        open_rooms.callback(watch(config.paths.labels_dir, intake, app))
        server = await serve_sftp(
            journal,
            config.sftp,
            host_keys(config),
            sockets=_sockets(),
            log=logger("sftp"),
            shelves=lambda account: read_only_folders(config.paths, account.name),
            annexes=Annexes(
                opening=partial(open_sftp_worker, config, worker),
                host_keys=tuple(host_keys(config)),
                noticed=intake.notice,
                alarm=app.alarm_daily,
            ),
        )
        open_rooms.push_async_callback(server.drain, DRAIN_SECONDS)
        log.info("serving", port=server.port, worker=worker)
        ready(server.port)
        await _beat(app, worker, journal, intake, server, stopping)
        log.info("stopping", uploads=server.uploads)
        sd_notify.notify("STOPPING=1")
        _sign_off(app, worker)


def _sign_off(app: App, worker: str) -> None:
    """`status` sees the worker gone at once, and the others take over what it left unless it is back in a minute."""
    with app.store.transaction() as tx:
        workers.sign_off(tx, worker, app.clock())


def host_keys(config: Config) -> Sequence[Path]:
    """The configured host keys; else ours, made once."""
    return config.sftp.host_keys or make_host_keys(config.paths.state_dir / "host-keys")


def _sockets() -> list[socket.socket] | None:
    """The listening sockets that systemd holds for us, where it does."""
    named = sd_notify.listen_sockets()
    return named.get("sftp") or [one for several in named.values() for one in several] or None


async def _beat(
    app: App, worker: str, journal: Journal, intake: Intake, server: SftpServer, stopping: asyncio.Event
) -> None:
    """Tell the supervisor that we live, as long as a real look at ourselves says so; end when asked to."""
    sd_notify.notify("READY=1")
    pause = min(BEAT_SECONDS, (sd_notify.watchdog_seconds() or BEAT_SECONDS * 2) / 2)
    failed = 0
    while not stopping.is_set():
        fault = await asyncio.to_thread(_fault, app, worker, journal, intake)
        failed = failed + 1 if fault else 0
        if fault:
            logger("ingest").error("self-check failed", fault=fault, in_a_row=failed)
        else:
            sd_notify.notify("WATCHDOG=1", f"STATUS={server.sessions} sessions, {server.uploads} uploads")
        if failed >= SELF_CHECK_LIMIT or not app.engine.holds_worker():
            raise Sick(fault or "another process took over this worker's name")
        try:
            await asyncio.wait_for(stopping.wait(), pause)
        except TimeoutError:
            continue


def _fault(app: App, worker: str, journal: Journal, intake: Intake) -> str:
    """What keeps this daemon from doing its work, or empty: the database takes writes, intake turns."""
    try:
        with app.store.transaction() as tx:
            workers.hear_worker(tx, worker, app.clock())
        journal.tear_lost()
    except Exception as fault:  # noqa: BLE001 - a supervisor: any failure to write is the answer
        return f"the database cannot be written: {fault!r}"
    for name, beat in (("intake", intake.beat), ("reports", app.reports.beat)):
        if beat is not None and app.clock() - beat > STALE:
            return f"{name} has not turned since {beat:%H:%M:%S}"
    return ""


def run(config: Config, worker: str, ready: Callable[[int], None] = lambda port: None) -> Any:
    """Serve in this thread until the process is told to stop."""
    return asyncio.run(serve(config, worker, ready))
