"""The life of a release after its first delivery, with the daemon as a process: what labels and QC see of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from lxml import etree

from tests.broken.change import edit
from tests.daemons import LABEL_EMAIL, Daemon, Look, client, running, text_of, wait_for
from tests.lives import TAKEDOWNS, alone, batch, manifest, whole, with_barcode
from tests.messages import BARCODE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BATCH = "20260323100000000"
SECOND = "5034567890137"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Daemon, Look]]:
    with running(tmp_path_factory.mktemp("lives")) as both:
        yield both


def upload(daemon: Daemon, folder: Path) -> None:
    """Everything below the folder, files before the marker at its top."""
    with client(daemon) as sftp:
        sftp.mkdir(f"/incoming/{folder.name}")
        inner = sorted(folder.rglob("*"), key=lambda path: (path.is_file() and path.parent == folder, path))
        for path in inner:
            there = f"/incoming/{folder.name}/{path.relative_to(folder)}"
            if path.is_dir():
                sftp.mkdir(there)
            else:
                sftp.put(str(path), there)


def email_of(look: Look, package: int, kind: str) -> str:
    """The text of the label's email of this kind, as one line."""

    def found() -> EmailMessage | None:
        mine = [one for one in look.emails_of(kind) if one["X-Ingest-Package"] == str(package)]
        return next((one for one in mine if str(one["To"]) == LABEL_EMAIL), None)

    return re.sub(r"\s+", " ", text_of(wait_for(found, 30, f"the email {kind}")))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def delivered(served: tuple[Daemon, Look], tmp_path_factory: pytest.TempPathFactory) -> int:
    """A release of anna's that the DSP alpha has."""
    daemon, look = served
    upload(daemon, whole(tmp_path_factory.mktemp("first"), "First"))
    package = look.wait_for_status("First", ["Needs QC", "Invalid"])
    daemon.ingest("approve", str(package.id), "--dsp", "alpha")
    look.wait_for_status("First", ["Delivered to DSPs"])
    return package.id


def test_a_takedown_is_decided_by_people_and_goes_where_the_release_is(
    served: tuple[Daemon, Look], delivered: int, tmp_path: Path
) -> None:
    daemon, look = served
    upload(daemon, alone(tmp_path, "Down", TAKEDOWNS["TakeDown"]))

    package = look.wait_for_status("Down", ["Needs QC", "Invalid"])

    assert (package.status, package.kind, package.replaces_id) == ("Needs QC", "takedown", delivered)
    told = email_of(look, package.id, "needs-qc")
    assert "Your takedown waits for our team" in told
    assert "Nothing has been taken down yet" in told
    assert "audio" not in told.lower().replace("no audio", "")
    (review,) = wait_for(
        lambda: [one for one in look.emails_of("review") if one["X-Ingest-Package"] == str(package.id)],
        30,
        "the review",
    )
    assert "takedown" in str(review["Subject"])
    assert f"the DSPs that have the release (package {delivered})" in re.sub(r"\s+", " ", text_of(review))
    assert "[ ]" not in text_of(review)
    assert "Needs QC, takedown" in daemon.ingest("packages").stdout
    assert f"This is a takedown of package {delivered}." in daemon.ingest("show", str(package.id)).stdout

    assert "it goes to alpha" in daemon.ingest("approve", str(package.id)).stdout

    look.wait_for_status("Down", ["Delivered to DSPs"])
    assert "Stores need some days to take the music down" in email_of(look, package.id, "delivered")
    (place,) = (daemon.home / "dsp" / "alpha").glob(f"*_{package.id}")
    assert [path.name for path in place.iterdir()] == ["metadata.xml"]


def test_an_update_without_files_is_taken_though_its_client_stays_connected(
    served: tuple[Daemon, Look], delivered: int, tmp_path: Path
) -> None:
    daemon, look = served
    folder = alone(tmp_path, "Update", edit(("<ReleaseDate>2026-04-01", "<ReleaseDate>2026-04-08")))
    with client(daemon) as sftp:
        sftp.mkdir("/incoming/Update")
        sftp.put(str(folder / "metadata.xml"), "/incoming/Update/metadata.xml")
        package = look.wait_for_status("Update", ["Needs QC", "Invalid"])

    assert (package.status, package.kind) == ("Needs QC", "update")
    assert look.codes(package.id, "warning") == ["ERN-019"]
    assert not [one for one in look.emails_of("waiting") if one["X-Ingest-Package"] == str(package.id)]
    assert "It takes the place of what you sent before" in email_of(look, package.id, "needs-qc")


def test_a_test_message_is_answered_and_never_reaches_qc(served: tuple[Daemon, Look], tmp_path: Path) -> None:
    daemon, look = served
    upload(daemon, whole(tmp_path, "Try", edit(("LiveMessage", "TestMessage"))))
    package = look.wait_for_status("Try", ["Incoming"])

    told = email_of(look, package.id, "tested")

    assert "Your test passed" in told
    assert "neither to our reviewers nor to any store" in told
    assert look.statuses()["Try"] == "Incoming"
    assert not [one for one in look.emails_of("review") if one["X-Ingest-Package"] == str(package.id)]
    assert daemon.ingest("approve", str(package.id), check=False).returncode == 2
    report = daemon.config.paths.reports("anna") / "Try" / "status.txt"
    wait_for(lambda: "test passed" in report.read_text("utf-8").lower(), 30, "the report to say so")


def test_every_release_of_a_batch_is_answered_by_an_acknowledgement(
    served: tuple[Daemon, Look], tmp_path: Path
) -> None:
    daemon, look = served
    good = whole(tmp_path, "Good", edit(("GBDUM2600001", "GBDUM2600042")), with_barcode("4006381333931"))
    bad = whole(tmp_path, "Bad", with_barcode(SECOND))
    next(bad.glob("*.wav")).unlink()
    listed = manifest(BATCH, ("4006381333931", "NewReleaseDelivery"), (SECOND, "NewReleaseDelivery"))
    folder = batch(tmp_path, BATCH, [good, bad], f"BatchComplete_{BATCH}.xml", listed)
    litter = folder / "__MACOSX"
    litter.mkdir()
    (litter / "._metadata.xml").write_bytes(b"\x00")
    upload(daemon, folder)
    shutil.rmtree(folder)

    passed = look.wait_for_status(f"{BATCH}/4006381333931", ["Needs QC", "Invalid"])
    failed = look.wait_for_status(f"{BATCH}/{SECOND}", ["Needs QC", "Invalid"])

    assert (passed.status, failed.status) == ("Needs QC", "Invalid")
    with client(daemon) as sftp:

        def answers() -> dict[str, bytes] | None:
            if "acknowledgements" not in sftp.listdir("/"):
                return None
            names = [name for name in sftp.listdir("/acknowledgements") if name.startswith("ACK_")]
            return {name: sftp.open(f"/acknowledgements/{name}").read() for name in names} if len(names) == 2 else None

        found = wait_for(answers, 30, "two acknowledgements")
    assert found is not None
    by_release = {name.rsplit("_", 1)[-1]: etree.fromstring(content) for name, content in found.items()}
    good_answer, bad_answer = by_release["4006381333931.xml"], by_release[f"{SECOND}.xml"]
    assert good_answer.findtext("FileStatus") == "FileOK"
    assert bad_answer.findtext("FileStatus") == "ResourceMissing"
    assert "01_Sunrise.wav" in str(bad_answer.findtext("ErrorText"))
    assert bad_answer.findtext("AcknowledgedFile/ReleaseId") == SECOND
    assert BARCODE not in by_release
