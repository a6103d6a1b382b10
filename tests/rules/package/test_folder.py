"""The release folder: archives, too many files, names that only come near, doubles, the folder's own name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.dossier import Dossier, Folder, ResolvedFile
from ingest.core.facts import FileEntry, FileKind
from ingest.core.kind import Kind, purpose_of
from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.core.resources import FileReference, ImageResource
from ingest.rules import check
from tests.rules.dossiers import (
    AUDIO,
    GOOD,
    MASTER,
    MESSAGE,
    PICTURE,
    POLICY,
    REFERENCE,
    codes,
    message_of,
    only,
    text,
)

NAME = GOOD.folder.name
MISSING = UnreadableMessage(None, MessageProblem.MISSING)


def _unpacked(*entries: FileEntry) -> Dossier:
    return Dossier(Folder(NAME, entries=entries), None, MISSING)


def _near(wanted: str, near: str = AUDIO, how: str = "case") -> Dossier:
    """The message names `wanted`, and the track lies in the file `near`."""
    reference = replace(REFERENCE, name=text(wanted, 34))
    entries = tuple(replace(one, path=near) if one.path == AUDIO else one for one in GOOD.folder.entries)
    return replace(
        GOOD,
        folder=replace(GOOD.folder, entries=entries),
        files=(ResolvedFile(reference, None, how, near, recording=0),),
        audio=(replace(MASTER, file=near),),
    )


@pytest.mark.parametrize("name", ["a.zip", "a.RAR", "a.7z", "a.tar", "a.tar.gz", "sub/a.tgz"])
def test_an_archive_without_a_message_is_told_once(name: str) -> None:
    finding = only(_unpacked(FileEntry(name, 9, FileKind.OTHER), FileEntry("readme.DS_Store", 9, FileKind.LITTER)))

    assert finding.code == "PKG-012"
    assert finding.text == f"{name} is an archive, and there is no DDEX message beside it. We do not open archives."
    assert finding.fix == f"Unpack {name} on your computer, and upload the files inside it in a new folder."


def test_other_files_beside_the_archive_are_still_told() -> None:
    notes = FileEntry("notes.txt", 9, FileKind.OTHER)

    assert codes(_unpacked(FileEntry("a.zip", 9, FileKind.OTHER), notes)) == ["PKG-012", "PKG-022"]


def test_an_archive_beside_a_message_is_one_file_too_many() -> None:
    entries = (*GOOD.folder.entries, FileEntry("booklet.zip", 9, FileKind.OTHER))

    assert codes(replace(GOOD, folder=replace(GOOD.folder, entries=entries))) == ["PKG-022"]


def test_a_folder_without_message_and_archive_still_misses_both() -> None:
    assert codes(_unpacked(FileEntry("notes.txt", 9, FileKind.OTHER))) == ["PKG-002", "PKG-010", "PKG-022"]


def test_a_folder_of_too_many_files_is_told_once_and_nothing_is_called_missing() -> None:
    crowd = tuple(FileEntry(f"{number}.zip", 9, FileKind.OTHER) for number in range(2000))
    without_message = Dossier(Folder(NAME, entries=crowd, is_cut=True), None, MISSING)
    with_message = replace(GOOD, folder=Folder(NAME, entries=crowd, is_cut=True), audio=(), artwork=(), cover=None)
    missing = replace(with_message, files=(replace(GOOD.files[0], path=None, how="missing"),))

    assert [codes(one) for one in (without_message, with_message, missing)] == [["PKG-013"]] * 3
    assert only(without_message).text == (
        "The release folder holds more than 2000 files. We read no further, so the release was not checked whole."
    )


def test_a_folder_of_too_many_files_is_never_taken_for_a_takedown() -> None:
    message = message_of(deals=())

    assert purpose_of(replace(GOOD, message=message, folder=Folder(NAME, is_cut=True))) is Kind.NEW_RELEASE
    assert purpose_of(replace(GOOD, message=message, folder=Folder(NAME))) is Kind.TAKEDOWN


@pytest.mark.parametrize(
    ("wanted", "near", "how", "why"),
    [
        ("01_SUNRISE.wav", AUDIO, "case", " The difference is in capital and small letters."),
        ("01 Sunrise.wav", AUDIO, "blanks", " The difference is in spaces, hyphens, underscores or points."),
        ("01_Sunrise.flac", AUDIO, "suffix", " The difference is in the ending."),
        ("01_Sunrize.wav", AUDIO, "near", ""),
    ],
)
def test_a_near_name_is_told_with_the_difference(wanted: str, near: str, how: str, why: str) -> None:
    finding = only(_near(wanted, near, how))

    assert finding.code == "PKG-005"
    assert finding.text == (
        f"metadata.xml, line 34 (track 1): you wrote {wanted}, but the file is {near}.{why} The two names must be"
        " exactly the same."
    )
    rename = "" if how == "suffix" else f", or rename the file to {wanted}"
    assert finding.fix == f"Write {near} into the XML{rename}."


@pytest.mark.parametrize("near", [AUDIO, f"resources/{AUDIO}"])
def test_a_path_of_windows_is_told_with_the_name_to_write(near: str) -> None:
    finding = only(_near(rf"resources\{AUDIO}", near, "path"))

    assert finding.text == (
        rf"metadata.xml, line 34 (track 1): you wrote resources\{AUDIO}, but the file is {near}. The difference is"
        r" in the folder. Folders are written with /, not with \. The two names must be exactly the same."
    )
    assert finding.fix == f"Write {near} into the XML."


def test_a_file_in_another_folder_is_told_with_its_path() -> None:
    finding = only(_near(AUDIO, f"audio/{AUDIO}"))

    assert finding.text == (
        "metadata.xml, line 34 (track 1): you wrote 01_Sunrise.wav, but the file is audio/01_Sunrise.wav. The"
        " difference is in the folder. The two names must be exactly the same."
    )
    assert finding.fix == "Write audio/01_Sunrise.wav into the XML."


def test_audio_under_a_near_name_is_judged_and_its_length_is_known() -> None:
    broken = replace(MASTER, channels=1, duration=200.0)

    findings = check(replace(_near("01_Sunrise.WAV"), audio=(broken,)), POLICY)

    assert [(one.code, one.track) for one in findings] == [("AUD-014", 1), ("PKG-005", 1), ("ERN-053", 1)]


def test_a_cover_under_a_near_name_is_judged_and_is_no_second_picture() -> None:
    image = ImageResource(70, text("A2", 70), text("FrontCoverImage", 71))
    reference = FileReference(text("ARTWORK.jpg", 72), "URI")
    pictures = (FileEntry("artwork.jpg", 9, FileKind.IMAGE), FileEntry("back.jpg", 9, FileKind.IMAGE))
    dossier = replace(
        GOOD,
        message=replace(message_of(), images=(image,)),
        folder=replace(GOOD.folder, entries=(*GOOD.folder.entries[:2], *pictures)),
        files=(*GOOD.files, ResolvedFile(reference, None, "case", "back.jpg", image=0)),
        artwork=(replace(PICTURE, width=2000, height=2000),),
    )

    assert [one for one in codes(dossier) if not one.startswith("REF")] == ["ART-001", "PKG-005"]


def _with_copy(name: str, digest: str = "aa") -> Dossier:
    entries = sorted((*GOOD.folder.entries, FileEntry(name, 8_202_644, FileKind.AUDIO, digest)), key=lambda e: e.path)
    return replace(GOOD, folder=replace(GOOD.folder, entries=tuple(entries)))


@pytest.mark.parametrize("name", ["00_Copy.wav", "02_Copy.wav"])
def test_an_extra_copy_of_a_track_is_told_once(name: str) -> None:
    finding = only(_with_copy(name))

    assert (finding.code, finding.file) == ("PKG-020", name)
    assert finding.text == (
        f"{name} is in the release folder, but the XML does not name it, so it was not checked. It holds the same"
        " bytes as 01_Sunrise.wav."
    )


def test_an_extra_track_of_its_own_is_told_without_a_twin() -> None:
    assert only(_with_copy("02_Bonus.wav", "cc")).text == (
        "02_Bonus.wav is in the release folder, but the XML does not name it, so it was not checked."
    )


def test_copies_are_told_where_no_message_names_them() -> None:
    unread = UnreadableMessage(MESSAGE, MessageProblem.NOT_XML, 1)
    dossier = replace(_with_copy("02_Copy.wav"), message=None, unreadable=unread, files=())

    assert codes(dossier) == ["XML-001", "PKG-025"]


@pytest.mark.parametrize(
    ("name", "difference"),
    [
        ("ArtistName_AlbumTitle_UPC_20260323", " Its barcode part, UPC, is not made of 12 or 13 digits."),
        ("AyoLande_Sunrise_50345678901_20260401", " Its barcode part, 50345678901, is not made of 12 or 13 digits."),
        ("AyoLande_Sunrise_UPC_20260401_v2", " Its barcode part, UPC, is not made of 12 or 13 digits."),
        ("AyoLande_Sunrise_5034567890120_April", " Its last part, April, is not a date of 8 digits."),
        ("AyoLande_Sunrise_5034567890120_", " Its last part, which is empty, is not a date of 8 digits."),
        ("sunrise", " It has 1 part where four are joined by underscores."),
        ("Sunrise_5034567890120_20260401", " It has 3 parts where four are joined by underscores."),
        ("_Sunrise_5034567890120_20260401", " The artist or the title is missing."),
    ],
)
def test_a_folder_name_is_told_with_the_part_that_differs(name: str, difference: str) -> None:
    finding = only(replace(GOOD, folder=replace(GOOD.folder, name=name)))

    assert finding.code == "PKG-029"
    pattern = "The recommended pattern is ArtistName_AlbumTitle_UPC_YYYYMMDD."
    assert finding.text == f"The release folder is called {name}. {pattern}{difference}"


def test_two_releases_in_one_folder_are_one_finding() -> None:
    unread = UnreadableMessage(None, MessageProblem.SEVERAL, candidates=("metadata.xml", "other.xml"))
    entries = (*GOOD.folder.entries, FileEntry("cover2.jpg", 9, FileKind.IMAGE, "cc"))
    two = replace(GOOD, folder=replace(GOOD.folder, entries=entries), message=None, unreadable=unread, files=())

    assert codes(two) == ["PKG-003"]


def test_a_release_inside_a_release_is_one_finding() -> None:
    inner = (
        FileEntry("two/metadata.xml", 9, FileKind.XML),
        FileEntry("two/01.wav", 9, FileKind.AUDIO, "dd"),
        FileEntry("two/artwork.jpg", 9, FileKind.IMAGE, "cc"),
    )
    dossier = replace(GOOD, folder=replace(GOOD.folder, entries=(*GOOD.folder.entries, *inner)))

    assert codes(dossier) == ["PKG-022"]


def test_a_second_picture_in_another_folder_is_still_told() -> None:
    entries = (*GOOD.folder.entries, FileEntry("scans/back.jpg", 9, FileKind.IMAGE, "cc"))

    assert codes(replace(GOOD, folder=replace(GOOD.folder, entries=entries))) == ["PKG-021"]
