"""Mistakes in the configuration: every one at once with its line, and none shows a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.config import Config
from tests.config.loading import loaded, mistakes


def test_every_mistake_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = '''
ops_email = []
title = """
[sftp]
port = 1
"""
[sftp]
prot = 2222
port = "x"   # = "y"
max_connections = true
idle_seconds = -1
[operator]
support_email = "nobody"
[email]
transport = "stmp"
starttls = false
username = "me"
retry_days = 0
[[database]]
url = "postgresql://u:hunter2@h/x"
'''
    top = ", ".join(sorted(Config.model_fields))
    assert mistakes(tmp_path, text) == [
        "config.toml:2: ops_email: unknown key; did you mean 'email'?",
        f"config.toml:3: title: unknown key; known keys: {top}",
        "config.toml:8: sftp.prot: unknown key; did you mean 'port'?",
        "config.toml:9: sftp.port: this must be a valid integer; it is 'x'",
        "config.toml:10: sftp.max_connections: this must be a valid integer; it is true",
        "config.toml:11: sftp.idle_seconds: this must be greater than 0; it is -1",
        "config.toml:13: operator.support_email: 'nobody' is no email address",
        "config.toml:15: email.transport: this must be 'smtp', 'maildir' or 'off'; it is 'stmp'",
        "config.toml:17: email.username: username is set but starttls is false: a login must be encrypted",
        "config.toml:18: email.retry_days: this must be greater than 0; it is 0",
        "config.toml:19: database: this must be a table, as [database]; it is a list",
    ]


def test_mistakes_in_inline_tables_dotted_keys_and_lists_have_their_line(tmp_path: Path) -> None:
    text = """
operator.qc_emails = [
  "qc@example.com",
  # "none",
  "nobody",
]
sftp = { port = 22, host = 5 }
log.level = "loud"
"intake".settle_seconds = "soon"
paths . data = 7
"""
    assert mistakes(tmp_path, text) == [
        "config.toml:5: operator.qc_emails.1: 'nobody' is no email address",
        "config.toml:7: sftp.host: this must be a valid string; it is 5",
        "config.toml:8: log.level: this must be 'debug', 'info', 'warning' or 'error'; it is 'loud'",
        "config.toml:9: intake.settle_seconds: this must be a valid number; it is 'soon'",
        "config.toml:10: paths.data: this must be a path in quotes; it is 7",
    ]


def test_mistakes_in_the_tables_of_dsps_have_their_line(tmp_path: Path) -> None:
    text = """
[dsp."Bad Name"]
path = "x"
[dsp.juno]
path = "x"
knd = "directory"
[dsp]
seven.titel = "x"
eight = { kind = "carrier-pigeon", path = "x" }
"""
    assert mistakes(tmp_path, text) == [
        "config.toml:2: dsp.Bad Name: 'Bad Name' is no name: it has lower-case letters, digits, - and _ only",
        "config.toml:6: dsp.juno.knd: unknown key; did you mean 'kind'?",
        "config.toml:8: dsp.seven.path: this key must be set",
        "config.toml:8: dsp.seven.titel: unknown key; did you mean 'title'?",
        "config.toml:9: dsp.eight.kind: this must be 'directory' or 'sftp'; it is 'carrier-pigeon'",
    ]


def test_a_key_in_the_wrong_table_is_sent_home(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "[sftp]\nops_emails = []\n[intake]\nparallel_per_dsp = 2\n") == [
        "config.toml:2: sftp.ops_emails: unknown key; it belongs in [operator]",
        "config.toml:4: intake.parallel_per_dsp: unknown key; it belongs in [delivery]",
    ]


def test_a_list_that_is_none_or_empty_is_told_in_words_of_the_file(tmp_path: Path) -> None:
    text = '[rules]\nsilenced = "AUD-001"\n[sftp]\nhost_keys = "key"\n[audio]\nsample_rates = []\n'
    assert mistakes(tmp_path, text) == [
        "config.toml:2: rules.silenced: this must be a list in square brackets; it is 'AUD-001'",
        "config.toml:4: sftp.host_keys: this must be a list in square brackets; it is 'key'",
        "config.toml:6: audio.sample_rates: this must hold at least one value",
    ]
    assert mistakes(tmp_path, "[audio]\nsample_rates = [44100.0]\nmax_true_peak = 1979-05-27\n") == [
        "config.toml:2: audio.sample_rates.0: this must be a valid integer; it is 44100.0",
        "config.toml:3: audio.max_true_peak: this must be a valid number; it is 1979-05-27",
    ]


def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "[sftp]\nport = 22\nhost = x\n") == ["config.toml:3: this is not TOML: Invalid value"]
    assert mistakes(tmp_path, '[sftp]\nhost = """x\n') == ["config.toml:2: this is not TOML: Unterminated string"]
    assert mistakes(tmp_path, "[log]\n[log]\n") == ["config.toml:2: this is not TOML: Cannot declare ('log',) twice"]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("[sftp]\nx = [", 2, "Invalid value"),
        ("[sftp]\nx = [\n\n", 2, "Invalid value"),
        ('[sftp]\nhost = "a', 2, "Unterminated string"),
        ("[sftp]\nport", 2, "Expected '=' after a key in a key/value pair"),
        ("[sft", 1, "Expected ']' at the end of a table declaration"),
    ],
)
def test_a_half_typed_file_is_told_with_its_line(tmp_path: Path, text: str, line: int, told: str) -> None:
    assert mistakes(tmp_path, text) == [f"config.toml:{line}: this is not TOML: {told}"]


