"""The daemon: opens every room, serves until SIGTERM, lets uploads end, and loses nothing when it is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from ingest import sdnotify
from ingest.check import reading_of
from ingest.config import Config
from ingest.core.readiness import Readiness
from ingest.engine import wait_for_database
from ingest.house import House, open_house
from ingest.inbound.intake import Callbacks, Intake
from ingest.inbound.journal import Journal
from ingest.inbound.seal import Sealer, check_filesystem
from ingest.inbound.sftp import SftpServer, make_host_keys
from ingest.inbound.sftp import serve as serve_sftp
from ingest.logs import logger
from ingest.readers.dossier import ReadingFailed, read_readiness
from ingest.readers.folder import kind_of, releases_in
from ingest.store import folders, labels, packages, workers
from ingest.store.models import Label, ReleaseFolder

DRAIN_SECONDS: Final = 30.0
FLOW_SECONDS: Final = 15
BEAT_SECONDS: Final = 10.0
STALE: Final = timedelta(seconds=60)
SIGNED_OFF: Final = timedelta(minutes=4)
"""A worker that stops says that it was last heard of this long ago: `status` sees it gone at once, and the others take
over what it left unless it is back within a minute."""
LOOK_SECONDS: Final = 20
UNREADABLE: Final = Readiness(False, "unread", (), (), has_cover=False, has_marker=False, explained=True)
"""A folder that we fail to look at is sealed as it is; its reading then fails for ops to see, and nobody waits."""
HINT_SECONDS: Final = 2.0
HINTS_KEPT: Final = 10_000
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
        finally:
            await asyncio.to_thread(house.engine.stop, FLOW_SECONDS)
    finally:
        house.close()


def _launch(house: House, worker: str) -> None:
    """Database, migrations, engine; and what this worker had open when it last ended is torn."""
    log = logger("ingest")
    wait_for_database(house.store, lambda text: log.warning("waiting", why=text))
    house.store.migrate()
    house.pipeline.register()
    house.upkeep.register()
    readings = max(2, reading_of(house.config).side_by_side)
    house.engine.launch(worker, house.config.paths.state_dir, readings, house.config.delivery.parallel_per_dsp)
    with house.store.transaction() as tx:
        folders.tear_lost_uploads(tx, worker, house.clock())
        workers.hear_worker(tx, worker, house.clock())


async def _serve(house: House, worker: str, ready: Callable[[int], None]) -> None:
    config, log = house.config, logger("ingest")
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    intake = intake_of(house)
    journal = Journal(house.store, config.paths, worker, house.clock, intake.notice)
    async with AsyncExitStack() as open_rooms:
        watching = intake.start()
        open_rooms.push_async_callback(asyncio.to_thread, watching.join)
        open_rooms.callback(intake.stop)
        open_rooms.callback(watch(config.paths.labels_dir, intake, house))
        server = await serve_sftp(journal, config.sftp, host_keys(config), sockets=_sockets(), log=logger("sftp"))
        open_rooms.push_async_callback(server.drain, DRAIN_SECONDS)
        log.info("serving", port=server.port, worker=worker)
        ready(server.port)
        await _beat(house, worker, intake, server, stopping)
        log.info("stopping", uploads=server.uploads)
        sdnotify.notify("STOPPING=1")
        with house.store.transaction() as tx:
            workers.hear_worker(tx, worker, house.clock() - SIGNED_OFF)


def host_keys(config: Config) -> Sequence[Path]:
    """The configured host keys; else ours, made once."""
    return config.sftp.host_keys or make_host_keys(config.paths.state_dir / "host-keys")


def _sockets() -> list[socket.socket] | None:
    """The listening sockets that systemd holds for us, where it does."""
    named = sdnotify.listen_sockets()
    return named.get("sftp") or [one for several in named.values() for one in several] or None


def intake_of(house: House) -> Intake:
    """Intake, handed what it may not import."""
    one = reading_of(house.config)
    reading = replace(one, limits=replace(one.limits, cpu_seconds=LOOK_SECONDS, wall_seconds=3.0 * LOOK_SECONDS))

    def take(tx: Session, folder: ReleaseFolder) -> None:
        label = tx.get_one(Label, folder.label_id)
        known = [row.path for row in packages.packages_of(tx, folder.id)]
        place = house.config.paths.sealed(label.name, folder.id, folder.name)
        for path in dict.fromkeys([*known, *releases_in(place)]):
            house.moves.take(tx, folder, path, house.clock())

    def arrive(tx: Session, folder: ReleaseFolder, missing: Sequence[str]) -> None:
        label = tx.get_one(Label, folder.label_id)
        first = releases_in(house.config.paths.incoming(label.name) / folder.name)[0]
        house.moves.arrive(tx, folder, first, missing, house.clock())

    def look(place: Path, name: str) -> Readiness:
        try:
            return read_readiness(place, name, reading)
        except ReadingFailed as fault:
            logger("intake").warning("a folder could not be looked at", folder=name, fault=str(fault))
            return UNREADABLE

    def stray(tx: Session, label: Label, names: Sequence[str]) -> None:
        house.moves.tell_stray(tx, label.id, label.emails, names, house.clock())

    return Intake(
        config=house.config,
        store=house.store,
        sealer=Sealer(house.store, house.config.paths, house.clock, take),
        callbacks=Callbacks(
            look=look,
            arrive=arrive,
            stray=stray,
            alarm=house.alarm,
            kind_of=kind_of,
        ),
        clock=house.clock,
        log=logger("intake").info,
    )


@dataclass(eq=False)
class LabelEvents(FileSystemEventHandler):
    """Events of the disk under the labels' homes, as hints to intake; one in two seconds for a folder is enough."""

    root: Path
    intake: Intake
    house: House
    hinted: dict[tuple[str, str], float] = field(default_factory=dict)

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type in ("opened", "closed_no_write"):
            return
        try:
            for path in (event.src_path, getattr(event, "dest_path", "")):
                self._hint(os.fsdecode(path))
        except Exception as fault:  # noqa: BLE001 - a supervisor: an exception here ends the watching for everyone
            logger("intake").warning("an event of the disk was not understood", fault=repr(fault))
            self.intake.rescan_soon()

    def _hint(self, path: str) -> None:
        try:
            parts = Path(path).relative_to(self.root).parts
        except ValueError:
            return
        if len(parts) < 3 or time.monotonic() - self.hinted.get((parts[0], parts[2]), -HINT_SECONDS) < HINT_SECONDS:
            return
        if len(self.hinted) > HINTS_KEPT:
            self.hinted.clear()
        self.hinted[parts[0], parts[2]] = time.monotonic()
        with self.house.store.reading() as tx:
            label = labels.find_label(tx, parts[0])
            known = label is not None and folders.open_folder(tx, label.id, parts[2]) is not None
        if label is not None and known:
            self.intake.notice(label.id, parts[2])
        else:
            self.intake.rescan_soon()


