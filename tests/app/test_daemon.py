"""The whole daemon in a process of its own: what labels, QC and ops see from upload to delivery."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import paramiko
import pytest

from tests.conftest import missing
from tests.daemons import LABEL_EMAIL, Daemon, Look, client, put, running, text_of, wait_for
from tests.packages import Good, write_broken, write_good
from tests.sftp_clients import sftp_command

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, Look]]:
    with running(tmp_path_factory.mktemp("daemon")) as both:
        yield both


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sftp_batch(daemon: Daemon, script: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("sftp")
    if program is None:
        missing("OpenSSH sftp")
    assert program is not None
    options = ["-i", str(daemon.key), "-P", str(daemon.port), "-b", "-", "-o", "StrictHostKeyChecking=no"]
    options += ["-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR"]
    return subprocess.run([program, *options, "anna@127.0.0.1"], input=script, text=True, capture_output=True)


@pytest.mark.clients
def test_the_guides_command_line_leads_through_qc_to_the_dsps_with_an_email_at_every_step(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.GUIDE)
    script = f"cd incoming\nmkdir {folder.name}\ncd {folder.name}\nlcd {folder}\nput metadata.xml\nput *.wav\n"
    done = sftp_batch(daemon, f"{script}put artwork.jpg\nexit\n")
    assert done.returncode == 0, done.stderr

    package = look.wait_for_status(folder.name, ["Needs QC", "Invalid"])
    assert package.status == "Needs QC"
    assert look.codes(package.id) == []
    assert (package.artist, package.title, package.barcode) == ("Artist Name", "My Album Title", "5034567890123")
    approved = daemon.ingest("approve", str(package.id), "--notes", "Lovely record")
    assert "alpha, beta" in approved.stdout
    look.wait_for_status(folder.name, ["Delivered to DSPs"])

    for dsp in ("alpha", "beta"):
        (delivered,) = [path for path in (daemon.home / "dsp" / dsp).iterdir() if f"_{package.id}" in path.name]
        assert digests(delivered) == digests(folder)
    kinds = ["incoming", "needs-qc", "qc-approved", "delivered"]
    mine = wait_for(lambda: _label_emails(look, package.id, 4), 30, "four emails to the label")
    assert [message["X-Ingest-Kind"] for message in mine] == kinds
    assert all(message["References"] == mine[0]["Message-ID"] for message in mine[1:])
    assert "Lovely record" in text_of(mine[2])
    (review,) = [one for one in look.emails_of("review") if one["X-Ingest-Package"] == str(package.id)]
    assert f"ingest approve {package.id}" in text_of(review)
    history = daemon.ingest("show", str(package.id)).stdout
    assert "→ alpha: sent" in history and "email delivered" in history


def _label_emails(look: Look, package: int, count: int) -> list[EmailMessage]:
    mine = [
        message
        for message in look.emails()
        if message["X-Ingest-Package"] == str(package) and str(message["To"]) == LABEL_EMAIL
    ]
    return mine if len(mine) >= count else []


def test_a_broken_release_is_invalid_and_the_email_names_file_value_need_and_cure(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_broken(tmp_path, "ART-001")
    with client(daemon) as sftp:
        put(sftp, folder, "Small_Cover")
        package = look.wait_for_status("Small_Cover", ["Invalid", "Needs QC"])
    assert package.status == "Invalid"
    assert look.codes(package.id) == ["ART-001"]
    (email,) = wait_for(
        lambda: [one for one in look.emails_of("invalid") if one["X-Ingest-Package"] == str(package.id)], 30, "email"
    )
    text = text_of(email)
    assert "artwork.jpg" in text and "3000 × 3000" in text and "Small_Cover_v2" in text
    assert daemon.ingest("approve", str(package.id), check=False).returncode == 2


def test_a_rejection_needs_notes_and_sends_them_word_for_word(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.SINGLE)
    with client(daemon) as sftp:
        put(sftp, folder, "To_Reject")
    package = look.wait_for_status("To_Reject", ["Needs QC"])
    assert daemon.ingest("reject", str(package.id), "--notes", "  ", check=False).returncode == 2
    notes = "The cover shows a store's logo <b>top left</b>; remove it."
    daemon.ingest("reject", str(package.id), "--notes", notes)
    look.wait_for_status("To_Reject", ["QC Rejected"])
    (email,) = wait_for(lambda: look.emails_of("qc-rejected"), 30, "the email")
    assert notes in text_of(email)


@pytest.mark.parametrize("first", ["metadata.xml", "01_Sunrise.wav", "artwork.jpg"])
def test_the_xml_may_arrive_first_last_or_in_the_middle(
    served: tuple[Daemon, Look], tmp_path: Path, first: str
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.SINGLE)
    names = ["01_Sunrise.wav", "metadata.xml", "artwork.jpg"]
    start = names.index(first)
    name = f"Order_{start}"
    with client(daemon) as sftp:
        put(sftp, folder, name, names[start:] + names[:start])
    assert look.wait_for_status(name, ["Needs QC", "Invalid"]).status == "Needs QC"


def test_four_parallel_connections_make_one_package(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.EP)
    files = sorted(path.name for path in folder.iterdir())
    with client(daemon) as sftp:
        sftp.mkdir("/incoming/Parallel")

    def upload(mine: list[str]) -> None:
        with client(daemon) as own:
            for file in mine:
                own.put(str(folder / file), f"/incoming/Parallel/{file}")

    threads = [threading.Thread(target=upload, args=(files[n::4],)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert look.wait_for_status("Parallel", ["Needs QC", "Invalid"]).status == "Needs QC"
    assert [row.folder for row in look.packages()].count("Parallel") == 1


def test_temporary_names_that_are_renamed_at_the_end_are_waited_for(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.SINGLE)
    with client(daemon) as sftp:
        sftp.mkdir("/incoming/Renaming")
        for path in sorted(folder.iterdir()):
            sftp.put(str(path), f"/incoming/Renaming/{path.name}.filepart")
        threading.Event().wait(3)
        assert look.statuses().get("Renaming") in (None, "Incoming")
        for path in sorted(folder.iterdir()):
            sftp.rename(f"/incoming/Renaming/{path.name}.filepart", f"/incoming/Renaming/{path.name}")
        assert look.wait_for_status("Renaming", ["Needs QC", "Invalid"]).status == "Needs QC"


def test_a_zero_byte_placeholder_is_no_file_yet(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.SINGLE)
    with client(daemon) as sftp:
        put(sftp, folder, "Placeholder", ["metadata.xml", "artwork.jpg"])
        sftp.open("/incoming/Placeholder/01_Sunrise.wav", "wb").close()
        threading.Event().wait(4)
        assert look.statuses().get("Placeholder") in (None, "Incoming")
        put(sftp, folder, "Placeholder", ["01_Sunrise.wav"])
        assert look.wait_for_status("Placeholder", ["Needs QC", "Invalid"]).status == "Needs QC"


def test_a_folder_renamed_after_the_upload_is_taken_under_its_new_name(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.SINGLE)
    with client(daemon) as sftp:
        put(sftp, folder, "New folder")
        sftp.rename("/incoming/New folder", "/incoming/Proper_Name")
        assert look.wait_for_status("Proper_Name", ["Needs QC", "Invalid"]).status == "Needs QC"
    assert "New folder" not in look.statuses()


def test_a_sealed_folder_stays_visible_and_refuses_changes_with_a_reason(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.SINGLE)
    with client(daemon) as sftp:
        put(sftp, folder, "Sealed")
        package = look.wait_for_status("Sealed", ["Needs QC"])
        assert sorted(sftp.listdir("/incoming/Sealed")) == sorted(path.name for path in folder.iterdir())
        assert sftp.open("/incoming/Sealed/metadata.xml").read() == (folder / "metadata.xml").read_bytes()
        for attempt in (
            lambda: sftp.put(str(folder / "metadata.xml"), "/incoming/Sealed/metadata.xml"),
            lambda: sftp.remove("/incoming/Sealed/metadata.xml"),
            lambda: sftp.mkdir("/incoming/Sealed"),
        ):
            with pytest.raises(OSError, match=rf"already submitted \(package {package.id}\).*Sealed_v2"):
                attempt()


def test_an_upload_that_lacks_a_file_is_told_of_while_connected_and_judged_when_it_completes(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.EP)
    files = sorted(path.name for path in folder.iterdir())
    lacking = next(file for file in files if file.startswith("03_"))
    with client(daemon) as sftp:
        put(sftp, folder, "Lacking", [file for file in files if file != lacking])
        package = look.wait_for_status("Lacking", ["Incoming"])
        (email,) = wait_for(
            lambda: [one for one in look.emails_of("waiting") if one["X-Ingest-Package"] == str(package.id)],
            30,
            "email",
        )
        assert lacking in text_of(email)
        assert "Lacking" in [path.name for path in daemon.incoming.iterdir()]
        put(sftp, folder, "Lacking", [lacking])
        assert look.wait_for_status("Lacking", ["Needs QC", "Invalid"]).status == "Needs QC"
    mine = wait_for(lambda: _label_emails(look, package.id, 2), 30, "the second email")
    assert [one["X-Ingest-Kind"] for one in mine] == ["waiting", "needs-qc"]


def test_an_upload_that_was_left_incomplete_is_invalid_and_names_each_missing_and_short_file(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.EP)
    files = sorted(path.name for path in folder.iterdir())
    short, lacking = files[1], files[3]
    data = (folder / short).read_bytes()
    (folder / short).write_bytes(data[: len(data) // 3])
    with client(daemon) as sftp:
        put(sftp, folder, "Left", [file for file in files if file != lacking])
    package = look.wait_for_status("Left", ["Needs QC", "Invalid"])
    assert package.status == "Invalid"
    (email,) = wait_for(
        lambda: [one for one in look.emails_of("invalid") if one["X-Ingest-Package"] == str(package.id)], 30, "email"
    )
    assert short in text_of(email) and lacking in text_of(email)


def test_a_misspelt_file_name_is_answered_while_the_client_stays_connected(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.SINGLE)
    (folder / "01_Sunrise.wav").rename(folder / "01_sunrise.wav")
    with client(daemon) as sftp:
        put(sftp, folder, "Misspelt")
        package = look.wait_for_status("Misspelt", ["Needs QC", "Invalid"])
    assert package.status == "Invalid"
    (email,) = wait_for(
        lambda: [one for one in look.emails_of("invalid") if one["X-Ingest-Package"] == str(package.id)], 30, "email"
    )
    assert "01_Sunrise.wav" in text_of(email) and "01_sunrise.wav" in text_of(email)


def test_files_directly_in_incoming_get_one_hint_and_stay(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    stray = tmp_path / "song.wav"
    stray.write_bytes(b"RIFF" + bytes(1000))
    with client(daemon) as sftp:
        sftp.put(str(stray), "/incoming/song.wav")
        sftp.put(str(stray), "/incoming/.DS_Store")
    (hint,) = wait_for(lambda: look.emails_of("stray-files"), 30, "the hint")
    assert "song.wav" in text_of(hint) and ".DS_Store" not in text_of(hint)
    threading.Event().wait(5)
    assert len(look.emails_of("stray-files")) == 1
    assert (daemon.incoming / "song.wav").read_bytes() == stray.read_bytes()


def test_a_folder_placed_by_other_means_is_noticed(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.FLAC)
    shutil.copytree(folder, daemon.incoming / "Copied")
    assert look.wait_for_status("Copied", ["Needs QC", "Invalid"]).status == "Needs QC"


def test_a_link_in_a_folder_is_neither_followed_nor_delivered(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.SINGLE)
    (folder / "secret.wav").symlink_to("/etc/passwd")
    shutil.copytree(folder, daemon.incoming / "Linked", symlinks=True)
    package = look.wait_for_status("Linked", ["Needs QC"])
    daemon.ingest("approve", str(package.id), "--dsp", "alpha")
    look.wait_for_status("Linked", ["Delivered to DSPs"])
    (delivered,) = [path for path in (daemon.home / "dsp" / "alpha").iterdir() if f"_{package.id}" in path.name]
    assert "secret.wav" not in digests(delivered)


def test_a_delivery_that_fails_is_kept_owed_and_ops_are_told(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.AIFF)
    with client(daemon) as sftp:
        put(sftp, folder, "No_DSP")
    package = look.wait_for_status("No_DSP", ["Needs QC"])
    away = daemon.home / "dsp" / "beta-away"
    (daemon.home / "dsp" / "beta").rename(away)
    try:
        daemon.ingest("approve", str(package.id))
        wait_for(lambda: [one for one in look.emails_of("alarm") if "beta" in text_of(one)], 30, "the alarm")
    finally:
        away.rename(daemon.home / "dsp" / "beta")
    assert look.statuses()["No_DSP"] == "QC Approved"
    assert "→ beta: queued" in daemon.ingest("show", str(package.id)).stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_termination_signal_ends_the_daemon_cleanly_and_a_restart_goes_on(
    tmp_path: Path, number: signal.Signals
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with running(home) as (daemon, look):
        folder = write_good(tmp_path, Good.SINGLE)
        with client(daemon) as sftp:
            put(sftp, folder, "Before_Stop", ["metadata.xml", "artwork.jpg"])
        assert daemon.stop(number) == 0
        assert "stopping" in daemon.log()
        assert "worker       w1, stopped" in daemon.ingest("status", check=False).stdout
        daemon.start()
        daemon.wait_until_ready()
        with client(daemon) as sftp:
            put(sftp, folder, "Before_Stop", ["01_Sunrise.wav"])
        assert look.wait_for_status("Before_Stop", ["Needs QC", "Invalid"]).status == "Needs QC"


def test_a_daemon_whose_port_is_taken_leaves_no_worker_that_seems_to_live(served: tuple[Daemon, Look]) -> None:
    daemon, _ = served
    second = daemon.ingest("serve", "--worker", "w2", check=False)
    assert (second.returncode, "Address already in use" in second.stderr) == (2, True)
    told = daemon.ingest("status")
    assert "worker       w1, heard of" in told.stdout
    assert "worker       w2, stopped" in told.stdout


def test_a_folder_removed_after_its_label_was_told_what_is_missing_comes_to_an_end(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.EP)
    with client(daemon) as sftp:
        put(sftp, folder, "Withdrawn", ["metadata.xml", "artwork.jpg"])
        look.wait_for_status("Withdrawn", ["Incoming"])
        for file in ("metadata.xml", "artwork.jpg"):
            sftp.remove(f"/incoming/Withdrawn/{file}")
        sftp.rmdir("/incoming/Withdrawn")
        package = look.wait_for_status("Withdrawn", ["Invalid"])
    assert look.codes(package.id) == ["PKG-001"]


def test_every_release_of_a_batch_becomes_a_package_of_its_own(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    good, bad = write_good(tmp_path / "a", Good.SINGLE), write_broken(tmp_path / "b", "ART-001")
    batch = daemon.incoming / "Batch"
    staging = tmp_path / "Batch"
    shutil.copytree(good, staging / "one")
    shutil.copytree(bad, staging / "two")
    shutil.copytree(staging, batch)
    assert look.wait_for_status("Batch/one", ["Needs QC", "Invalid"]).status == "Needs QC"
    package = look.wait_for_status("Batch/two", ["Needs QC", "Invalid"])
    assert (package.status, look.codes(package.id)) == ("Invalid", ["ART-001"])
    assert "Batch" not in look.statuses()
    first = look.wait_for_status("Batch/one", ["Needs QC"])
    daemon.ingest("approve", str(first.id), "--dsp", "alpha", "--anyway")  # the other one has the same barcode
    look.wait_for_status("Batch/one", ["Delivered to DSPs"])
    (delivered,) = [path for path in (daemon.home / "dsp" / "alpha").iterdir() if path.name.endswith(f"_{first.id}")]
    assert digests(delivered) == digests(good)


def test_a_folder_renamed_over_another_while_a_file_is_open_is_not_sealed_under_the_writer(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    folder = write_good(tmp_path, Good.SINGLE)
    with client(daemon) as sftp:
        sftp.mkdir("/incoming/Bait_B")
        put(sftp, folder, "Bait_A")
        handle = sftp.open("/incoming/Bait_A/01_Sunrise.wav", "r+")
        sftp.posix_rename("/incoming/Bait_A", "/incoming/Bait_B")
        threading.Event().wait(5)
        assert "Bait_B" not in look.statuses() and "Bait_A" not in look.statuses()
        handle.close()
        assert look.wait_for_status("Bait_B", ["Needs QC", "Invalid"]).status == "Needs QC"


def test_a_label_that_is_disabled_cannot_write_any_more_though_it_is_connected(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, _ = served
    with client(daemon) as sftp:
        sftp.mkdir("/incoming/Closing")
        daemon.ingest("label", "disable", "anna")
        try:
            with pytest.raises(OSError, match="account is closed"):
                sftp.open("/incoming/Closing/a.wav", "wb")
        finally:
            daemon.ingest("label", "enable", "anna")
    with client(daemon) as sftp:
        sftp.rmdir("/incoming/Closing")


@pytest.mark.clients
@pytest.mark.parametrize("way", [("disable", "anna"), ("password", "anna", "--no-email")])
def test_a_running_upload_stops_within_half_a_minute_when_the_account_changes(
    way: tuple[str, ...], tmp_path: Path
) -> None:
    with running(tmp_path) as (daemon, _), client(daemon) as reading:
        (tmp_path / "long.wav").touch()
        os.truncate(tmp_path / "long.wav", 1 << 40)
        uploading = subprocess.Popen(
            sftp_command(daemon), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert uploading.stdin is not None
        uploading.stdin.write(f"mkdir incoming/Long\nput {tmp_path / 'long.wav'} incoming/Long/\n")
        uploading.stdin.flush()
        target = daemon.incoming / "Long" / "long.wav"
        wait_for(lambda: target.exists() and target.stat().st_size > 1 << 20, 30, "the upload to begin")
        start = daemon.log_size()
        daemon.ingest("label", *way)
        changed = time.monotonic()
        said, _ = uploading.communicate(timeout=40)
        assert time.monotonic() - changed < 30, said
        assert uploading.returncode != 0
        with pytest.raises((OSError, EOFError, paramiko.SSHException)):
            reading.listdir("/incoming")

        def ended() -> bool:
            return len([event for event in daemon.events_since(start) if event["event"] == "logged out"]) == 2

        wait_for(ended, 30, "both connections to end")
        events = daemon.events_since(start)
    told = [event for event in events if event["event"] == "sessions of this label end"]
    why = "This account is closed." if way[0] == "disable" else "The password or the keys of this account were changed."
    assert {(event["label"], event["address"]) for event in told} == {("anna", "127.0.0.1")}
    assert len(told) == 2 and all(event["why"].startswith(why) for event in told)
    assert [event["path"] for event in events if event["event"] == "upload interrupted"] == ["Long/long.wav"]
