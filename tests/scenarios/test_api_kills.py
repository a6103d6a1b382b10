"""kill -9 of a daemon while integrators send: what was answered with 2xx is there, and no code is assigned twice."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests import good
from tests.daemons import Daemon, wait_for
from tests.flow.integrators import RELEASE, TRACK
from tests.web.daemon import Answer, Client, serving

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

KILLS = 10
PATIENCE = 240


@dataclass
class Sent:
    """What was answered with 2xx: files, releases, and tracks with their releases."""

    files: list[str] = field(default_factory=list)
    releases: list[str] = field(default_factory=list)
    tracks: dict[str, str] = field(default_factory=dict)


def asked(do: Callable[[], Answer]) -> Any:
    """The body of an answer with 2xx; None where the daemon died, or refused."""
    try:
        answer = do()
    except (OSError, HTTPException):
        return None
    return answer.body if 200 <= answer.status < 300 else None


def send(ask: Client, sent: Sent, ended: threading.Event, seed: int) -> None:
    """Send releases, each with a cover and a track, until told to end; what fails is left as it is."""
    sound, picture = good.wav(31, seed), good.jpeg()
    number = 0
    while not ended.is_set():
        number += 1
        song = asked(lambda: ask.upload(sound, "song.wav"))
        cover = asked(lambda: ask.upload(picture, "cover.jpg", "artwork"))
        if song is None or cover is None:
            ended.wait(0.2)
            continue
        sent.files += [song["assetId"], cover["assetId"]]
        title = f"Number {seed} {number}"
        fields = {**RELEASE, "releaseTitle": title, "upcCode": None, "releasePhoto": cover["assetId"]}
        made = asked(lambda fields=fields: ask("POST", "/v1/release", fields))  # type: ignore[misc]
        if made is None:
            continue
        release = made["data"]["id"]
        sent.releases.append(release)
        track = {**TRACK, "isrcCode": None, "trackAudio": song["assetId"], "releaseId": release}
        added = asked(lambda track=track: ask("POST", "/v1/track", track))  # type: ignore[misc]
        if added is not None:
            sent.tracks[added["data"]["id"]] = release
        ended.wait(4)


def kill_again_and_again(daemon: Daemon, chance: random.Random) -> None:
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.2, 2.5))
        daemon.kill()
        daemon.start()
        daemon.wait_until_ready(120)


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_nothing_that_was_answered_is_lost(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = "" if database == "sqlite" else request.getfixturevalue("fresh_postgres")
    sent, ended = Sent(), threading.Event()
    with serving(tmp_path, url) as (daemon, ask):
        senders = [threading.Thread(target=send, args=(ask, sent, ended, seed)) for seed in (1, 2)]
        for sender in senders:
            sender.start()
        try:
            kill_again_and_again(daemon, random.Random(17))
        finally:
            ended.set()
            for sender in senders:
                sender.join()
        assert sent.tracks, "something was sent between the kills"

        kept = {one["id"] for one in ask("GET", "/v1/release").body["data"]}
        assert set(sent.releases) <= kept
        assert set(sent.tracks) <= {one["id"] for one in ask("GET", "/v1/track").body["data"]}

        def are_processed() -> bool:
            states = Counter(ask("GET", f"/v1/files/{one}").body["status"] for one in sent.files)
            return set(states) == {"processed"}

        wait_for(are_processed, PATIENCE, "all files to be measured")

        def are_judged() -> bool:
            shown = {one: ask("GET", f"/v1/release/{one}").body["data"] for one in set(sent.tracks.values())}
            return all(one["ingestStatus"] in ("Needs QC", "Invalid") for one in shown.values())

        wait_for(are_judged, PATIENCE, "a verdict on every whole release")
        tracks = [ask("GET", f"/v1/track/{one}").body["data"]["isrcCode"] for one in sent.tracks]
        barcodes = [ask("GET", f"/v1/release/{one}").body["data"]["upcCode"] for one in set(sent.tracks.values())]
        assert len(set(tracks)) == len(tracks)
        assert len(set(barcodes)) == len(barcodes)
