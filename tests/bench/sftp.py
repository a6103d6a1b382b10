"""Our SFTP server beside OpenSSH's internal-sftp: throughput, CPU and memory, interleaved, as ratios.

    python -m tests.bench.sftp [--megabytes 200] [--repeats 5] [--folder /dev/shm]

Each repetition runs both servers one after the other with the same clients and files; a ratio is taken within a
repetition, and the median, least and greatest of them are printed. CPU is user and system time of the server's whole
process tree per gigabyte, memory the peak of resident memory (for sshd, of its largest process).
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
from dataclasses import dataclass
from pathlib import Path

import structlog

from ingest.config import Sftp
from ingest.inbound.sftp import make_host_keys, serve
from tests.inbound.sftp.memory_door import MemoryDoor
from tests.sftp_clients import add_label

CASES = (("openssh", 1), ("openssh", 4), ("openssh", 8), ("psftp", 1), ("psftp", 4))
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


async def serve_ours(root: Path) -> None:
    door = MemoryDoor()
    add_label(door, root, "anna", root / "key")
    config = Sftp(host="127.0.0.1", port=0, min_free_bytes=0, max_connections_per_label=64)
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    server = await serve(door, config, make_host_keys(root / "keys"), log=structlog.get_logger())
    (root / "port").write_text(str(server.port))
    await asyncio.Event().wait()


@contextlib.contextmanager
def ours(root: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "tests.bench.sftp", "--serve", str(root)]
    with subprocess.Popen(command) as process:
        try:
            while not (root / "port").exists():
                time.sleep(0.05)
            port = int((root / "port").read_text())
            yield Server("ours", process.pid, port, "anna", "/incoming", fingerprint(root))
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
    before, started = cpu_seconds(server.pid), time.monotonic()
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
    seconds = time.monotonic() - started
    time.sleep(0.3)
    sent = source.stat().st_size * count
    return Figure(sent / seconds / 1e6, (cpu_seconds(server.pid) - before) / (sent / 1e9))


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
    ratios = [a.rate / b.rate for a, b in zip(figures["ours"], figures["sshd"], strict=True)]
    spread = f"{statistics.median(ratios):.2f} [{min(ratios):.2f}-{max(ratios):.2f}]"
    words = [f"{title:<22} ratio {spread}"]
    for name, values in figures.items():
        rate, cpu = (statistics.median(getattr(value, one) for value in values) for one in ("rate", "cpu"))
        words.append(f"{name} {rate:.0f} MB/s, {cpu:.1f} CPU s/GB")
    print(" | ".join(words), flush=True)


def compare(root: Path, megabytes: int, repeats: int) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", root / "key"], check=True)
    subprocess.run(["puttygen", root / "key", "-O", "private", "-o", root / "key.ppk"], check=True)
    make_host_keys(root / "keys")
    sizes = {case: megabytes // min(case[1], 4) for case in CASES}
    with ours(root) as first, openssh(root) as second, delayed(first.port) as near, delayed(second.port) as far:
        idle = peak_megabytes(first.pid)
        ports = {"ours": near, "sshd": far}
        for is_delayed, cases in ((False, CASES), (True, DELAYED_CASES)):
            for client, count in cases:
                source = root / "source.wav"
                source.write_bytes(os.urandom(1 << 20) * sizes[client, count])
                figures: dict[str, list[Figure]] = {"ours": [], "sshd": []}
                for repeat in range(repeats):
                    for server in (first, second) if repeat % 2 else (second, first):
                        port = ports[server.name] if is_delayed else server.port
                        figures[server.name].append(measure(client, count, server, port, root, source))
                report(f"{client} x {count}{' at 80 ms' if is_delayed else ''}", figures)
        print(f"memory of ours: {idle:.0f} MB idle, {peak_megabytes(first.pid):.0f} MB peak")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--megabytes", type=int, default=200)
    words.add_argument("--repeats", type=int, default=5)
    words.add_argument("--folder", type=Path, default=Path("/dev/shm"))
    words.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.serve:
        asyncio.run(serve_ours(given.serve))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as root:
        compare(Path(root), given.megabytes, given.repeats)


if __name__ == "__main__":
    main()
