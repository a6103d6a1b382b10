"""`ingest label`: accounts are added, changed and locked out; what is wrong is refused with a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest
from click.testing import CliRunner, Result
from dbos import run_dbos_database_migrations

from ingest.cli import main
from ingest.inbound.sftp.accounts import verify_password
from ingest.store.models import Label, Notice
from tests.flow.scenes import in_clear
from tests.stage import Stage, stage


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Stage]:
    built = stage(tmp_path)
    run_dbos_database_migrations(built.app.store.url)
    yield built
    built.app.close()


def ingest(there: Stage, *words: str, stdin: str | None = None) -> Result:
    config = there.app.config.paths.data.parent / "config.toml"
    return CliRunner().invoke(main, ["--config", str(config), "label", *words], input=stdin)


def label(there: Stage, name: str) -> Label:
    with there.app.store.reading() as tx:
        return tx.query(Label).filter_by(name=name).one()


def test_a_quota_is_shown_and_changed_for_one_label(there: Stage) -> None:
    album = there.app.config.paths.incoming("anna") / "Album"
    album.mkdir(parents=True)
    (album / "one.wav").write_bytes(bytes(1500))
    (album / "two.wav").write_bytes(bytes(1))
    assert ingest(there, "quota", "anna").stdout == (
        "bytes         200,000,000,000  1,501 used  (as configured)\n"
        "files                  50,000  2 used  (as configured)\n"
        "folders                10,000  1 used  (as configured)\n"
    )
    shown = ingest(there, "quota", "anna", "--bytes", "1000000000000", "--files", "7", "--folders", "3").stdout
    assert [line.split() for line in shown.splitlines()] == [
        ["bytes", "1,000,000,000,000", "1,501", "used"],
        ["files", "7", "2", "used"],
        ["folders", "3", "1", "used"],
    ]
    row = label(there, "anna")
    assert (row.max_bytes, row.max_files, row.max_folders) == (10**12, 7, 3)
    assert ingest(there, "quota", "anna", "--files", "0").exit_code == 0
    assert label(there, "anna").max_files is None
    assert ingest(there, "quota", "anna", "--files", "-1").exit_code == 2
    assert ingest(there, "quota", "nobody").exit_code == 2


def details(there: Stage) -> list[dict[str, str]]:
    state = there.app.config.paths.state_dir
    with there.app.store.reading() as tx:
        return [
            {key: value for key, value in in_clear(row, state).items() if key != "fingerprint"}
            for row in tx.query(Notice).order_by(Notice.id)
        ]


def test_a_label_gets_a_password_that_is_printed_once(there: Stage) -> None:
    result = ingest(there, "add", "bob", "--email", "bob@label.example", "--title", "Bob & Söhne")
    assert result.exit_code == 0, result.output
    home, password = result.stdout.splitlines()
    assert home == f"label bob added; home {there.app.config.paths.home('bob')}"
    secret = password.removeprefix("password: ")
    assert verify_password(label(there, "bob").password_hash, secret)
    (told,) = details(there)
    assert told == {"user": "bob", "title": "Bob & Söhne", "password": secret}


def test_a_password_comes_in_on_standard_input_and_is_not_printed(there: Stage) -> None:
    result = ingest(
        there, "add", "bob", "--email", "bob@label.example", "--password-stdin", stdin="correct horse battery\n"
    )
    assert (result.exit_code, "horse" in result.output) == (0, False)
    assert verify_password(label(there, "bob").password_hash, "correct horse battery")


@pytest.mark.parametrize("stdin", ["", "\n", "one line of it\nand another\n", "a NUL \x00 in a long one"])
def test_standard_input_must_hold_one_line(there: Stage, stdin: str) -> None:
    result = ingest(there, "add", "bob", "--email", "bob@label.example", "--password-stdin", stdin=stdin)
    assert (result.exit_code, "must hold the password on one line" in result.stderr) == (2, True)


def test_no_option_takes_a_password_that_the_list_of_processes_would_show(there: Stage) -> None:
    result = ingest(there, "add", "bob", "--email", "bob@label.example", "--password", "hunter2")
    assert result.exit_code == 2


def test_a_label_with_a_key_needs_no_password(there: Stage, tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_public_key(str(tmp_path / "key.pub"))
    words = ("add", "bob", "--email", "bob@label.example", "--no-password", "--key", str(tmp_path / "key.pub"))
    assert ingest(there, *words).exit_code == 0
    added = label(there, "bob")
    assert (added.password_hash, len(added.public_keys)) == (None, 1)


@pytest.mark.parametrize("content", [b"no key", b"\xff\xfe", b""])
def test_a_file_without_a_public_key_is_wrong_usage(there: Stage, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key.pub").write_bytes(content)
    result = ingest(there, "add", "bob", "--email", "bob@label.example", "--key", str(tmp_path / "key.pub"))
    assert (result.exit_code, "holds no OpenSSH public key" in result.stderr) == (2, True)


def test_a_private_key_is_refused_and_not_kept(there: Stage, tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(str(tmp_path / "key"))
    (tmp_path / "both").write_bytes(key.export_public_key() + key.export_private_key())
    for name in ("key", "both"):
        result = ingest(there, "add", "bob", "--email", "bob@label.example", "--key", str(tmp_path / name))
        assert (result.exit_code, "holds no OpenSSH public key" in result.stderr) == (2, True)
    with there.app.store.reading() as tx:
        assert [row.name for row in tx.query(Label)] == ["anna"]


def test_each_key_of_a_file_is_kept_by_itself(there: Stage, tmp_path: Path) -> None:
    keys = [asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip() for _ in range(2)]
    (tmp_path / "keys.pub").write_text("\n# the studio\n" + "\n".join(keys))
    words = ("add", "bob", "--email", "bob@label.example", "--no-password", "--key", str(tmp_path / "keys.pub"))
    assert ingest(there, *words).exit_code == 0
    assert label(there, "bob").public_keys == keys


def test_what_is_given_twice_counts_once(there: Stage) -> None:
    words = ("--email", "b@label.example", "--email", "b@label.example", "--dsp", "alpha", "--dsp", "alpha")
    assert ingest(there, "add", "bob", *words, "--no-email").exit_code == 0
    assert (label(there, "bob").emails, label(there, "bob").dsps) == (["b@label.example"], ["alpha"])
    assert ingest(there, "dsps", "bob", "beta", "beta").stdout == "bob → beta\n"


@pytest.mark.parametrize("secret", ["x" * 1025, "x" * 14, ""])
def test_a_password_that_is_too_short_or_too_long_is_refused(there: Stage, secret: str) -> None:
    result = ingest(there, "add", "bob", "--email", "b@label.example", "--password-stdin", stdin=secret)
    assert (result.exit_code, "on one line, 15 to 1024 characters" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", ["nobody", "\udcff", "a\0b", ""])
def test_a_name_that_no_label_can_have_is_wrong_usage(there: Stage, name: str) -> None:
    for words in (("dsps", name), ("email", name, "b@label.example"), ("disable", name)):
        result = ingest(there, *words)
        assert (result.exit_code, "there is no label" in result.stderr) == (2, True)


def test_a_quota_beyond_any_disk_is_wrong_usage(there: Stage) -> None:
    assert ingest(there, "add", "bob", "--email", "b@label.example", "--quota", "9" * 30).exit_code == 2


def test_a_folder_is_no_key(there: Stage, tmp_path: Path) -> None:
    assert ingest(there, "add", "bob", "--email", "bob@label.example", "--key", str(tmp_path)).exit_code == 2


@pytest.mark.parametrize("address", ["bob", "bob@", "änna@label.example", "a@b@c", "a@b\nBcc: c@d"])
def test_a_bad_address_is_wrong_usage_and_no_label_is_made(there: Stage, address: str) -> None:
    added = ingest(there, "add", "bob", "--email", address)
    changed = ingest(there, "email", "anna", "new@label.example", address)
    for result in (added, changed):
        assert (result.exit_code, "is no email address" in result.stderr) == (2, True)
    with there.app.store.reading() as tx:
        assert [(row.name, row.emails) for row in tx.query(Label)] == [("anna", ["anna@label.example"])]


def test_the_addresses_of_a_label_are_replaced(there: Stage) -> None:
    result = ingest(there, "email", "anna", "new@label.example", "office@label.example")
    assert (result.exit_code, result.stdout) == (0, "anna → new@label.example, office@label.example\n")
    assert label(there, "anna").emails == ["new@label.example", "office@label.example"]


def test_no_address_at_all_is_wrong_usage(there: Stage) -> None:
    assert ingest(there, "email", "anna").exit_code == 2


def test_agreed_dsps_are_shown_set_and_cleared(there: Stage) -> None:
    assert ingest(there, "dsps", "anna").stdout == "anna → alpha, beta\n"
    assert label(there, "anna").dsps == ["alpha", "beta"]
    assert ingest(there, "dsps", "anna", "beta").stdout == "anna → beta\n"
    assert label(there, "anna").dsps == ["beta"]
    assert ingest(there, "dsps", "anna", "--none").stdout == "anna → no DSP\n"
    assert label(there, "anna").dsps == []


def test_dsps_that_are_unknown_or_contradict_are_wrong_usage(there: Stage) -> None:
    unknown = ingest(there, "dsps", "anna", "gamma")
    assert (unknown.exit_code, "no such DSP in the configuration: gamma; known: alpha, beta" in unknown.stderr) == (
        2,
        True,
    )
    assert ingest(there, "dsps", "anna", "alpha", "--none").exit_code == 2
    assert label(there, "anna").dsps == ["alpha", "beta"]


def test_a_renewed_password_says_so_in_its_email(there: Stage) -> None:
    secret = ingest(there, "password", "anna").stdout.removeprefix("password: ").strip()
    assert verify_password(label(there, "anna").password_hash, secret)
    assert details(there) == [{"user": "anna", "title": "Anna's Label", "password": secret, "renewed": "yes"}]


@pytest.mark.parametrize(
    ("email", "words", "told"),
    [
        ("", (), "are NOT sent to bob@b.example: email.transport is maildir, the email goes into {home}/maildir"),
        ('transport = "off"', (), "are NOT sent to bob@b.example: email.transport is off"),
        (
            'transport = "smtp"',
            ("--no-email",),
            "are NOT sent to bob@b.example, as --no-email says: hand them over yourself",
        ),
    ],
)
def test_it_says_that_the_credentials_do_not_leave(there: Stage, email: str, words: tuple[str, ...], told: str) -> None:
    file = there.app.config.paths.data.parent / "config.toml"
    file.write_text(file.read_text().replace("[email]", f"[email]\n{email}"))
    told = f"ingest: the credentials {told.format(home=there.app.config.paths.data)}\n"
    assert ingest(there, "add", "bob", "--email", "bob@b.example", *words).stderr == told
    assert ingest(there, "password", "bob", *words).stderr == told


def test_it_says_to_whom_the_credentials_go(there: Stage) -> None:
    file = there.app.config.paths.data.parent / "config.toml"
    file.write_text(file.read_text().replace("[email]", '[email]\ntransport = "smtp"'))
    added = ingest(there, "add", "bob", "--email", "bob@b.example", "--email", "eve@b.example")
    assert added.stderr.startswith("ingest: the daemon emails the credentials to bob@b.example, eve@b.example; ")


@pytest.mark.parametrize("words", [("password",), ("dsps",), ("email", "a@b.example"), ("disable",), ("enable",)])
def test_an_unknown_label_is_wrong_usage(there: Stage, words: tuple[str, ...]) -> None:
    result = ingest(there, words[0], "nobody", *words[1:])
    expected = "ingest: there is no label 'nobody'; `ingest label list` lists them\n"
    assert (result.exit_code, result.stderr) == (2, expected)


def test_a_label_is_locked_out_and_let_in_again(there: Stage) -> None:
    assert ingest(there, "disable", "anna").stdout == "anna is disabled\n"
    assert "(disabled)" in ingest(there, "list").stdout
    assert ingest(there, "enable", "anna").stdout == "anna is enabled\n"
    (listed,) = json.loads(ingest(there, "list", "--format", "json").stdout)["labels"]
    assert listed == {
        "name": "anna",
        "title": "Anna's Label",
        "emails": ["anna@label.example"],
        "dsps": ["alpha", "beta"],
        "enabled": True,
        "is_sandbox": False,
    }


def test_a_sandbox_is_added_shown_and_made(there: Stage) -> None:
    added = ingest(there, "add", "bob", "--email", "bob@label.example", "--sandbox", "--no-email")
    assert (added.exit_code, label(there, "bob").is_sandbox) == (0, True)
    assert ingest(there, "list").stdout.splitlines()[1].endswith("no DSP  (sandbox)")
    assert ingest(there, "sandbox", "bob").stdout == "bob is a sandbox\n"
    assert ingest(there, "sandbox", "bob", "--off").stdout == "bob is no sandbox\n"
    refused = ingest(there, "sandbox", "anna", "--on")
    told = "ingest: anna is a sandbox: its releases go to DSPs with sandbox = true only, and alpha has it not\n"
    assert (refused.exit_code, refused.stderr) == (2, told)
    assert not label(there, "anna").is_sandbox


def test_a_title_cannot_forge_a_line_of_the_list(there: Stage) -> None:
    ingest(there, "add", "bob", "--email", "bob@label.example", "--title", "Bob\neve\x1b[31m", "--no-email")
    first, second = ingest(there, "list").stdout.splitlines()
    assert (first.split()[0], second.split()[:2]) == ("anna", ["bob", "Bob‹U+000A›eve‹U+001B›[31m"])


def test_the_help_explains_every_option(there: Stage) -> None:
    told = ingest(there, "add", "--help").stdout
    assert "A file of OpenSSH public keys" in " ".join(told.split())
