"""Webhooks of a running daemon: found again after `kill -9`, and a slow receiver that no other one waits for."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.daemons import Daemon, Look, client, prepare, put, wait_for
from tests.outbound.webhook.receivers import Answer, Receiver, lab_config, receiving
from tests.packages import Good, write_good

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@contextmanager
def serving(home: Path, receivers: Sequence[Receiver], database: str = "") -> Iterator[Daemon]:
    """A daemon that may send webhooks to these receivers."""
    daemon = prepare(home, database=database)
    ports = [receiver.port for receiver in receivers]
    daemon.config_path.write_text(daemon.config_path.read_text("utf-8") + lab_config(ports), "utf-8")
    daemon.start()
    try:
        daemon.wait_until_ready()
        yield daemon
    except BaseException:
        print(daemon.log())
        raise
    finally:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.kill()


def told(daemon: Daemon, *words: str) -> Any:
    return json.loads(daemon.ingest("webhook", *words, "--format", "json").stdout)


def endpoint(daemon: Daemon, receiver: Receiver, label: str = "anna") -> str:
    return str(told(daemon, "add", label, receiver.url)["endpoint"]["id"])


def pay(daemon: Daemon, payout: str, label: str = "anna") -> None:
    told(daemon, "send", label, "--payout", payout, "--amount", "1", "--currency", "EUR")


@pytest.mark.parametrize("database", ["", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_webhook_on_its_way_survives_a_kill_and_keeps_its_id(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    url = str(request.getfixturevalue("fresh_postgres")) if database else ""
    with receiving(Answer(pause=60), Answer()) as receiver, serving(tmp_path, [receiver], url) as daemon:
        there = endpoint(daemon, receiver)
        pay(daemon, "po_1")
        receiver.wait_for(1)
        daemon.kill()
        daemon.start()
        daemon.wait_until_ready()
        first, second = receiver.wait_for(2)
        assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)

        def ended() -> bool:
            return [one["state"] for one in told(daemon, "log", there)["webhooks"]] == ["delivered"]

        wait_for(ended, 30, "the webhook to be delivered")
        assert len(receiver.got) == 2


def test_a_slow_receiver_gets_one_at_a_time_and_no_other_one_waits_for_it(tmp_path: Path) -> None:
    with (
        receiving(Answer(pause=3)) as slow,
        receiving() as quick,
        serving(tmp_path, [slow, quick]) as daemon,
    ):
        daemon.ingest("label", "add", "ben", "--email", "ben@label.example", "--no-email")
        endpoint(daemon, slow)
        endpoint(daemon, quick, "ben")
        for number in range(5):
            pay(daemon, f"po_{number}")
        slow.wait_for(1)
        pay(daemon, "po_quick", "ben")
        began = time.monotonic()
        quick.wait_for(1)
        assert time.monotonic() - began < 6
        assert len(slow.got) < 5
        slow.wait_for(5, 60)
        at = [one.at for one in slow.got]
        assert all(later - earlier >= 2.9 for earlier, later in pairwise(at))


def test_a_label_is_told_of_its_upload_and_another_label_is_not(tmp_path: Path) -> None:
    folder = write_good(tmp_path / "made", Good.SINGLE)
    with receiving() as annas, receiving() as bens, serving(tmp_path, [annas, bens]) as daemon:
        daemon.ingest("label", "add", "ben", "--email", "ben@label.example", "--no-email")
        endpoint(daemon, annas)
        endpoint(daemon, bens, "ben")
        with client(daemon) as sftp:
            put(sftp, folder, folder.name)
        package = Look(daemon).wait_for_status(folder.name, ["Needs QC"], 90)
        daemon.ingest("approve", str(package.id))
        Look(daemon).wait_for_status(folder.name, ["Delivered to DSPs"])
        got = [json.loads(one.body) for one in annas.wait_for(8)]
    releases = sorted(one["data"]["ingestStatus"] for one in got if one["event"] == "release.updated")
    assert releases == ["Delivered to DSPs", "Incoming", "Needs QC", "QC Approved"]
    sent = sorted((one["data"]["provider"], one["data"]["status"]) for one in got if one["event"] == "delivery.update")
    assert sent == [("alpha", "delivered"), ("alpha", "queued"), ("beta", "delivered"), ("beta", "queued")]
    assert bens.got == []
