"""Which file is meant by which name, and what comes near."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest

from ingest.core.dossier import Folder, ResolvedFile
from ingest.core.facts import FileEntry, FileKind
from ingest.core.message import Dialect, Message
from ingest.core.resources import FileReference, SoundRecording, TechnicalDetails
from ingest.core.text import Text
from ingest.readers.files import resolve
from ingest.readers.folder import MAX_FILES, kind_of, list_folder, releases_in

DECOMPOSED = unicodedata.normalize("NFD", "01_Étude.wav")


def message(*names: str, folder: str | None = None) -> Message:
    path = None if folder is None else Text(folder, 9)
    recordings = tuple(
        SoundRecording(
            line=5,
            reference=Text(f"A{n}", 5),
            isrc=None,
            technical_details=(TechnicalDetails(8, (FileReference(Text(name, 9), "URI", path),)),),
        )
        for n, name in enumerate(names, 1)
    )
    return Message("metadata.xml", "NewReleaseMessage", Dialect.GUIDE, "382", None, None, None, recordings)


def entries(*paths: str) -> tuple[FileEntry, ...]:
    return tuple(FileEntry(path, 1, kind_of(path)) for path in paths)


def found(resolved: tuple[ResolvedFile, ...]) -> list[tuple[str | None, str, str | None]]:
    return [(one.path, one.how, one.near) for one in resolved]


@pytest.mark.parametrize(
    ("written", "stands", "folder", "expected"),
    [
        ("01_Intro.wav", "01_Intro.wav", None, ("01_Intro.wav", "exact", None)),
        ("01_Intro.wav", "resources/01_Intro.wav", None, ("resources/01_Intro.wav", "exact", None)),
        ("01_Intro.wav", "assets/01_Intro.wav", "assets/", ("assets/01_Intro.wav", "exact", None)),
        ("01_Intro.wav", "resources/01_Intro.wav", "/resources", ("resources/01_Intro.wav", "exact", None)),
        ("audio/01.wav", "audio/01.wav", None, ("audio/01.wav", "exact", None)),
        ("01_Étude.wav", DECOMPOSED, None, (DECOMPOSED, "unicode", None)),
        ("01%20Intro.wav", "01 Intro.wav", None, ("01 Intro.wav", "percent", None)),
        ("01_Intro.WAV", "01_Intro.wav", None, (None, "case", "01_Intro.wav")),
        ("01 Intro.wav", "01_Intro.wav", None, (None, "blanks", "01_Intro.wav")),
        ("01_Intro.flac", "01_Intro.wav", None, (None, "suffix", "01_Intro.wav")),
        ("01_Intor.wav", "01_Intro.wav", None, (None, "near", "01_Intro.wav")),
        ("resources\\01_Intro.wav", "01_Intro.wav", None, (None, "path", "01_Intro.wav")),
        ("02_Track.wav", "01_Track.wav", None, (None, "missing", None)),
        ("../01_Intro.wav", "01_Intro.wav", None, (None, "path", "01_Intro.wav")),
        ("file:///01_Intro.wav", "01_Intro.wav", None, (None, "path", "01_Intro.wav")),
        ("01_Intro.wav", "01_Intro.wav.filepart", None, (None, "missing", None)),
    ],
)  # fmt: skip
def test_a_name_is_exact_or_said_to_be_near(
    written: str, stands: str, folder: str | None, expected: tuple[str | None, str, str | None]
) -> None:
    assert found(resolve(message(written, folder=folder), entries(stands))) == [expected]


def test_an_exact_name_wins_over_a_near_one_of_another_track() -> None:
    resolved = resolve(message("01_a.wav", "01_A.wav"), entries("01_A.wav", "01_a.wav"))
    assert found(resolved) == [("01_a.wav", "exact", None), ("01_A.wav", "exact", None)]


@pytest.mark.slow
def test_a_message_that_names_thousands_of_missing_files_costs_no_minutes() -> None:
    names = [f"{n:05}_{'x' * 40}_{n}.wav" for n in range(2000)]
    files = entries(*[f"{n:05}_{'x' * 40}_{n}.txt.bak" for n in range(2000)])
    started = time.process_time()
    resolve(message(*names), files)
    assert time.process_time() - started < 20


def test_more_files_than_are_listed_mark_the_folder_as_cut_and_the_xml_is_among_them(tmp_path: Path) -> None:
    for n in range(MAX_FILES + 5):
        (tmp_path / f"a{n:05}.txt").touch()
    (tmp_path / "metadata.xml").write_text("<x/>")
    _, folder, _ = list_folder(tmp_path, "Many")
    assert (folder.is_cut, len(folder.entries), folder.entries[0].path) == (True, MAX_FILES, "metadata.xml")


def test_a_name_that_is_not_utf8_is_litter_and_can_be_kept_as_text(tmp_path: Path) -> None:
    (tmp_path / "bad\udcff.wav").touch()
    assert list_folder(tmp_path, "Bad")[1] == Folder("Bad", entries=(FileEntry("bad\\xff.wav", 0, FileKind.LITTER),))


def test_a_batch_is_its_children_and_a_nested_release_is_one(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.wav").touch()
        assert releases_in(tmp_path) == [""]
    (tmp_path / "one" / "one.xml").touch()
    assert releases_in(tmp_path) == [""]
    (tmp_path / "two" / "two.xml").touch()
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "empty").mkdir()
    assert releases_in(tmp_path) == ["one", "two"]
    (tmp_path / "metadata.xml").touch()
    assert releases_in(tmp_path) == [""]
