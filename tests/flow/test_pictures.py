"""Pictures of tracks: drawn from the files that were checked, and from no others."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from ingest.flow.errors import Code, CodedError
from ingest.flow.storage import kept_of
from ingest.readers.pool import Pool
from ingest.store import packages
from tests.stage import Stage


def files_of(on: Stage, package: int) -> Path:
    with on.app.store.reading() as tx:
        row = packages.get_package(tx, package)
        assert row is not None
        return on.app.storage.view(kept_of(row))


def refusal(on: Stage, package: int, track: int = 1) -> tuple[Code, dict[str, object]]:
    with pytest.raises(CodedError) as error:
        on.app.pictures.draw(package, track)
    return error.value.code, dict(error.value.values)


def test_a_track_is_drawn(on: Stage, sealed: int) -> None:
    on.judge(sealed)
    assert on.app.pictures.draw(sealed, 1).startswith(b"\x89PNG\r\n")


def test_what_there_is_not_is_not_found(on: Stage, sealed: int) -> None:
    assert refusal(on, 9) == (Code.PACKAGE_UNKNOWN, {"package": 9})
    assert refusal(on, sealed) == (Code.PACKAGE_UNREAD, {"package": sealed})
    on.judge(sealed)
    assert refusal(on, sealed, 2) == (Code.TRACK_UNKNOWN, {"track": 2, "package": sealed})


def test_other_bytes_than_those_that_were_checked_are_not_shown(on: Stage, sealed: int) -> None:
    on.judge(sealed)
    (message,) = files_of(on, sealed).glob("*.xml")
    time.sleep(0.02)  # the kernel's clock of files moves in steps of some milliseconds
    message.write_bytes(message.read_bytes().swapcase())
    code, values = refusal(on, sealed)
    assert (code, values["package"]) == (Code.FILES_NOT_SHOWN, sealed)
    assert str(values["changed"]).startswith(f"{message.name} has SHA-256 ")


def test_files_that_were_removed_are_not_drawn(on: Stage, sealed: int) -> None:
    on.judge(sealed)
    shutil.rmtree(files_of(on, sealed))
    assert refusal(on, sealed) == (Code.FILES_REMOVED, {"package": sealed})


def test_a_reader_that_answers_no_picture_is_a_refusal(on: Stage, sealed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    on.judge(sealed)
    for answer, reason in (
        (None, "it cannot be decoded"),
        (["no text"], "the reading process gave an answer that is none"),
        ("é", "the reading process gave an answer that is none"),
    ):
        monkeypatch.setattr(Pool, "read", lambda pool, requests, limits, answer=answer: [answer])
        assert refusal(on, sealed) == (Code.TRACK_UNDRAWABLE, {"track": 1, "reason": reason})


def test_a_path_that_leads_out_of_the_package_is_refused(on: Stage, sealed: int) -> None:
    on.judge(sealed)
    with on.app.store.transaction() as tx:
        kept = packages.get_dossier(tx, sealed)
        row = packages.get_package(tx, sealed)
        assert kept is not None and row is not None
        row.dossier = kept | {"folder": kept["folder"] | {"nested": "../elsewhere"}}
    reason = "'../elsewhere' is no path inside a package"
    assert refusal(on, sealed) == (Code.PATH_REFUSED, {"reason": reason})


def test_the_cover_that_was_checked_is_made_small(on: Stage, sealed: int) -> None:
    assert on.app.pictures.cover(sealed) == b"", "not read yet"
    on.judge(sealed)
    assert on.app.pictures.cover(sealed).startswith(b"\xff\xd8\xff")
    (cover,) = files_of(on, sealed).glob("*.jpg")
    cover.chmod(0o600)
    cover.write_bytes(cover.read_bytes() + b"x")
    assert on.app.pictures.cover(sealed) == b"", "other bytes than those that were checked"
    cover.unlink()
    assert on.app.pictures.cover(sealed) == b"", "no file"


@pytest.mark.parametrize("answer", [None, {}, {"sha256": 1, "jpeg": "x"}, "x", [], 7])
def test_a_reader_that_answers_no_cover_gives_none(
    on: Stage, sealed: int, monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    on.judge(sealed)
    monkeypatch.setattr(Pool, "read", lambda *_: [answer])
    assert on.app.pictures.cover(sealed) == b""


def test_the_review_email_has_the_cover_and_the_label_s_has_not(on: Stage, waiting: int) -> None:
    assert [on.tell(number) for number in (1, 2, 3)] == ["sent"] * 3
    sent = {one["X-Ingest-Kind"]: [part.get_content_type() for part in one.walk()] for one in on.transport.sent}
    assert {kind: "image/jpeg" in types for kind, types in sent.items()} == {
        "incoming": False,
        "needs-qc": False,
        "review": True,
    }
    review = on.transport.sent[-1]
    (picture,) = (part for part in review.walk() if part.get_content_type() == "image/jpeg")
    html = review.get_body(("html",))
    assert html is not None and f'src="cid:{picture["Content-ID"][1:-1]}"' in html.get_content()
    assert picture.get_content_disposition() == "inline"
