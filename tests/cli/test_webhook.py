"""`ingest webhook`: endpoints are added, tried out, rotated and removed; what was sent is shown and sent again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dbos import run_dbos_database_migrations

from ingest.cli import main
from tests.flow.hooks import Hooked, hooked
from tests.outbound.webhook.receivers import Answer


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Hooked]:
    with hooked(tmp_path) as there:
        run_dbos_database_migrations(there.on.app.store.url)
        yield there


def ingest(there: Hooked, *words: str) -> Result:
    config = there.on.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), "webhook", *words])


def told(there: Hooked, *words: str) -> Any:
    result = ingest(there, *words, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_an_endpoint_is_added_and_its_secret_shown_once(there: Hooked) -> None:
    added = ingest(there, "add", "anna", there.receiver.url, "--event", "delivery.update")
    assert added.exit_code == 0, added.output
    first, second = added.stdout.splitlines()
    assert re.fullmatch(rf"endpoint whk_[0-9A-Z]{{26}} added: {there.receiver.url}", first)
    assert re.fullmatch(r"secret: whsec_[A-Za-z0-9+/]{43}=", second)
    assert "not shown again" in added.stderr
    made = told(there, "add", "anna", there.receiver.url)
    assert (made["endpoint"]["events"], made["endpoint"]["state"], made["secret"][:6]) == ([], "enabled", "whsec_")
    listed = ingest(there, "list", "anna").stdout.splitlines()
    assert [line.split(f"{there.receiver.url}  ")[1] for line in listed] == [
        "every event; never took one; enabled",
        "delivery.update; never took one; enabled",
        "every event; never took one; enabled",
    ]
    shown = ingest(there, "list", "--format", "json").stdout
    assert "whsec_" not in shown and len(json.loads(shown)["endpoints"]) == 3


def test_a_sample_says_what_was_answered_and_whether_it_was_taken(there: Hooked) -> None:
    taken = ingest(there, "test", there.endpoint)
    assert (taken.exit_code, re.sub(r"\d+ ms", "N ms", taken.stdout)) == (
        0,
        "OK    it answered 200, after N ms\n      ok\n",
    )
    there.receiver.answers = [Answer(500, b"\x1b[31mbroken")]
    refused = ingest(there, "test", there.endpoint)
    assert (refused.exit_code, re.sub(r"\d+ ms", "N ms", refused.stdout)) == (
        1,
        "FAIL  it answered 500, after N ms\n      ‹U+001B›[31mbroken\n",
    )
    there.receiver.answers = [Answer()]
    assert told(there, "test", there.endpoint)["is_received"] is True


def test_the_log_shows_what_was_sent_and_answered(there: Hooked) -> None:
    assert ingest(there, "log", there.endpoint).stdout == "nothing was sent to this endpoint yet\n"
    there.receiver.answers = [Answer(503, b"later"), Answer()]
    name = there.royalty()
    there.send(name)
    there.send(name, attempt=2)
    assert (
        ingest(there, "log", there.endpoint).stdout
        == f"{name}  2026-03-23 12:00  royalty.credited delivered, attempt 2\n"
    )
    lines = re.sub(r"\d+ ms", "N ms", ingest(there, "log", name).stdout).splitlines()
    assert lines[1:] == [
        '{"event":"royalty.credited","data":{"payoutId":"po_1","amount":12.5,"currency":"EUR"}}',
        "  2026-03-23 12:00:00  attempt 1 of run 1, N ms: it answered 503: later",
        "  2026-03-23 12:00:00  attempt 2 of run 1, N ms: it answered 200: ok",
    ]
    details = told(there, "log", name)
    assert (details["id"], details["body"], [one["status"] for one in details["tried"]]) == (name, lines[1], [503, 200])
    assert [one["id"] for one in told(there, "log", there.endpoint)["webhooks"]] == [name]


def test_webhooks_are_owed_again_one_by_one_or_all_that_failed(there: Hooked) -> None:
    name = there.royalty()
    there.send(name)
    assert ingest(there, "replay", name).stdout == f"owed again: {name}\n"
    assert ingest(there, "replay", name).stderr == f"ingest: webhook {name} is still tried, without a command\n"
    assert ingest(there, "disable", there.endpoint).stdout == f"{there.endpoint} is disabled\n"
    assert "is disabled; `ingest webhook enable` lets" in ingest(there, "replay", there.endpoint).stderr
    assert ingest(there, "enable", there.endpoint).stdout == f"{there.endpoint} is enabled\n"
    # What the command line makes is of today; the webhook above is of the day of the test's clock.
    assert told(there, "replay", there.endpoint, "--days", "365") == {"owed": [name]}
    assert ingest(there, "replay", there.endpoint).stdout == "owed again: nothing, for nothing failed\n"


def test_a_secret_is_replaced_and_an_endpoint_removed(there: Hooked) -> None:
    rotated = ingest(there, "rotate", there.endpoint)
    assert re.fullmatch(r"secret: whsec_[A-Za-z0-9+/]{43}=\n", rotated.stdout)
    assert "the old one signs too for 24 hours" in rotated.stderr
    assert set(told(there, "rotate", there.endpoint)) == {"endpoint", "secret"}
    assert ingest(there, "remove", there.endpoint).stdout == f"{there.endpoint} is removed\n"
    gone = ingest(there, "remove", there.endpoint)
    assert (gone.exit_code, gone.stderr) == (
        2,
        f"ingest: there is no endpoint {there.endpoint!r}; `ingest webhook list` names them\n",
    )
    assert ingest(there, "list").stdout == "no endpoint; `ingest webhook add` adds one\n"


def test_a_payout_is_told_once(there: Hooked) -> None:
    words = ("send", "anna", "--payout", "po_7", "--amount", "99.95", "--currency", "NGN")
    (name,) = told(there, *words)["webhooks"]
    assert there.message(name).body.endswith('{"payoutId":"po_7","amount":99.95,"currency":"NGN"}}')
    again = ingest(there, *words)
    assert again.exit_code == 2
    assert again.stderr == "ingest: no endpoint of anna gets royalty.credited, or all were told of this already\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "anna", "ftp://hooks.example/"), "the URL cannot be used: it must begin with https:// or http://"),
        (("add", "nobody", "https://hooks.example/"), "the URL cannot be used: port 443 is not allowed"),
        (("test", "whk_0"), "there is no endpoint 'whk_0'"),
        (("log", "msg_0"), "there is no webhook 'msg_0'"),
        (
            ("send", "anna", "--payout", "p", "--amount", "nan", "--currency", "EUR"),
            "the payout cannot be told: the amount",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(there: Hooked, words: tuple[str, ...], sentence: str) -> None:
    result = ingest(there, *words)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"ingest: {sentence}")


def test_an_unknown_event_is_refused_with_those_that_there_are(there: Hooked) -> None:
    refused = ingest(there, "add", "anna", there.receiver.url, "--event", "release.deleted")
    assert refused.exit_code == 2
    assert "'delivery.update', 'release.updated', 'asset.processed', 'royalty.credited'" in refused.stderr
