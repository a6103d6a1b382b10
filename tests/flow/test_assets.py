"""Files of integrators: received, fetched, measured, told of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.flow.assets import media_of
from ingest.flow.errors import Code, Refused
from ingest.outbound.http.client import HttpError
from ingest.readers.fork_client import Failure
from ingest.readers.sealed import CHANGED
from ingest.store.models import Asset
from tests.flow.integrators import SECONDS, Integrator, audio, cover
from tests.stage import CONFIG, Stage, staged

pytestmark = pytest.mark.usefixtures("read_in_this_process")


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"RIFF\x24\0\0\0WAVEfmt ", ("audio", "WAV")),
        (b"fLaC\0\0\0\x22", ("audio", "FLAC")),
        (b"FORM\0\0\0\x10AIFFCOMM", ("audio", "AIFF")),
        (b"ID3\x04\0\0\0\0\0\0", ("audio", "MP3")),
        (b"\xff\xd8\xff\xe0", ("artwork", "JPEG")),
        (b"\x89PNG\r\n\x1a\n", ("artwork", "PNG")),
        (b"%PDF-1.7", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, found: tuple[str, str] | None) -> None:
    assert media_of(head) == found


def test_a_file_is_kept_at_once_and_measured_by_a_job(on: Stage) -> None:
    they = Integrator(on)
    row = they.upload(audio(), "../../song.wav", measured=False)
    assert (row.state, row.media, row.size, row.duration_ms) == ("processing", "WAV", len(audio()), None)
    assert they.parts.assets.storage.place(1, row.sha256 or "").read_bytes() == audio()
    assert they.measure(row.id) == "processed"
    measured = they.parts.assets.get(1, row.id)
    assert (measured.state, measured.duration_ms) == ("processed", SECONDS * 1000)
    assert measured.facts is not None
    assert measured.facts["measurement"]["waveform"] == []
    assert they.measure(row.id) == "superseded"


def test_the_same_content_is_stored_once_and_counts_once(on: Stage) -> None:
    they = Integrator(on)
    first, second = (they.upload(cover(), name, measured=False) for name in ("a.jpg", "b.jpg"))
    assert (first.id != second.id, first.sha256) == (True, second.sha256)
    place = they.parts.assets.storage.place(1, first.sha256 or "")
    assert [one.name for one in place.parent.iterdir()] == [first.sha256]
    quota = on.app.config.sftp.max_bytes_per_label
    assert they.parts.assets.room(1) == quota - len(cover())


def test_what_is_no_media_is_refused_and_nothing_stays(on: Stage) -> None:
    they = Integrator(on)
    with pytest.raises(Refused) as told:
        they.upload(b"%PDF-1.7 not music")
    assert told.value.code is Code.NOT_MEDIA
    assert [one for one in (on.app.config.paths.spool_dir / ".assets").rglob("*") if one.is_file()] == []


class Replies:
    """Stands for the guarded client: answers one request with a status and bytes, or an error."""

    def __init__(self, status: int, content: bytes = b"", error: Exception | None = None) -> None:
        self.status, self.content, self.error = status, content, error

    def opened(self, method: str, url: str, *_: Any) -> Any:
        return self

    async def __aenter__(self) -> Any:
        if self.error is not None:
            raise self.error
        self.left = [self.content, b""]
        return self

    async def __aexit__(self, *_: Any) -> None:
        return None

    async def read(self) -> bytes:
        return self.left.pop(0)


def fetched(on: Stage, replies: Replies, **hours: float) -> tuple[str, Asset]:
    they = Integrator(on)
    release = they.create(releasePhoto="https://cdn.example.com/covers/x.jpg?size=1")
    assert release.kept is not None
    asset = release.kept.photo_asset or ""
    object.__setattr__(they.parts.assets, "client", replies)
    on.clock.advance(**(hours or {"hours": 0}))
    ended = they.measure(asset)
    return ended, they.parts.assets.get(1, asset)


def test_an_outside_address_is_fetched_measured_and_kept(on: Stage) -> None:
    ended, asset = fetched(on, Replies(200, cover()))
    assert (ended, asset.state, asset.media, asset.name) == ("processed", "processed", "JPEG", "x.jpg")
    they = Integrator(on)
    again = they.create(releasePhoto=asset.source_url, upcCode=None)
    assert again.kept is not None
    assert again.kept.photo_asset == asset.id, "an address is fetched once"


def test_an_address_that_is_not_there_fails_with_its_reason_and_one_that_is_busy_is_tried_again(on: Stage) -> None:
    ended, asset = fetched(on, Replies(404))
    assert (ended, asset.state, asset.fault) == ("failed", "failed", "it was answered with status 404")


@pytest.mark.parametrize("replies", [Replies(503), Replies(200, error=HttpError("no connection was made in time"))])
def test_an_address_that_does_not_answer_is_tried_for_a_day(on: Stage, replies: Replies) -> None:
    ended, asset = fetched(on, replies)
    assert (ended, asset.state) == ("retry", "fetching")
    on.clock.advance(hours=25)
    assert on.carry(on.app.parts.assets, asset.id, 1, 2) == "failed"
    report = on.app.parts.reports.report(1, on.app.parts.catalogue.releases(1)[0].id)
    assert [field for field, _ in report.waiting] == ["tracks", "releasePhoto"]


def test_our_own_address_names_the_file_that_it_leads_to(on: Stage) -> None:
    they = Integrator(on)
    picture = they.upload(cover(), "cover.jpg", measured=False)
    address = they.parts.assets.addresses.address(picture.id, ".jpg", on.clock())
    made = they.create(releasePhoto=address)
    assert made.kept is not None
    assert made.kept.photo_asset == picture.id
    assert made.kept.fields["releasePhoto"] == address


def test_a_quota_leaves_no_room_below_zero(tmp_path: Path) -> None:
    more = "[sftp]\nmax_bytes_per_label = 1000\n"
    with staged(tmp_path, config=CONFIG + more) as on:
        they = Integrator(on)
        assert they.parts.assets.room(1) == 1000
        they.upload(cover(), "cover.jpg", measured=False)
        assert they.parts.assets.room(1) == 0


def test_a_content_that_is_linked_while_it_is_read_is_read_again(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    they = Integrator(on)
    row = they.upload(cover(), "cover.jpg", measured=False)
    with monkeypatch.context() as linked:
        failure = Failure(f"{row.id}.jpg {CHANGED}", is_final=True)
        linked.setattr(type(they.parts.assets.reading.pool), "read", lambda *_, **__: [failure])
        assert they.measure(row.id) == "retry"
    assert on.carry(they.parts.assets, row.id, 1, 2) == "processed"
