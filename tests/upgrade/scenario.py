"""What happens to the older version before it is killed for good: packages of every kind, and everything owed.

Each release folder is named after what becomes of it; tests/upgrade/test_upgrade.py knows them by these names.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import paramiko

from tests.daemons import wait_for
from tests.lives import manifest
from tests.upgrade.home import PASSWORD, Home
from tests.upgrade.releases import message, release, sheet

BATCH, LATE_BATCH = "20261102090000000", "20261103090000000"
NEVER = 1e-9
"""Days after which an email that could not be sent is given up: at once."""


def play(home: Home, releases: Path) -> None:
    """Everything, up to the last kill and what people still decided after it."""
    add_labels(home)
    first_day(home, releases)
    killed_while_reading_for_good(home, releases)
    emails_given_up(home)
    everything_owed(home, releases)
    home.configure()
    home.ingest("reject", str(home.number("RejectedLast")), "--notes", "Decided while no daemon ran.")
    home.ingest("approve", str(home.number("ApprovedLast")))


def add_labels(home: Home) -> None:
    home.configure()
    for name, title, dsps in (("anna", "Anna's Label", ("alpha", "beta")), ("ben", "Ben & Sons", ("alpha",))):
        agreed = [word for dsp in dsps for word in ("--dsp", dsp)]
        arguments = ["add", name, "--title", title, "--email", f"{name}@label.example", *agreed, "--password-stdin"]
        command = [sys.executable, "-m", "ingest", "--config", str(home.config_path), "label", *arguments]
        subprocess.run(command, input=PASSWORD, text=True, check=True, stdout=subprocess.DEVNULL)
    home.ingest("label", "quota", "anna", "--bytes", "1000000000", "--files", "500", "--folders", "50")


def first_day(home: Home, releases: Path) -> None:
    """All goes well: packages come to rest in every status, all emails are sent."""
    with served(home):
        with client(home) as sftp:
            for number, name in enumerate(("Delivered", "Rejected", "Approved", "RejectedLast", "ApprovedLast"), 1):
                upload(sftp, release(releases, name, number))
            upload(sftp, without_sound(release(releases, "Corrected_v1", 6, "Corrected")))
            upload(sftp, release(releases, "Tried", 7, text=as_test))
            upload(sftp, batch(releases, BATCH, 8, 9))
            with sftp.open("/incoming/told.txt", "w") as stray:
                stray.write("a file outside any folder")
        with client(home, "ben") as sftp:
            upload(sftp, release(releases, "Bens", 10))
        awaited = {"Corrected_v1": "Invalid", "Tried": "Incoming"}
        for name in ("Delivered", "Rejected", "Approved", "RejectedLast", "ApprovedLast", "Bens", *in_batch(8, 9)):
            awaited[name] = "Needs QC"
        wait_for(lambda: awaited.items() <= checked(home).items(), 120, f"the first verdicts: {checked(home)}")
        home.ingest("approve", str(home.number("Delivered")), "--dsp", "alpha", "--notes", "Lovely.")
        wait_for(lambda: checked(home)["Delivered"] == "Delivered to DSPs", 60, "the delivery")
        with client(home) as sftp:
            upload(sftp, release(releases, "Corrected_v2", 6, "Corrected"))
            upload(sftp, message(releases, "Takedown", 1, "Delivered", text=without_deals))
        awaited = {"Corrected_v2": "Needs QC", "Takedown": "Needs QC"}
        wait_for(lambda: awaited.items() <= checked(home).items(), 60, f"the later verdicts: {checked(home)}")
        home.ingest("label", "disable", "ben")
        unsent = "SELECT count(*) FROM notices WHERE sent_at IS NULL"
        behind = "SELECT count(*) FROM reports WHERE written < version"
        unwritten = "SELECT count(*) FROM acknowledgements WHERE written_at IS NULL"
        told = "SELECT count(*) FROM strays WHERE told_at IS NULL"
        for query in (unsent, behind, unwritten, told):
            wait_for(lambda query=query: home.one(query) == 0, 60, query)  # type: ignore[misc]


def killed_while_reading_for_good(home: Home, releases: Path) -> None:
    """The only start that the reading of a package is allowed ends with the daemon: it waits for `ingest retry`."""
    home.configure(max_starts=1)
    with served(home, stops=False):
        with client(home) as sftp:
            upload(sftp, release(releases, "Aside", 11))
        kill_while_reading(home, "Aside")
    with served(home):
        aside = "SELECT count(*) FROM packages WHERE folder = 'Aside' AND aside_at IS NOT NULL"
        wait_for(lambda: home.one(aside) == 1, 60, "the package to be put aside")
        unsent = "SELECT count(*) FROM notices WHERE sent_at IS NULL"
        wait_for(lambda: home.one(unsent) == 0, 60, "ops to be told")


def emails_given_up(home: Home) -> None:
    """The email of a rejection cannot be sent and is given up, and so is the alarm about it."""
    (home.home / "no-folder").touch()
    home.configure(maildir="no-folder/maildir", retry_days=NEVER)
    with served(home):
        home.ingest("reject", str(home.number("Rejected")), "--notes", "The title has a typo.\nThe cover is fine.")
        given_up = "SELECT count(*) FROM notices WHERE given_up_at IS NOT NULL"
        wait_for(lambda: home.one(given_up) == 2, 60, "two emails to be given up")


def everything_owed(home: Home, releases: Path) -> None:
    """Nothing can leave: emails, a delivery, acknowledgements. It is killed while files are uploaded and read."""
    home.configure(maildir="no-folder/maildir", stray_seconds=900)
    alpha, answers = home.home / "dsp/alpha", home.data / "shelves/anna/acknowledgements"
    approved = home.number("Approved")
    (sound,) = (home.data / "spool/anna").glob("*/Approved/*.flac")
    content, mode = sound.read_bytes(), sound.stat().st_mode
    with ExitStack() as held, served(home, stops=False):
        for place in (alpha, answers):
            place.rename(place.with_name(f"{place.name}-away"))
        answers.touch()
        sound.chmod(0o600)
        sound.write_bytes(content[:-1] + b"\0")
        home.ingest("approve", str(approved))
        first = held.enter_context(client(home))
        first.mkdir("/incoming/Waiting")
        first.put(str(message(releases, "Waiting", 12) / "metadata.xml"), "/incoming/Waiting/metadata.xml")
        with client(home) as sftp:
            upload(sftp, batch(releases, LATE_BATCH, 13, 14))
        tried = "SELECT count(*) FROM deliveries WHERE fault IS NOT NULL"
        wait_for(lambda: home.one(tried) == 2, 60, "both deliveries to fail")
        failed = "SELECT count(*) FROM acknowledgements WHERE fault IS NOT NULL"
        wait_for(lambda: home.one(failed) == 2, 60, "both acknowledgements to fail")
        wait_for(lambda: "Waiting" in checked(home), 60, "the label to be told what is missing")
        with first.open("/incoming/untold.txt", "w") as stray:
            stray.write("another file outside any folder")
        first.mkdir("/incoming/Torn")
        first.put(str(message(releases, "Torn", 15) / "metadata.xml"), "/incoming/Torn/metadata.xml")
        handle = first.open("/incoming/Torn/01_Torn.flac", "wb")
        handle.write(content[:100_000])
        handle.flush()
        with client(home) as sftp:
            upload(sftp, release(releases, "Live", 16))
        kill_while_reading(home, "Live")
    answers.unlink()
    for place in (alpha, answers):
        place.with_name(f"{place.name}-away").rename(place)
    sound.write_bytes(content)
    sound.chmod(mode & 0o7777)


# The daemon


@contextmanager
def served(home: Home, *, stops: bool = True) -> Iterator[None]:
    """A daemon that serves; with `stops` it is asked to stop at the end, else the block kills it."""
    home.start()
    home.wait_until_ready()
    yield
    if stops:
        assert home.stop() == 0, home.log()


def kill_while_reading(home: Home, folder: str) -> None:
    """`kill -9` while the package of this folder is read: its readers are halted as soon as it is sealed."""
    assert home.process is not None
    sealed = f"SELECT count(*) FROM folders WHERE name = '{folder}' AND state = 'sealed'"
    deadline = time.monotonic() + 60
    while home.one(sealed) == 0:
        assert time.monotonic() < deadline, home.log()
        time.sleep(0.01)
    started = f"SELECT starts FROM packages WHERE folder = '{folder}'"
    halted: set[int] = set()
    begun = None
    while begun is None or time.monotonic() < begun + 2:
        assert time.monotonic() < deadline + 60, home.log()
        for child in set(descendants(home.process.pid)) - halted:
            send(child, signal.SIGSTOP)
            halted.add(child)
        if begun is None and home.one(started) == 1:
            begun = time.monotonic()
    pending = f"SELECT count(*) FROM {home.workflows} WHERE status = 'PENDING' AND name = 'ingest'"
    assert home.one(pending) == 1
    home.kill()
    for child in halted:
        send(child, signal.SIGKILL)


def send(process: int, number: int) -> None:
    """Send a signal, unless the process has ended."""
    with suppress(ProcessLookupError):
        os.kill(process, number)


def descendants(process: int) -> list[int]:
    """The processes that a process started, and those that they started."""
    children: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{process}/task").iterdir():
            children += [int(name) for name in (task / "children").read_text("utf-8").split()]
    return [*children, *(one for child in children for one in descendants(child))]


def checked(home: Home) -> dict[str, str]:
    """The status of each package that was read or was told of, by its folder."""
    query = "SELECT folder, status FROM packages WHERE checked_at IS NOT NULL OR sealed_at IS NULL"
    return {row["folder"]: row["status"] for row in home.rows(query)}


# The label


@contextmanager
def client(home: Home, user: str = "anna") -> Iterator[paramiko.SFTPClient]:
    transport = paramiko.Transport(("127.0.0.1", home.port))
    transport.connect(username=user, password=PASSWORD)
    session = paramiko.SFTPClient.from_transport(transport)
    assert session is not None
    try:
        yield session
    finally:
        transport.close()


def upload(sftp: paramiko.SFTPClient, folder: Path) -> None:
    """Everything below the folder; the files at its top last."""
    sftp.mkdir(f"/incoming/{folder.name}")
    inner = sorted(folder.rglob("*"), key=lambda path: (path.is_file() and path.parent == folder, path))
    for path in inner:
        there = f"/incoming/{folder.name}/{path.relative_to(folder)}"
        if path.is_dir():
            sftp.mkdir(there)
        else:
            sftp.put(str(path), there)


def without_sound(folder: Path) -> Path:
    next(folder.glob("*.flac")).unlink()
    return folder


def as_test(text: str) -> str:
    return text.replace("LiveMessage", "TestMessage")


def without_deals(text: str) -> str:
    head, _, rest = text.partition("  <DealList>")
    return (head + rest.partition("</DealList>\n")[2]).replace("2026-03-20T10:00:00", "2026-03-22T10:00:00")


def batch(releases: Path, name: str, *numbers: int) -> Path:
    """A batch in the standard's layout, complete with its manifest."""
    folder = releases / name
    barcodes = [sheet(number, "Batched").barcode for number in numbers]
    for number, barcode in zip(numbers, barcodes, strict=True):
        release(folder, barcode, number, f"Batched {number}")
    listed = manifest(name, *((barcode, "NewReleaseDelivery") for barcode in barcodes))
    (folder / f"BatchComplete_{name}.xml").write_bytes(listed)
    return folder


def in_batch(*numbers: int) -> list[str]:
    """The packages of the first batch."""
    return [f"{BATCH}/{sheet(number, 'Batched').barcode}" for number in numbers]
