"""Our SFTP server beside OpenSSH's internal-sftp: throughput, CPU and memory, interleaved, as ratios.

    python -m tests.bench.sftp [--megabytes 200] [--repeats 5] [--folder /dev/shm] [--processes 1] [--only openssh]

Each repetition runs the servers one after the other with the same clients and files: ours as it is shipped, ours
without the receive accelerator, and sshd. A ratio to sshd is taken within a repetition, and the median, least and
greatest of them are printed. CPU is user and system time of the server's whole process tree per gigabyte, memory the
peak of resident memory (for sshd, of its largest process). `fzsftp` is FileZilla's own engine, logged in before the
clock starts; the other clients' logins are part of their time.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from ingest.config import Sftp
from ingest.inbound.sftp import make_host_keys, serve
from ingest.inbound.sftp.local_server import no_read_only_folders
from ingest.inbound.sftp.sftp_worker import Alarm, Noticed, SftpWorkers, WorkerParts
from tests.fzsftp import fzsftp
from tests.inbound.sftp.memory_backend import MemoryBackend
from tests.sftp_clients import add_label

CASES = tuple((client, count) for client in ("openssh", "fzsftp", "psftp") for count in (1, 4, 8))
DELAYED_CASES = (("openssh", 1), ("psftp", 1))
DELAY_SECONDS = 0.04


@dataclass(frozen=True)
class Server:
    """A server under test: `user` logs in with the bench's key, and `target` is where that user may write."""

    name: str
    pid: int
    port: int
    user: str
    target: str
    hostkey: str


@dataclass(frozen=True)
class Figure:
    """One run: megabytes a second, CPU seconds a gigabyte."""

    rate: float
    cpu: float


async def serve_ours(root: Path, name: str, processes: int) -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    config = Sftp(
        host="127.0.0.1",
        port=0,
        min_free_bytes=0,
        max_connections_per_label=64,
        accelerator=name == "ours",
        processes=processes,
    )
    keys = make_host_keys(root / "keys")
    sftp_workers = SftpWorkers(partial(open_rooms, root / name), tuple(keys), lambda *what: None, lambda *what: None)
    with open_rooms(root / name, 0, lambda *what: None, lambda *what: None) as rooms:
        server = await serve(rooms.backend, config, keys, log=rooms.log, sftp_workers=sftp_workers)
        (root / name / "port").write_text(str(server.port))
        await asyncio.Event().wait()


@contextlib.contextmanager
def open_rooms(root: Path, number: int, noticed: Noticed, alarm: Alarm) -> Iterator[WorkerParts]:
    """What the server, and each further process of it, works on; they share the label's folder."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    backend = MemoryBackend()
    add_label(backend, root / str(number), "anna", root.parent / "key")
    yield WorkerParts(backend, structlog.get_logger(), no_read_only_folders, lambda: None)


@contextlib.contextmanager
def ours(root: Path, name: str = "ours", processes: int = 1) -> Iterator[Server]:
    (root / name).mkdir()
    words = ["--serve", str(root), "--name", name, "--processes", str(processes)]
    with subprocess.Popen([sys.executable, "-m", "tests.bench.sftp", *words]) as process:
        try:
            while not (root / name / "port").exists():
                time.sleep(0.05)
            time.sleep(0.5 * processes)
            port = int((root / name / "port").read_text())
            yield Server(name, process.pid, port, "anna", "/incoming", fingerprint(root))
        finally:
            process.terminate()


@contextlib.contextmanager
def openssh(root: Path) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": root / "keys" / "ssh_host_ed25519_key",
        "AuthorizedKeysFile": root / "key.pub",
        "StrictModes": "no",
        "UsePAM": "no",
        "PidFile": "none",
        "PermitRootLogin": "yes",
        "MaxStartups": "100",
        "Subsystem": "sftp internal-sftp",
    }
    config = root / "sshd_config"
    config.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    target = root / "sshd-target"
    target.mkdir()
    Path("/run/sshd").mkdir(exist_ok=True)
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/bin") or "sshd"
    with subprocess.Popen([sshd, "-D", "-f", str(config)], stderr=subprocess.DEVNULL) as process:
        try:
            time.sleep(0.5)
            user = os.environ.get("USER") or "root"
            yield Server("sshd", process.pid, port, user, str(target), fingerprint(root))
        finally:
            process.terminate()


def fingerprint(root: Path) -> str:
    printed = subprocess.check_output(["ssh-keygen", "-lf", root / "keys" / "ssh_host_ed25519_key.pub"], text=True)
    return printed.split()[1]


def tree_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    with contextlib.suppress(OSError):
        return [pid, *(one for child in children.read_text().split() for one in tree_of(int(child)))]
    return []


def cpu_seconds(pid: int) -> float:
    """User and system time of the tree, ended and reaped children included."""
    ticks = 0
    for one in tree_of(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15] if one == pid else fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_megabytes(pid: int) -> float:
    peaks = [0]
    for one in tree_of(pid):
        with contextlib.suppress(OSError, IndexError):
            lines = Path(f"/proc/{one}/status").read_text().splitlines()
            peaks += [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return max(peaks) / 1024


def command_of(client: str, server: Server, port: int, root: Path) -> list[str]:
    login = f"{server.user}@127.0.0.1"
    if client == "psftp":
        key = ["-i", str(root / "key.ppk"), "-hostkey", server.hostkey]
        return ["psftp", "-batch", "-P", str(port), *key, "-b", "/dev/stdin", login]
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes"]
    words = [word for option in options for word in ("-o", option)]
    return ["sftp", "-q", *words, "-i", str(root / "key"), "-P", str(port), "-b", "-", login]


def measure(client: str, count: int, server: Server, port: int, root: Path, source: Path) -> Figure:
    """Upload `source` with so many clients at once, to as many names."""
    before = cpu_seconds(server.pid)
    upload = upload_by_fzsftp if client == "fzsftp" else upload_by_command
    seconds = upload(client, count, server, port, root, source)
    time.sleep(0.3)
    sent = source.stat().st_size * count
    return Figure(sent / seconds / 1e6, (cpu_seconds(server.pid) - before) / (sent / 1e9))


def upload_by_fzsftp(client: str, count: int, server: Server, port: int, root: Path, source: Path) -> float:
    with contextlib.ExitStack() as running, ThreadPoolExecutor(count) as threads:
        engines = [running.enter_context(fzsftp(root)) for _ in range(count)]
        for engine in engines:
            engine.open(port, server.user, key=root / "key.ppk")
        started = time.monotonic()
        targets = [f"{server.target}/{number}.wav" for number in range(count)]
        list(threads.map(lambda engine, target: engine.put(source, target), engines, targets))
        return time.monotonic() - started


def upload_by_command(client: str, count: int, server: Server, port: int, root: Path, source: Path) -> float:
    started = time.monotonic()
    running = []
    for number in range(count):
        process = subprocess.Popen(
            command_of(client, server, port, root),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdin is not None
        process.stdin.write(f"put {source} {server.target}/{number}.wav\n")
        process.stdin.close()
        running.append(process)
    if any(process.wait() for process in running):
        raise SystemExit(f"{client} failed against {server.name}")
    return time.monotonic() - started


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on, each chunk DELAY_SECONDS after it came."""
    loop = asyncio.get_running_loop()
    chunks: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(4096)

    async def send() -> None:
        while True:
            due, chunk = await chunks.get()
            await asyncio.sleep(due - loop.time())
            if not chunk:
                writer.close()
                return
            writer.write(chunk)
            await writer.drain()

    sending = asyncio.create_task(send())
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(65536):
            await chunks.put((loop.time() + DELAY_SECONDS, chunk))
    await chunks.put((loop.time() + DELAY_SECONDS, b""))
    with contextlib.suppress(ConnectionError):
        await sending


