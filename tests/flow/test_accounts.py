"""Accounts of labels, as any face adds and changes them: what is kept, told, recorded and refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
import sqlalchemy as sa

from ingest.core.decision import By, Face
from ingest.flow.accounts import Accounts, LabelAccount, NewLabel, QuotaLine
from ingest.flow.errors import Code, CodedError, Conflict, NotFound, Refused
from ingest.inbound.sftp.accounts import verify_password
from ingest.store.decisions import decisions_on_label
from ingest.store.labels import find_label
from ingest.store.models import Decision, Label, Notice
from tests.flow.scenes import in_clear
from tests.stage import CONFIG, START, Stage, staged
from tests.store.rows import add_package

MARA = By("mara", Face.CONSOLE)
KEY = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
PRIVATE = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
BOB = NewLabel("bob", ["bob@label.example"], title="Bob & Söhne", dsps=["beta", "beta"])


@pytest.fixture
def accounts(on: Stage) -> Accounts:
    return on.app.accounts


def row_of(on: Stage, name: str) -> Label:
    with on.app.store.reading() as tx:
        found = find_label(tx, name)
    assert found is not None
    return found


def recorded(on: Stage, name: str) -> list[tuple[str, str, str, dict[str, Any]]]:
    with on.app.store.reading() as tx:
        rows = decisions_on_label(tx, row_of(on, name).id)
    assert all((row.package_id, row.at, row.note) == (None, START, "") for row in rows)
    return [(row.kind, row.who, row.face, row.details) for row in rows]


def told(on: Stage) -> list[dict[str, str]]:
    with on.app.store.reading() as tx:
        rows = tx.scalars(sa.select(Notice).order_by(Notice.id)).all()
    assert all(row.details.pop("fingerprint").startswith("SHA256:") for row in rows)
    return [in_clear(row, on.app.config.paths.state_dir) for row in rows]


def test_a_label_is_added_with_a_home_a_password_that_is_made_and_an_email(on: Stage, accounts: Accounts) -> None:
    made = accounts.add(BOB, MARA)
    assert made is not None
    assert verify_password(row_of(on, "bob").password_hash, made)
    assert on.app.config.paths.incoming("bob").is_dir()
    assert told(on) == [{"user": "bob", "title": "Bob & Söhne", "password": made}]
    assert accounts.get("bob") == LabelAccount(
        name="bob",
        title="Bob & Söhne",
        emails=("bob@label.example",),
        dsps=("beta",),
        keys=(),
        has_password=True,
        enabled=True,
        is_sandbox=False,
        created_at=START,
    )
    assert [one.name for one in accounts.every()] == ["anna", "bob"]
    details = {
        "title": "Bob & Söhne",
        "emails": ["bob@label.example"],
        "dsps": ["beta"],
        "public_keys": [],
        "max_bytes": None,
        "is_sandbox": False,
    }
    assert recorded(on, "bob") == [("add-label", "mara", "console", details)]


SANDBOX = """
[dsp.trial]
path = "trial"
sandbox = true
[dsp.store]
path = "store"
"""


def test_a_sandbox_and_a_dsp_go_together_or_not_at_all(tmp_path: Path) -> None:
    with staged(tmp_path, config=CONFIG + SANDBOX) as on:
        accounts = on.app.accounts
        accounts.add(replace(BOB, dsps=["trial"], is_sandbox=True), MARA)
        assert (accounts.get("bob").is_sandbox, accounts.get("bob").dsps) == (True, ("trial",))
        for name, dsps, code in (
            ("bob", ["store"], Code.DSP_IS_LIVE),
            ("bob", ["trial", "store"], Code.DSP_IS_LIVE),
            ("anna", ["store", "trial"], Code.DSP_IS_SANDBOX),
        ):
            with pytest.raises(Refused) as told:
                accounts.agree_dsps(name, dsps, MARA)
            assert (told.value.code, told.value.values["label"]) == (code, name)
        for new in (replace(BOB, name="ben", dsps=["trial"]), replace(BOB, name="ben", is_sandbox=True)):
            with pytest.raises(Refused):
                accounts.add(new, MARA)
        assert [one.name for one in accounts.every()] == ["anna", "bob"]


def test_whether_it_is_a_sandbox_can_change_until_the_first_release(on: Stage, accounts: Accounts) -> None:
    with pytest.raises(Refused, match="dsp-is-live"):
        accounts.set_sandbox("anna", MARA, is_sandbox=True)
    accounts.agree_dsps("anna", [], MARA)
    accounts.set_sandbox("anna", MARA, is_sandbox=True)
    accounts.set_sandbox("anna", MARA, is_sandbox=True)
    assert recorded(on, "anna")[1:] == [("set-sandbox", "mara", "console", {"is_sandbox": {"old": False, "new": True}})]
    add_package(on.app.store, label=row_of(on, "anna").id, now=START)
    with pytest.raises(Conflict) as told:
        accounts.set_sandbox("anna", MARA, is_sandbox=False)
    assert (told.value.code, told.value.values) == (Code.LABEL_HAS_RELEASES, {"label": "anna"})
    accounts.set_sandbox("anna", MARA, is_sandbox=True)
    assert accounts.get("anna").is_sandbox


def test_a_password_that_was_given_is_not_returned(on: Stage, accounts: Accounts) -> None:
    given = NewLabel("bob", ["bob@label.example"], password="correct horse battery")
    assert accounts.add(given, MARA, tell=False) is None
    assert verify_password(row_of(on, "bob").password_hash, "correct horse battery")
    assert told(on) == []
    assert "horse" not in repr(given)


def test_a_label_may_have_keys_only(on: Stage, accounts: Accounts) -> None:
    assert accounts.add(NewLabel("bob", ["bob@label.example"], keys=[f"{KEY}\n", KEY], keys_only=True), MARA) is None
    assert (row_of(on, "bob").password_hash, row_of(on, "bob").public_keys) == (None, [KEY])
    assert told(on) == [{"user": "bob", "title": "bob", "password": ""}]
    with pytest.raises(Refused, match="login-missing"):
        accounts.set_keys("bob", [], MARA)


@pytest.mark.parametrize(
    ("change", "kind", "details"),
    [
        (
            lambda accounts: accounts.set_title("anna", "Anna Records", MARA),
            "set-title",
            {"title": {"old": "Anna's Label", "new": "Anna Records"}},
        ),
        (
            lambda accounts: accounts.set_emails("anna", ["b@label.example", "b@label.example"], MARA),
            "set-emails",
            {"emails": {"old": ["anna@label.example"], "new": ["b@label.example"]}},
        ),
        (
            lambda accounts: accounts.agree_dsps("anna", [], MARA),
            "agree-dsps",
            {"dsps": {"old": ["alpha", "beta"], "new": []}},
        ),
        (
            lambda accounts: accounts.set_quota("anna", MARA, max_files=7, max_bytes=0),
            "set-quota",
            {"max_files": {"old": None, "new": 7}},
        ),
        (
            lambda accounts: accounts.set_keys("anna", [KEY], MARA),
            "set-keys",
            {"public_keys": {"old": [], "new": [KEY]}},
        ),
        (lambda accounts: accounts.disable("anna", MARA), "disable-label", {"enabled": {"old": True, "new": False}}),
    ],
)
def test_a_change_is_recorded_once_with_what_stood_there_before(
    on: Stage, accounts: Accounts, change: Callable[[Accounts], None], kind: str, details: dict[str, Any]
) -> None:
    with on.app.store.transaction() as tx:
        tx.execute(sa.update(Label).values(password_hash="x"))
    if kind == "set-keys":
        accounts.set_keys("anna", [], MARA)
    for _ in range(2):
        change(accounts)
    assert recorded(on, "anna") == [(kind, "mara", "console", details)]
    row = row_of(on, "anna")
    assert {name: getattr(row, name) for name in details} == {name: both["new"] for name, both in details.items()}


def test_a_label_is_let_in_again(on: Stage, accounts: Accounts) -> None:
    accounts.disable("anna", MARA)
    assert not accounts.get("anna").enabled
    accounts.enable("anna", By("ops", Face.CLI))
    assert accounts.get("anna").enabled
    assert [(kind, who, face) for kind, who, face, _ in recorded(on, "anna")] == [
        ("disable-label", "mara", "console"),
        ("enable-label", "ops", "cli"),
    ]


def test_each_renewed_password_is_told_and_none_is_recorded(on: Stage, accounts: Accounts) -> None:
    secrets = [accounts.renew_password("anna", MARA) for _ in range(2)]
    assert verify_password(row_of(on, "anna").password_hash, secrets[1])
    assert [(one["password"], one["renewed"]) for one in told(on)] == [(secret, "yes") for secret in secrets]
    assert recorded(on, "anna") == [("renew-password", "mara", "console", {})] * 2


def test_a_quota_of_its_own_is_told_from_the_configured_one(on: Stage, accounts: Accounts) -> None:
    accounts.set_quota("anna", MARA, max_folders=3)
    incoming = on.app.config.paths.incoming("anna") / "Album"
    incoming.mkdir(parents=True)
    (incoming / "one.wav").write_bytes(bytes(1500))
    assert accounts.quota("anna") == (
        QuotaLine("bytes", 200_000_000_000, False, 1500),
        QuotaLine("files", 50_000, False, 1),
        QuotaLine("folders", 3, True, 1),
    )


REFUSED = [
    (NewLabel("Bob", ["b@c.example"]), Code.LABEL_NAME_REFUSED),
    (NewLabel("../eve", ["b@c.example"]), Code.LABEL_NAME_REFUSED),
    (NewLabel("bob\n", ["b@c.example"]), Code.LABEL_NAME_REFUSED),
    (NewLabel("bob", []), Code.ADDRESS_MISSING),
    (NewLabel("bob", ["b@c.example", "b@"]), Code.ADDRESS_REFUSED),
    (NewLabel("bob", ["b@c.example"], dsps=["gamma"]), Code.DSP_UNKNOWN),
    (NewLabel("bob", ["b@c.example"], keys=["no key"]), Code.KEY_REFUSED),
    (NewLabel("bob", ["b@c.example"], keys=[PRIVATE]), Code.KEY_REFUSED),
    (NewLabel("bob", ["b@c.example"], keys=[f"{KEY}\n{PRIVATE}"]), Code.KEY_REFUSED),
    (NewLabel("bob", ["b@c.example"], keys_only=True), Code.LOGIN_MISSING),
    (NewLabel("bob", ["b@c.example"], password="short"), Code.PASSWORD_REFUSED),
    (NewLabel("bob", ["b@c.example"], password="two lines\nof a password"), Code.PASSWORD_REFUSED),
    (NewLabel("bob", ["b@c.example"], max_bytes=10**16), Code.QUOTA_REFUSED),
]


@pytest.mark.parametrize(("new", "code"), REFUSED)
def test_what_no_account_can_have_is_refused_before_anything_is_made(
    on: Stage, accounts: Accounts, new: NewLabel, code: Code
) -> None:
    with pytest.raises(CodedError) as error:
        accounts.add(new, MARA)
    assert error.value.code is code
    assert not on.app.config.paths.labels_dir.exists()
    with on.app.store.reading() as tx:
        assert [row.name for row in tx.scalars(sa.select(Label))] == ["anna"]
        assert tx.scalars(sa.select(Decision)).all() == []


def test_a_name_is_given_once(accounts: Accounts) -> None:
    accounts.add(BOB, MARA)
    with pytest.raises(Conflict, match=r"^label-exists: label='bob'"):
        accounts.add(BOB, MARA)


@pytest.mark.parametrize(
    "ask",
    [
        lambda accounts, name: accounts.get(name),
        lambda accounts, name: accounts.quota(name),
        lambda accounts, name: accounts.set_title(name, "x", MARA),
        lambda accounts, name: accounts.set_keys(name, [], MARA),
        lambda accounts, name: accounts.renew_password(name, MARA),
        lambda accounts, name: accounts.enable(name, MARA),
    ],
)
@pytest.mark.parametrize("name", ["nobody", "\udcff", "a\0b", ""])
def test_a_label_that_there_is_not_is_not_found(accounts: Accounts, ask: Callable[..., object], name: str) -> None:
    with pytest.raises(NotFound) as error:
        ask(accounts, name)
    assert (error.value.code, error.value.values["label"]) == (Code.LABEL_UNKNOWN, name)