def watch(root: Path, intake: Intake, house: House) -> Callable[[], None]:
    """Watch the labels' homes; returns what ends it. Where the kernel refuses, the rescan alone has to do."""
    observer = Observer()
    observer.schedule(LabelEvents(root, intake, house), str(root), recursive=True)
    try:
        observer.start()
    except OSError as fault:
        logger("intake").warning("the disk is not watched, only rescanned", fault=str(fault))
        return lambda: None

    def end() -> None:
        observer.stop()
        observer.join()

    return end


async def _beat(house: House, worker: str, intake: Intake, server: SftpServer, stopping: asyncio.Event) -> None:
    """Tell the supervisor that we live, as long as a real look at ourselves says so; end when asked to."""
    sdnotify.notify("READY=1")
    pause = min(BEAT_SECONDS, (sdnotify.watchdog_seconds() or BEAT_SECONDS * 2) / 2)
    failed = 0
    while not stopping.is_set():
        fault = await asyncio.to_thread(_fault, house, worker, intake)
        failed = failed + 1 if fault else 0
        if fault:
            logger("ingest").error("self-check failed", fault=fault, in_a_row=failed)
        else:
            sdnotify.notify("WATCHDOG=1", f"STATUS={server.sessions} sessions, {server.uploads} uploads")
        if failed >= SELF_CHECK_LIMIT or not house.engine.holds_worker():
            raise Sick(fault or "another process took over this worker's name")
        try:
            await asyncio.wait_for(stopping.wait(), pause)
        except TimeoutError:
            continue


def _fault(house: House, worker: str, intake: Intake) -> str:
    """What keeps this daemon from doing its work, or empty: the database takes writes, intake turns."""
    try:
        with house.store.transaction() as tx:
            workers.hear_worker(tx, worker, house.clock())
    except Exception as fault:  # noqa: BLE001 - a supervisor: any failure to write is the answer
        return f"the database cannot be written: {fault!r}"
    if intake.beat is not None and house.clock() - intake.beat > STALE:
        return f"intake has not turned since {intake.beat:%H:%M:%S}"
    return ""


def run(config: Config, worker: str, ready: Callable[[int], None] = lambda port: None) -> Any:
    """Serve in this thread until the process is told to stop."""
    return asyncio.run(serve(config, worker, ready))
