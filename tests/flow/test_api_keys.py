"""Keys of labels: made, shown without their secret, revoked; each decision is recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from ingest.core.caller import Scope
from ingest.core.decision import By, Face
from ingest.flow.api_keys import ApiKeyLine, ApiKeys
from ingest.flow.errors import Code, CodedError, NotFound, Refused
from ingest.store.decisions import decisions_on_label
from ingest.store.models import ApiKey, Label
from tests.stage import START, Stage

MARA = By("mara", Face.CONSOLE)


@pytest.fixture
def keys(on: Stage) -> ApiKeys:
    return on.app.api_keys


def recorded(on: Stage) -> list[tuple[str, str, dict[str, object]]]:
    with on.app.store.reading() as tx:
        return [(row.kind, row.who, row.details) for row in decisions_on_label(tx, on.label().id)]


def test_a_key_tells_its_secret_once_and_is_listed_without(on: Stage, keys: ApiKeys) -> None:
    made = keys.create("anna", MARA, name="Shop & Söhne")
    assert made.secret.startswith("isp_live_") and made.line == ApiKeyLine(
        id=made.line.id,
        label="anna",
        name="Shop & Söhne",
        start=made.secret[:13],
        scopes=(Scope.READ, Scope.WRITE),
        is_test=False,
        created_at=START,
        used_at=None,
        revoked_at=None,
    )
    assert keys.every("anna") == (made.line,)
    assert made.secret[13:] not in repr(made)
    with on.app.store.reading() as tx:
        row = tx.scalars(sa.select(ApiKey)).one()
        assert made.secret[13:] not in str(vars(row))
    details = {"key": made.line.id, "name": "Shop & Söhne", "scopes": ["read", "write"]}
    assert recorded(on) == [("create-key", "mara", details)]


def test_the_keys_of_a_sandbox_are_test_keys_and_may_moderate(on: Stage, keys: ApiKeys) -> None:
    with pytest.raises(Refused) as told:
        keys.create("anna", MARA, test=True)
    assert (told.value.code, told.value.values) == (Code.NOT_A_SANDBOX, {"label": "anna"})
    with on.app.store.transaction() as tx:
        tx.execute(sa.update(Label).values(is_sandbox=True))
    for test in (True, False):
        made = keys.create("anna", MARA, test=test)
        assert made.secret.startswith("isp_test_")
        assert (made.line.is_test, made.line.scopes) == (True, (Scope.READ, Scope.WRITE, Scope.MODERATE))


def test_scopes_are_kept_as_asked_each_once(keys: ApiKeys) -> None:
    made = keys.create("anna", MARA, scopes=[Scope.MODERATE, Scope.READ, Scope.READ])
    assert made.line.scopes == (Scope.READ, Scope.MODERATE)


def test_a_key_is_revoked_once_and_stays_in_the_list(on: Stage, keys: ApiKeys) -> None:
    first, second = (keys.create("anna", MARA).line for _ in range(2))
    on.clock.advance(hours=1)
    revoked = keys.revoke("anna", first.id, MARA)
    assert revoked == replace(first, revoked_at=on.clock.now)
    on.clock.advance(hours=1)
    assert keys.revoke("anna", first.id, MARA) == revoked
    assert {line.id: line for line in keys.every("anna")} == {first.id: revoked, second.id: second}
    assert recorded(on)[2:] == [("revoke-key", "mara", {"key": first.id})]


def test_what_cannot_be_done_is_refused_with_a_code(keys: ApiKeys) -> None:
    made = keys.create("anna", MARA).line
    refused: list[CodedError] = []
    for name in ("a\nb", "a" * 101, "\x1b[2J"):
        with pytest.raises(Refused) as told:
            keys.create("anna", MARA, name=name)
        refused.append(told.value)
    assert {(one.code, *one.values.items()) for one in refused} == {(Code.API_KEY_NAME_REFUSED, ("most", 100))}
    for label, key, code in (
        ("ben", made.id, Code.LABEL_UNKNOWN),
        ("anna", "key_1", Code.API_KEY_UNKNOWN),
        ("anna", "\0", Code.API_KEY_UNKNOWN),
    ):
        with pytest.raises(NotFound) as unknown:
            keys.revoke(label, key, MARA)
        assert unknown.value.code == code
    with pytest.raises(NotFound):
        keys.every("ben")
    assert [line.revoked_at for line in keys.every("anna")] == [None]
