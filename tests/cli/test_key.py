"""`ingest key` and `ingest token`: secrets are printed once, and lists, revocations and refusals say what there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from dbos import run_dbos_database_migrations

from ingest.cli import main
from ingest.store.models import ApiKey, Label
from tests.stage import Stage, stage


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Stage]:
    built = stage(tmp_path)
    run_dbos_database_migrations(built.app.store.url)
    yield built
    built.app.close()


def ingest(there: Stage, *words: str, stdin: str | None = None) -> Result:
    config = there.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), *words], input=stdin)


def told(there: Stage, *words: str) -> Any:
    ran = ingest(there, *words, "--format", "json")
    assert ran.exit_code == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_key_is_printed_once_and_works_until_it_is_revoked(there: Stage) -> None:
    ran = ingest(there, "key", "create", "anna", "--name", "shop")
    first, second = ran.stdout.splitlines()
    secret = first.removeprefix("key: ")
    (key,) = there.app.api_keys.every("anna")
    assert secret.startswith("isp_live_") and second == f"id: {key.id}, may read, write"
    assert "not shown again" in ran.stderr
    valid = ingest(there, "token", "verify", stdin=f"{secret}\n")
    assert (valid.exit_code, valid.stderr, valid.stdout) == (0, "", f"{key.id} of anna; may read, write\n")
    listed = ingest(there, "key", "list", "anna").stdout
    assert listed == f"{key.id}  {secret[:13]}...  read, write; never used  shop\n"
    assert ingest(there, "key", "revoke", "anna", key.id).stdout == f"{key.id} ({secret[:13]}...) is revoked\n"
    refused = ingest(there, "token", "verify", stdin=secret)
    assert (refused.exit_code, refused.stdout) == (1, "refused: unknown, revoked, expired, or of a disabled label\n")
    assert "; revoked 20" in ingest(there, "key", "list", "anna").stdout


def test_machines_get_the_key_and_what_it_may_as_json(there: Stage) -> None:
    made = told(there, "key", "create", "anna", "--scope", "moderate", "--scope", "read")
    assert made["key"].startswith(made["start"]) and len(made["key"]) == 52
    assert (made["label"], made["scopes"], made["is_test"]) == ("anna", ["read", "moderate"], False)
    (listed,) = told(there, "key", "list", "anna")["keys"]
    assert listed == {name: value for name, value in made.items() if name != "key"}
    with there.app.store.reading() as tx:
        assert tx.scalar(sa.select(ApiKey.id)) == made["id"]


def test_a_test_key_is_of_a_sandbox(there: Stage) -> None:
    ran = ingest(there, "key", "create", "anna", "--test")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("ingest: anna is no sandbox, and a test key must never act on real releases")
    with there.app.store.transaction() as tx:
        tx.execute(sa.update(Label).values(is_sandbox=True))
    assert told(there, "key", "create", "anna", "--test")["key"].startswith("isp_test_")


def test_a_token_is_of_a_user_and_ends_by_itself(there: Stage) -> None:
    made = told(there, "token", "create", "anna", "--user", "user_2290", "--ttl", "1h")
    assert (made["token"][:4], made["user_id"]) == ("ist_", "user_2290")
    valid = ingest(there, "token", "verify", stdin=made["token"])
    assert valid.stdout == f"{made['id']} of anna, user user_2290; may read\n"
    assert "token: ist_" in ingest(there, "token", "create", "anna", "--user", "u").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("key", "create", "ben"), "there is no label 'ben'; `ingest label list` lists them"),
        (("key", "create", "anna", "--name", "a\tb"), "the name of a key has at most 100 printable characters"),
        (("key", "create", "anna", "--scope", "all"), "'all' is not one of 'read', 'write', 'moderate'"),
        (("key", "revoke", "anna", "key_1"), "anna has no key 'key_1'; `ingest key list anna` lists them"),
        (("token", "create", "anna"), "Missing option '--user'"),
        (("token", "create", "anna", "--user", ""), "the id of a user has 1 to 256 printable characters"),
        (("token", "create", "anna", "--user", "u", "--ttl", "2h"), "a token is valid for 1 to 3600 seconds"),
        (("token", "create", "anna", "--user", "u", "--ttl", "soon"), "'soon' is no time: write 90s, 15m or 1h"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(there: Stage, words: tuple[str, ...], said: str) -> None:
    ran = ingest(there, *words)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert ingest(there, "key", "list", "anna").stdout == "anna has no key; `ingest key create anna` makes one\n"