@pytest.mark.parametrize("text", [f"x = {'9' * 5000}", f"x = {'[' * 5000}{']' * 5000}"])
def test_what_no_parser_can_take_is_one_mistake(tmp_path: Path, text: str) -> None:
    assert mistakes(tmp_path, text) == [
        "config.toml: this is not TOML: a number is too long or lists are nested too deep"
    ]


@pytest.mark.parametrize(
    "text",
    [
        '[email]\npassword = ["hunter2"]\n',
        '[[email]]\npassword = "hunter2"\n',
        '[email]\npassword = { text = "hunter2" }\n',
        '[email]\npasswort = "hunter2"\n',
        '[email]\npassword = "hunter2"\npassword = "hunter2"\n',
        '[database]\nurl = ["postgresql://u:hunter2@h/x"]\n',
        'email = { password = "hunter2", nonsense = "hunter2" }\n',
    ],
)
def test_no_mistake_shows_a_secret(tmp_path: Path, text: str) -> None:
    assert "hunter2" not in "\n".join(mistakes(tmp_path, text))


@pytest.mark.parametrize("name", ["", "mx", "mx-1.label.example", "[192.0.2.1]", "[IPv6:2001:db8::1]"])
def test_the_name_in_ehlo_is_a_host_name_or_an_address_in_brackets(tmp_path: Path, name: str) -> None:
    assert loaded(tmp_path, f'[email]\nhelo_name = "{name}"\n').email.helo_name == name


@pytest.mark.parametrize("name", ["mx 1", "-mx", "mx_1", "[mx]", "mx\\nQUIT", "büro.example"])
def test_another_name_in_ehlo_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    (told,) = mistakes(tmp_path, f'[email]\nhelo_name = "{name}"\n')
    assert told.startswith("config.toml:2: email.helo_name: ")
    assert told.endswith("is no host name; an address stands in square brackets")


@pytest.mark.parametrize(
    ("text", "encryption"),
    [
        ("", "starttls"),
        ("port = 465", "implicit"),
        ("port = 464", "starttls"),
        ("port = 25", "starttls"),
        ("starttls = true", "starttls"),
        ("starttls = false", "off"),
        ("port = 465\nstarttls = true", "starttls"),
        ("port = 465\nstarttls = false", "off"),
        ('port = 465\ntls = "starttls"', "starttls"),
        ('port = 2465\ntls = "implicit"\nusername = "desk"', "implicit"),
        ('tls = "implicit"\nstarttls = false\nusername = "desk"', "implicit"),
        ('tls = "off"\nstarttls = false', "off"),
    ],
)
def test_the_encryption_of_emails_is_as_set_under_either_key_or_as_the_port_wants(
    tmp_path: Path, text: str, encryption: str
) -> None:
    assert loaded(tmp_path, f"[email]\n{text}\n").email.encryption == encryption


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            'tls = "implicit"\nstarttls = true',
            "3: email.starttls: starttls is true but tls is 'implicit'; leave starttls out",
        ),
        ('tls = "starttls"\nstarttls = false', "3: email.starttls: starttls is false but tls is 'starttls'; "),
        ('tls = "off"\nusername = "desk"', "3: email.username: username is set but tls is 'off': "),
        ('tls = "ssl"', "2: email.tls: this must be 'starttls', 'implicit' or 'off'; it is 'ssl'"),
    ],
)
def test_encryptions_that_contradict_are_told_with_their_line(tmp_path: Path, text: str, told: str) -> None:
    (mistake,) = mistakes(tmp_path, f"[email]\n{text}\n")
    assert mistake.startswith(f"config.toml:{told}")
