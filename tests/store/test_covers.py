"""The same picture on another release: found by its hash, of one's own label and of others, and only on living ones."""

from __future__ import annotations

from dataclasses import replace

from ingest.core.dossier import Dossier, Folder, KnownRelease
from ingest.core.facts import ArtworkFacts
from ingest.core.message import Dialect, Message, MessageRelease
from ingest.core.release import Release
from ingest.core.status import Status
from ingest.core.text import Text
from ingest.store import folders, packages
from ingest.store.covers import known_covers
from ingest.store.releases import assign_release
from tests.stage import Stage
from tests.store.rows import new_label

DIGEST = "ab" * 32
DOSSIER = Dossier(
    Folder("Release"),
    None,
    None,
    artwork=(
        ArtworkFacts("back.jpg", 9, ".jpg", "JPEG", sha256="cd" * 32),
        ArtworkFacts("a.jpg", 9, ".jpg", "JPEG", sha256=DIGEST),
    ),
    cover="a.jpg",
)

RELEASE = MessageRelease(2, True, (Text("R0", 2),), barcode=Text("5", 2))
MESSAGE = Message(
    "metadata.xml", "NewReleaseMessage", Dialect.GUIDE, "382", None, None, None, (), releases=(RELEASE,), main=0
)


def add(on: Stage, name: str, label: int, dossier: Dossier, status: Status, barcode: str | None = None) -> int:
    with on.app.store.transaction() as tx:
        folder = folders.touch_folder(tx, label, name, on.clock())
        package = packages.add_package(tx, folder, "", on.clock())
        assert package is not None
        packages.set_summary(tx, package, dossier, {}, on.clock())
        row = packages.get_package(tx, package)
        assert row is not None
        row.status, row.barcode, row.title = status.value, barcode, name
        if barcode is not None:
            assign_release(tx, row, Release(barcode=barcode), on.clock())
        return package


def rival(on: Stage) -> int:
    with on.app.store.transaction() as tx:
        return new_label(tx, "rival").id


def known(on: Stage, package: int, dossier: Dossier = DOSSIER) -> tuple[KnownRelease, ...]:
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, package)
        assert row is not None
        return known_covers(tx, package, row.label_id, dossier)


def test_the_oldest_release_with_the_same_cover_is_known_of_each_side(on: Stage) -> None:
    other = rival(on)
    mine = add(on, "Old", 1, DOSSIER, Status.DELIVERED, "1")
    add(on, "New", 1, DOSSIER, Status.NEEDS_QC, "2")
    theirs = add(on, "Theirs", other, DOSSIER, Status.QC_APPROVED, "3")
    package = add(on, "This", 1, DOSSIER, Status.INCOMING)
    assert known(on, package) == (
        KnownRelease(mine, "Anna's Label", True, "Delivered to DSPs", "Old", "cover", "a.jpg"),
        KnownRelease(theirs, "Rival", False, "QC Approved", "Theirs", "cover", "a.jpg"),
    )


def test_failed_packages_other_pictures_and_the_same_barcode_do_not_count(on: Stage) -> None:
    add(on, "Failed", 1, DOSSIER, Status.INVALID, "1")
    add(on, "Rejected", 1, DOSSIER, Status.QC_REJECTED, "2")
    add(on, "Another", 1, replace(DOSSIER, cover="back.jpg"), Status.NEEDS_QC, "3")
    add(on, "None", 1, replace(DOSSIER, cover=None), Status.NEEDS_QC, "4")
    package = add(on, "This", 1, DOSSIER, Status.INCOMING)
    assert known(on, package) == ()
    add(on, "Same", 1, DOSSIER, Status.NEEDS_QC, "5")
    corrected = replace(DOSSIER, message=MESSAGE)
    assert known(on, package, corrected) == ()
    assert [one.title for one in known(on, package)] == ["Same"]
    assert known(on, package, replace(DOSSIER, cover=None)) == ()


def test_a_release_that_has_its_cover_already_is_told_of_no_other_and_a_takedown_is_none(on: Stage) -> None:
    other = add(on, "Other", 1, DOSSIER, Status.NEEDS_QC, "6")
    package = add(on, "This", 1, DOSSIER, Status.INCOMING)
    update = replace(DOSSIER, message=MESSAGE)
    assert [one.package for one in known(on, package, update)] == [other]
    mine = add(on, "Mine", 1, DOSSIER, Status.DELIVERED, "5")
    assert known(on, package, update) == ()
    with on.app.store.transaction() as tx:
        for number in (other, mine):
            row = packages.get_package(tx, number)
            assert row is not None
            row.kind = "takedown"
    assert known(on, package, update) == ()
    assert known(on, package) == ()
