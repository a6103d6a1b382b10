"""Copies of a package's files: of those that were checked, and of no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingest.flow.copies import Part
from ingest.flow.errors import Code, CodedError
from tests.flow.test_pictures import files_of
from tests.lives import alone, whole
from tests.stage import Stage

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@pytest.fixture
def package(on: Stage, tmp_path: Path) -> int:
    sealed = on.place(whole(tmp_path, "Sunrise"))
    assert on.judge(sealed) == "Needs QC"
    return sealed


def refused(on: Stage, package: int, part: Part, target: Path) -> Code:
    with pytest.raises(CodedError) as error:
        on.app.copies.copy(package, part, target)
    assert not target.exists()
    return error.value.code


@pytest.mark.parametrize(
    ("part", "suffixes"), [(Part.COVER, {".jpg"}), (Part.AUDIO, {".wav"}), (Part.ALL, {".jpg", ".wav", ".xml"})]
)
def test_the_files_are_copied_under_their_own_names(
    on: Stage, package: int, tmp_path: Path, part: Part, suffixes: set[str]
) -> None:
    target = tmp_path / "for" / "me"
    copies = on.app.copies.copy(package, part, target)
    assert {copy.suffix for copy in copies} == suffixes
    for copy in copies:
        assert copy.read_bytes() == (files_of(on, package) / copy.relative_to(target)).read_bytes()


def test_a_file_that_is_there_is_not_overwritten(on: Stage, package: int, tmp_path: Path) -> None:
    on.app.copies.copy(package, Part.COVER, tmp_path / "mine")
    with pytest.raises(FileExistsError):
        on.app.copies.copy(package, Part.ALL, tmp_path / "mine")


def test_what_there_is_not_is_refused(on: Stage, package: int, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    assert refused(on, 9, Part.ALL, target) is Code.PACKAGE_UNKNOWN
    unread = on.place(whole(tmp_path, "Unread"))
    assert refused(on, unread, Part.ALL, target) is Code.PACKAGE_UNREAD
    update = on.place(alone(tmp_path, "Update"))
    on.judge(update)
    assert refused(on, update, Part.COVER, target) is Code.NO_SUCH_FILES
    shutil.rmtree(files_of(on, package))
    assert refused(on, package, Part.ALL, target) is Code.FILES_REMOVED


def test_files_that_changed_are_not_copied(on: Stage, package: int, tmp_path: Path) -> None:
    (cover,) = files_of(on, package).glob("*.jpg")
    cover.chmod(0o600)
    cover.write_bytes(cover.read_bytes() + b"x")
    assert refused(on, package, Part.ALL, tmp_path / "mine") is Code.FILES_NOT_SHOWN
