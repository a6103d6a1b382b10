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

from ingest.annexes import open_annex, shelves_of
from ingest.config import Config
from ingest.flow.engine import wait_for_database
from ingest.host import sd_notify
from ingest.host.logs import logger
from ingest.house import House, open_house
from ingest.inbound.intake import Intake
from ingest.inbound.journal import Journal
from ingest.inbound.seal import check_filesystem
from ingest.inbound.sftp import SftpServer, make_host_keys
from ingest.inbound.sftp import serve as serve_sftp
from ingest.inbound.sftp.annex import Annexes
from ingest.store import folders, workers
from ingest.watching import intake_of, watch

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
    house = open_house(config)
    try:
        await asyncio.to_thread(_launch, house, worker)
        try:
            await _serve(house, worker, ready)
        except OSError:
            await asyncio.to_thread(_sign_off, house, worker)
            raise
        finally:
            await asyncio.to_thread(house.engine.stop, FLOW_SECONDS)
    finally:
        house.close()


def _launch(house: House, worker: str) -> None:
    """Database, migrations, engine; and what this worker had open when it last ended is torn."""
    log = logger("ingest")
    wait_for_database(house.store, lambda text: log.warning("waiting", why=text))
    house.migrate()
    with house.store.transaction() as tx:
        folders.tear_lost_uploads(tx, worker, house.clock())
        workers.hear_worker(tx, worker, house.clock())
    house.pipeline.register()
    house.maintenance.register()
    packages = PACKAGES_PER_WORKER * house.pipeline.reading.pool.workers
    house.engine.launch(worker, house.config.paths.state_dir, packages, house.config.delivery.parallel_per_dsp)


async def _serve(house: House, worker: str, ready: Callable[[int], None]) -> None:
    config, log = house.config, logger("ingest")
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    intake = intake_of(house)
    journal = Journal(house.store, config.paths, worker, house.clock, intake.notice, house.alarm_daily)
    async with AsyncExitStack() as open_rooms:
        watching = intake.start()
        open_rooms.push_async_callback(asyncio.to_thread, watching.join)
        open_rooms.callback(intake.stop)
        writing = house.reports.start()
        open_rooms.push_async_callback(asyncio.to_thread, writing.join)
        open_rooms.callback(house.reports.stop)
        open_rooms.callback(watch(config.paths.labels_dir, intake, house))
        server = await serve_sftp(
            journal,
            config.sftp,
            host_keys(config),
            sockets=_sockets(),
            log=logger("sftp"),
            shelves=lambda account: shelves_of(config.paths, account.name),
            annexes=Annexes(
                opening=partial(open_annex, config, worker),
                host_keys=tuple(host_keys(config)),
                noticed=intake.notice,
                alarm=house.alarm_daily,
            ),
        )
        open_rooms.push_async_callback(server.drain, DRAIN_SECONDS)
        log.info("serving", port=server.port, worker=worker)
        ready(server.port)
        await _beat(house, worker, journal, intake, server, stopping)
        log.info("stopping", uploads=server.uploads)
        sd_notify.notify("STOPPING=1")
        _sign_off(house, worker)


def _sign_off(house: House, worker: str) -> None:
    """`status` sees the worker gone at once, and the others take over what it left unless it is back in a minute."""
    with house.store.transaction() as tx:
        workers.sign_off(tx, worker, house.clock())


def host_keys(config: Config) -> Sequence[Path]:
    """The configured host keys; else ours, made once."""
    return config.sftp.host_keys or make_host_keys(config.paths.state_dir / "host-keys")


def _sockets() -> list[socket.socket] | None:
    """The listening sockets that systemd holds for us, where it does."""
    named = sd_notify.listen_sockets()
    return named.get("sftp") or [one for several in named.values() for one in several] or None


async def _beat(
    house: House, worker: str, journal: Journal, intake: Intake, server: SftpServer, stopping: asyncio.Event
) -> None:
    """Tell the supervisor that we live, as long as a real look at ourselves says so; end when asked to."""
    sd_notify.notify("READY=1")
    pause = min(BEAT_SECONDS, (sd_notify.watchdog_seconds() or BEAT_SECONDS * 2) / 2)
    failed = 0
    while not stopping.is_set():
        fault = await asyncio.to_thread(_fault, house, worker, journal, intake)
        failed = failed + 1 if fault else 0
        if fault:
            logger("ingest").error("self-check failed", fault=fault, in_a_row=failed)
        else:
            sd_notify.notify("WATCHDOG=1", f"STATUS={server.sessions} sessions, {server.uploads} uploads")
        if failed >= SELF_CHECK_LIMIT or not house.engine.holds_worker():
            raise Sick(fault or "another process took over this worker's name")
        try:
            await asyncio.wait_for(stopping.wait(), pause)
        except TimeoutError:
            continue


def _fault(house: House, worker: str, journal: Journal, intake: Intake) -> str:
    """What keeps this daemon from doing its work, or empty: the database takes writes, intake turns."""
    try:
        with house.store.transaction() as tx:
            workers.hear_worker(tx, worker, house.clock())
        journal.tear_lost()
    except Exception as fault:  # noqa: BLE001 - a supervisor: any failure to write is the answer
        return f"the database cannot be written: {fault!r}"
    for name, beat in (("intake", intake.beat), ("reports", house.reports.beat)):
        if beat is not None and house.clock() - beat > STALE:
            return f"{name} has not turned since {beat:%H:%M:%S}"
    return ""


def run(config: Config, worker: str, ready: Callable[[int], None] = lambda port: None) -> Any:
    """Serve in this thread until the process is told to stop."""
    return asyncio.run(serve(config, worker, ready))