@contextlib.contextmanager
def delayed(port: int) -> Iterator[int]:
    """A proxy in front of the port with a round trip of 80 ms."""
    loop = asyncio.new_event_loop()

    async def joined(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, forth), pump(back, writer))

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    starting = asyncio.start_server(joined, "127.0.0.1", 0)
    proxy = asyncio.run_coroutine_threadsafe(starting, loop).result()
    try:
        yield proxy.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(proxy.close)


def report(title: str, figures: dict[str, list[Figure]]) -> None:
    words = [f"{title:<20}"]
    for name, values in figures.items():
        ratios = [one.rate / other.rate for one, other in zip(values, figures["sshd"], strict=True)]
        spread = f"{statistics.median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}], " if name != "sshd" else ""
        rate, cpu = (statistics.median(getattr(value, one) for value in values) for one in ("rate", "cpu"))
        words.append(f"{name} {spread}{rate:.0f} MB/s, {cpu:.1f} CPU s/GB")
    print(" | ".join(words), flush=True)


def compare(root: Path, megabytes: int, repeats: int, processes: int, only: str) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", root / "key"], check=True)
    subprocess.run(["puttygen", root / "key", "-O", "private", "-o", root / "key.ppk"], check=True)
    make_host_keys(root / "keys")
    with contextlib.ExitStack() as running:
        servers = [
            running.enter_context(server)
            for server in (ours(root, "ours", processes), ours(root, "plain", processes), openssh(root))
        ]
        idle = peak_megabytes(servers[0].pid)
        far = {server.name: running.enter_context(delayed(server.port)) for server in servers}
        near = {server.name: server.port for server in servers}
        for title, ports, cases in (("", near, CASES), (" at 80 ms", far, DELAYED_CASES)):
            for client, count in cases:
                if only and client != only:
                    continue
                source = root / "source.wav"
                source.write_bytes(os.urandom(1 << 20) * (megabytes // min(count, 4)))
                figures: dict[str, list[Figure]] = {server.name: [] for server in servers}
                for repeat in range(repeats):
                    for server in servers if repeat % 2 else servers[::-1]:
                        figure = measure(client, count, server, ports[server.name], root, source)
                        figures[server.name].append(figure)
                report(f"{client} x {count}{title}", figures)
        print(f"memory of ours: {idle:.0f} MB idle, {peak_megabytes(servers[0].pid):.0f} MB peak")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--megabytes", type=int, default=200)
    words.add_argument("--repeats", type=int, default=5)
    words.add_argument("--folder", type=Path, default=Path("/dev/shm"))
    words.add_argument("--processes", type=int, default=1, help="our server's processes")
    words.add_argument("--only", default="", help="one client: openssh, fzsftp or psftp")
    words.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    words.add_argument("--name", help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.serve:
        asyncio.run(serve_ours(given.serve, given.name, given.processes))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as root:
        compare(Path(root), given.megabytes, given.repeats, given.processes, given.only)


if __name__ == "__main__":
    main()
