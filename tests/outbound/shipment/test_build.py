"""A shipment is whole, frozen and built once; whatever interrupts or changes it, no wrong one is left."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from ingest.core.conversion import Conversion, Converted, Form, NotConverted
from ingest.core.sent_file import SentAudio, SentFile, SentImage
from ingest.outbound.shipment.build import NotBuilt, build, remove
from ingest.outbound.shipment.manifest import Wanted
from ingest.readers.conversion.convert import convert
from ingest.readers.dossier import ReaderSettings
from ingest.readers.pool import Pool
from tests import good
from tests.readers.conversion import shapes

SAMPLES = shapes.random_samples(5000, 2, 24)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    opened = Pool(2)
    yield opened
    opened.close()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "audio").mkdir(parents=True)
    (folder / "audio/01.wav").write_bytes(shapes.broadcast_wav(SAMPLES, 24))
    (folder / "cover.png").write_bytes(good.saved(good.picture(300, 300), "PNG"))
    (folder / "booklet.pdf").write_bytes(b"%PDF")
    return folder


def wanted(package: Path) -> tuple[Wanted, ...]:
    asked = (
        ("audio/01.wav", "resources/1_01_001.flac", Form.FLAC),
        ("cover.png", "resources/1.jpg", Form.SRGB_JPEG),
        ("booklet.pdf", "resources/1.pdf", Form.AS_RECEIVED),
    )
    return tuple(Wanted(source, digest(package / source), path, form) for source, path, form in asked)


def digest(path: Path, kind: str = "sha256") -> str:
    return hashlib.new(kind, path.read_bytes()).hexdigest()


def never(_: Sequence[Conversion]) -> Sequence[Converted | NotConverted]:
    raise AssertionError("nothing is to be made")


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_shipment_holds_what_was_asked_for_and_is_frozen(tmp_path: Path, package: Path, pool: Pool) -> None:
    target = tmp_path / "shipments/7"
    files = build(package, wanted(package), target, partial(convert, ReaderSettings(pool=pool)))

    for one in files:
        path = target / one.path
        assert one.size == path.stat().st_size
        assert (one.md5, one.sha1, one.sha256) == tuple(digest(path, kind) for kind in ("md5", "sha1", "sha256"))
        assert stat.S_IMODE(path.stat().st_mode) == 0o440
    assert [one.source for one in files] == ["audio/01.wav", "cover.png", "booklet.pdf"]
    assert [one.audio for one in files] == [SentAudio("FLAC", 44100, 24, 2, 5000 / 44100), None, None]
    assert [one.image for one in files] == [None, SentImage("JPEG", 300, 300), None]
    assert np.array_equal(shapes.decoded((target / files[0].path).read_bytes()), SAMPLES)
    assert (target / "resources/1.pdf").read_bytes() == b"%PDF"
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE((target / "resources").stat().st_mode) == 0o550
    assert names(target.parent) == {"7", "7/resources", "7/shipment.json", *(f"7/{one.path}" for one in files)}

    assert build(package, wanted(package), target, never) == files
    remove(target)
    assert not target.exists()


def only_copies(package: Path) -> tuple[Wanted, ...]:
    return tuple(replace(one, form=Form.AS_RECEIVED) for one in wanted(package))


def test_an_unfinished_one_is_removed_and_built_anew(tmp_path: Path, package: Path) -> None:
    left = tmp_path / ".7.part/resources"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"half")
    left.chmod(0o500)
    files = build(package, only_copies(package), tmp_path / "7", never)
    assert names(tmp_path / "7") == {"resources", "shipment.json", *(one.path for one in files)}
    assert not (tmp_path / ".7.part").exists()


@pytest.mark.parametrize("change", ["content", "other", "record", "missing"])
def test_a_finished_one_that_is_not_what_it_was_is_not_used(tmp_path: Path, package: Path, change: str) -> None:
    target = tmp_path / "7"
    asked = only_copies(package)
    build(package, asked, target, never)
    for path in (target, target / "resources", target / "resources/1.pdf", target / "shipment.json"):
        path.chmod(0o700)
    if change == "content":
        (target / "resources/1.pdf").write_bytes(b"%PDX")
    elif change == "record":
        (target / "shipment.json").write_bytes(b"{}")
    elif change == "missing":
        (target / "resources/1.pdf").unlink()
    else:
        asked = asked[:2]
    with pytest.raises(NotBuilt) as raised:
        build(package, asked, target, never)
    assert raised.value.permanent


@pytest.mark.parametrize("form", [Form.AS_RECEIVED, Form.FLAC])
def test_a_package_that_changed_is_never_sent(tmp_path: Path, package: Path, pool: Pool, form: Form) -> None:
    asked = replace(wanted(package)[0], form=form)
    (package / "audio/01.wav").write_bytes(shapes.wav(SAMPLES[::-1].copy(), 24))
    with pytest.raises(NotBuilt, match=r"the package is no longer what was checked: audio/01\.wav has") as raised:
        build(package, [asked], tmp_path / "7", partial(convert, ReaderSettings(pool=pool)))
    assert raised.value.permanent
    assert names(tmp_path) == {"package", *(f"package/{name}" for name in names(package))}


@pytest.mark.parametrize("permanent", [True, False])
def test_what_cannot_be_made_leaves_nothing(tmp_path: Path, package: Path, permanent: bool) -> None:
    def refuse(asked: Sequence[Conversion]) -> Sequence[NotConverted]:
        return [NotConverted(f"{one.name}: why", permanent) for one in asked]

    with pytest.raises(NotBuilt, match=r"^audio/01.wav: why$") as raised:
        build(package, wanted(package), tmp_path / "7", refuse)
    assert raised.value.permanent is permanent
    assert not (tmp_path / "7").exists() and not (tmp_path / ".7.part").exists()


def test_a_full_disk_is_our_failure_and_leaves_nothing(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *, follow: bool = True) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    with monkeypatch.context() as patched:
        patched.setattr("ingest.outbound.shipment.build.flush", full)
        with pytest.raises(NotBuilt, match="No space left on device") as raised:
            build(package, only_copies(package), tmp_path / "7", never)
    assert not raised.value.permanent
    assert not (tmp_path / "7").exists() and not (tmp_path / ".7.part").exists()
    assert len(build(package, only_copies(package), tmp_path / "7", never)) == 3


def test_a_link_in_place_of_a_file_is_not_followed(tmp_path: Path, package: Path) -> None:
    asked = only_copies(package)
    (package / "booklet.pdf").rename(tmp_path / "elsewhere")
    (package / "booklet.pdf").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotBuilt) as raised:
        build(package, asked, tmp_path / "7", never)
    assert raised.value.permanent


def test_a_file_that_is_gone_is_a_changed_package(tmp_path: Path, package: Path, pool: Pool) -> None:
    for form in (Form.AS_RECEIVED, Form.FLAC):
        asked = replace(wanted(package)[0], form=form, source="audio/02.wav")
        with pytest.raises(NotBuilt, match="the package is no longer what was checked") as raised:
            build(package, [asked], tmp_path / "7", partial(convert, ReaderSettings(pool=pool)))
        assert raised.value.permanent


def test_texts_are_written_of_the_files_and_frozen_with_them(tmp_path: Path, package: Path) -> None:
    def message(files: tuple[SentFile, ...]) -> dict[str, bytes]:
        return {"message.xml": "".join(one.md5 for one in files).encode()}

    target = tmp_path / "7"
    files = build(package, only_copies(package), target, never, message)
    assert (target / "message.xml").read_bytes().decode() == "".join(one.md5 for one in files[:3])
    assert files[3] == replace(files[3], path="message.xml", source="", size=96, sha256=digest(target / "message.xml"))
    assert stat.S_IMODE((target / "message.xml").stat().st_mode) == 0o440
    assert build(package, only_copies(package), target, never) == files


def test_a_text_that_is_judged_wrong_leaves_nothing(tmp_path: Path, package: Path) -> None:
    def wrong(_: tuple[SentFile, ...]) -> dict[str, bytes]:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        build(package, only_copies(package), tmp_path / "7", never, wrong)
    assert not (tmp_path / "7").exists() and not (tmp_path / ".7.part").exists()


@pytest.mark.parametrize("path", ["../7.pdf", "/7.pdf", "", "shipment.json", "resources/1.JPG"])
def test_names_that_lead_out_or_collide_are_refused(tmp_path: Path, package: Path, path: str) -> None:
    asked = (*wanted(package)[:2], replace(wanted(package)[2], path=path))
    with pytest.raises(NotBuilt) as raised:
        build(package, asked, tmp_path / "7", never)
    assert raised.value.permanent


def test_the_files_are_returned_in_the_order_that_was_asked_for(tmp_path: Path, package: Path) -> None:
    files: tuple[SentFile, ...] = build(package, only_copies(package)[::-1], tmp_path / "7", never)
    assert [one.source for one in files] == ["booklet.pdf", "cover.png", "audio/01.wav"]
