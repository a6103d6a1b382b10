"""The daemon: builds the application and serves until SIGTERM. After a kill, the next start resumes its work."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Final

from ingest.app.application import App, open_app
from ingest.app.intake_wiring import intake_of, watch
from ingest.app.self_check import SelfCheck
from ingest.app.sftp_workers import open_sftp_worker, read_only_folders
from ingest.config import Config
from ingest.flow.engine import wait_for_database
from ingest.host import sd_notify
from ingest.host.garbage import full_collections_held_back
from ingest.host.logs import logger
from ingest.host.open_files import raise_limit
from ingest.host.private import UMASK
from ingest.inbound.journal import Journal
from ingest.inbound.sftp import SftpServer
from ingest.inbound.sftp import serve as serve_sftp
from ingest.inbound.sftp.host_keys import host_keys
from ingest.inbound.sftp.sftp_worker import SftpWorkers
from ingest.store import uploads, workers

DRAIN_SECONDS: Final = 30.0
FLOW_SECONDS: Final = 15
HEARTBEAT_SECONDS: Final = 10.0


async def serve(config: Config, worker: str, ready: Callable[[int], None] = lambda port: None) -> None:
    """Serve until SIGTERM, SIGINT or SIGHUP. `ready` is called with the SFTP port once labels can connect.

    Raises OtherFilesystem, WorkerBusy, OSError (the port), or Sick.
    """
    os.umask(UMASK)
    raise_limit()
    app = open_app(config)
    try:
        app.storage.check()
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
    """Open database, migrations and engine; uploads that this worker left open when it last ended are interrupted."""
    log = logger("ingest")
    wait_for_database(app.store, lambda text: log.warning("waiting", why=text))
    app.migrate()
    with app.store.transaction() as tx:
        uploads.interrupt_lost_uploads(tx, worker, app.clock())
        workers.note_heartbeat(tx, worker, app.clock())
    app.register()
    # One more than are read at one time: while one is judged and stored, the children have files of the next.
    readings = app.pipeline.reading.pool.workers + 1
    config = app.config
    app.engine.launch(
        worker,
        config.paths.state_dir,
        readings,
        config.delivery.parallel_per_dsp,
        app.alarm,
        config.webhooks.parallel,
    )


async def _serve(app: App, worker: str, ready: Callable[[int], None]) -> None:
    config, log = app.config, logger("ingest")
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # a terminal that is closed sends SIGHUP
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    named = sd_notify.listen_sockets()
    intake = intake_of(app)
    journal = Journal(app.store, config.paths, app.storage, worker, app.clock, intake.notice, app.alarm_daily)
    async with AsyncExitStack() as open_parts:
        watching = intake.start()
        open_parts.push_async_callback(asyncio.to_thread, watching.join)
        open_parts.callback(intake.stop)
        writing = app.reports.start()
        open_parts.push_async_callback(asyncio.to_thread, writing.join)
        open_parts.callback(app.reports.stop)
        open_parts.callback(watch(config.paths.labels_dir, intake, app))
        server = await serve_sftp(
            journal,
            config.sftp,
            host_keys(config),
            sockets=_sftp_sockets(named),
            log=logger("sftp"),
            read_only=lambda account: read_only_folders(config.paths, account.name),
            sftp_workers=SftpWorkers(
                opening=partial(open_sftp_worker, config, worker),
                host_keys=tuple(host_keys(config)),
                noticed=intake.notice,
                alarm=app.alarm_daily,
            ),
        )
        open_parts.push_async_callback(server.drain, DRAIN_SECONDS)
        web = named.get("web")
        if config.web.enabled or web:
            from ingest.app.web_parts import serve_web  # 40 MB of libraries that a daemon without the API does not load

            http = await serve_web(app, web)
            open_parts.push_async_callback(http.drain, DRAIN_SECONDS)
            log.info("serving the API", port=http.port, worker=worker)
        log.info("serving", port=server.port, worker=worker)
        ready(server.port)
        await _send_heartbeats(SelfCheck(app, worker, journal, intake), server, stopping)
        log.info("stopping", uploads=server.uploads)
        sd_notify.notify("STOPPING=1")
        _sign_off(app, worker)


def _sign_off(app: App, worker: str) -> None:
    """Record that this worker stops: others take over its work unless it is back within a minute."""
    with app.store.transaction() as tx:
        workers.sign_off(tx, worker, app.clock())


def _sftp_sockets(named: Mapping[str, list[socket.socket]]) -> list[socket.socket] | None:
    """Those of the listening sockets that systemd passed which are for SFTP: all but one named `web`; None for none."""
    others = [one for name, several in named.items() for one in several if name != "web"]
    return named.get("sftp") or others or None


async def _send_heartbeats(check: SelfCheck, server: SftpServer, stopping: asyncio.Event) -> None:
    """Tell the supervisor after each self-check that the daemon is alive, until `stopping`. Raises Sick."""
    sd_notify.notify("READY=1")
    pause = min(HEARTBEAT_SECONDS, (sd_notify.watchdog_seconds() or HEARTBEAT_SECONDS * 2) / 2)
    with full_collections_held_back() as collect_when_due:
        while not stopping.is_set():
            failure = await asyncio.to_thread(check.look)
            told = failure or f"{server.sessions} sessions, {server.uploads} uploads"
            sd_notify.notify("WATCHDOG=1", f"STATUS={told}")
            collect_when_due()
            try:
                await asyncio.wait_for(stopping.wait(), pause)
            except TimeoutError:
                continue


def run(config: Config, worker: str, ready: Callable[[int], None] = lambda port: None) -> Any:
    """Serve in this thread until the process is told to stop."""
    return asyncio.run(serve(config, worker, ready))
