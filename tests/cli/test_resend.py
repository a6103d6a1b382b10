"""`ingest resend`: what was given up is listed, sent again, or dropped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli import main
from ingest.store import notices
from tests.stage import START, Stage, stage


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Stage]:
    built = stage(tmp_path)
    built.app.engine.migrate()
    label = built.label()
    with built.app.store.transaction() as tx:
        for minutes in (1, 2):
            now = START + timedelta(minutes=minutes)
            built.app.notify.of_strays(tx, label.id, label.emails, ["a.wav"], now)
            row = notices.get_notice(tx, minutes)
            assert row is not None
            row.fault = "mail.example:587 answered 552 full\x1b"
            notices.give_up_notice(row, now)
    yield built
    built.app.close()


def resend(there: Stage, *words: str) -> Result:
    config = there.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), "resend", *words])


def numbers(there: Stage) -> list[int]:
    return [one.id for one in there.app.resend.given_up()]


def test_without_an_argument_they_are_listed(there: Stage) -> None:
    told = "mail.example:587 answered 552 full‹U+001B›"
    assert resend(there).stdout.splitlines() == [
        f"     1  stray-files to anna@label.example, 2026-03-23 12:01: {told}",
        f"     2  stray-files to anna@label.example, 2026-03-23 12:02: {told}",
    ]
    first, second = json.loads(resend(there, "--format", "json").stdout)["emails"]
    assert (first["id"], first["to"], second["given_up_at"]) == (1, ["anna@label.example"], "2026-03-23T12:02:00+00:00")


def test_one_is_sent_again_and_one_dropped(there: Stage) -> None:
    assert (resend(there, "1").stdout, numbers(there)) == ("email 1: owed again\n", [2])
    assert (resend(there, "2", "--drop").stdout, numbers(there)) == ("email 2: dropped\n", [])
    assert resend(there).stdout == "no email was given up\n"
    again = resend(there, "1")
    assert (again.exit_code, again.stderr) == (2, "ingest: email 1 was not given up: it is still owed\n")


def test_all_are_sent_again(there: Stage) -> None:
    assert (resend(there, "--all").stdout, numbers(there)) == ("email 1, 2: owed again\n", [])
    assert resend(there, "--all").exit_code == 2


@pytest.mark.parametrize("words", [("1", "--all"), ("--package", "1", "--all"), ("1", "--package", "1"), ("--drop",)])
def test_what_is_meant_must_be_named_in_one_way(there: Stage, words: tuple[str, ...]) -> None:
    assert (resend(there, *words).exit_code, numbers(there)) == (2, [1, 2])
