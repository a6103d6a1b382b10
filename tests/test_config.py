"""The configuration: every mistake at once with its line, relative paths, the order of search, secrets."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ingest.config import Config, ConfigError, DirectoryDsp, find, load
from ingest.config_lines import lines_of
from ingest.core.dossier import Policy
from ingest.core.finding import Severity
from tests.good import RECEIVED

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def mistakes(folder: Path, text: str | bytes) -> list[str]:
    """What `load` says about a file with this text, without the file's folder."""
    path = folder / "config.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [str(mistake).removeprefix(f"{folder}/") for mistake in caught.value.mistakes]


def loaded(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return load(path)


def test_the_example_loads_and_is_the_default() -> None:
    assert load(EXAMPLE) == Config()


def test_an_empty_file_is_the_default(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == Config()


def all_keys(model: type[BaseModel]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for name, field in model.model_fields.items():
        inner: Any = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found |= {(name, *key) for key in all_keys(inner)}
        elif name == "dsp":
            found |= {(name, "example", *key) for key in all_keys(DirectoryDsp)}
        else:
            found.add((name,))
    return found


def test_the_example_names_every_key_and_what_it_leaves_out_loads_too(tmp_path: Path) -> None:
    whole = re.sub(r"^#(?=[\w\[-]+)", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    config = loaded(tmp_path, whole)
    named = set(lines_of(whole))
    assert all_keys(Config) <= named
    assert config.dsp == {"example": DirectoryDsp(path=Path("/srv/dsp/example"))}
    assert config.rules.severity == {"AUD-020": Severity.WARNING}


def test_every_table_of_the_example_begins_with_an_explanation() -> None:
    blocks = EXAMPLE.read_text("utf-8").split("\n[")[1:]
    for block in blocks:
        lines = block.splitlines()[1:]
        first = next(line for line in lines if line.strip())
        assert first.startswith("# "), f"the first key of [{block.split(']')[0]} is not explained"


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
        "config.toml:9: dsp.eight.kind: this must be 'directory'; it is 'carrier-pigeon'",
    ]


def test_a_key_in_the_wrong_table_is_sent_home(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "[sftp]\nops_emails = []\n[intake]\nparallel_per_dsp = 2\n") == [
        "config.toml:2: sftp.ops_emails: unknown key; it belongs in [operator]",
        "config.toml:4: intake.parallel_per_dsp: unknown key; it belongs in [delivery]",
    ]


def test_codes_and_severities_have_their_form(tmp_path: Path) -> None:
    text = '[rules]\nsilenced = ["ART-001",\n "art1"]\nseverity = { "AUD-020" = "warn", x = "info" }\n'
    assert mistakes(tmp_path, text) == [
        "config.toml:3: rules.silenced.1: 'art1' is no rule code; codes look like ART-001",
        "config.toml:4: rules.severity.AUD-020: this must be 'error', 'warning' or 'info'; it is 'warn'",
        "config.toml:4: rules.severity.x: 'x' is no rule code; codes look like ART-001",
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


@pytest.mark.parametrize(
    "key", ["paths.data", "paths.labels", "ern.schema", "email.maildir", "email.password_file", "dsp.a.path"]
)
@pytest.mark.parametrize("written", ["", "a\\u0000b"])
def test_an_empty_path_is_not_the_folder_of_the_file(tmp_path: Path, key: str, written: str) -> None:
    told = ["this must be a path; leave the key out where there is none"]
    assert [one.split(": ", 2)[2] for one in mistakes(tmp_path, f'{key} = "{written}"\n')] == told


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("retention", "invalid_days", "36_501"),
        ("retention", "workflow_days", "36_501"),
        ("rules", "lead_time_days", "36_501"),
        ("delivery", "retry_days", "36_501.0"),
        ("intake", "settle_seconds", "1e12"),
        ("validation", "wall_seconds_per_file", "86_401"),
        ("validation", "message_max_bytes", "10_000_000_000_000_000"),
        ("sftp", "max_files_per_label", "10_000_000_000_000_000"),
        ("email", "timeout_seconds", "0"),
    ],
)
def test_a_number_beyond_calendar_and_clock_is_a_mistake(tmp_path: Path, table: str, key: str, value: str) -> None:
    (told,) = mistakes(tmp_path, f"[{table}]\n{key} = {value}\n")
    assert told.startswith(f"config.toml:2: {table}.{key}: this must be ")


def test_the_longest_times_still_count_from_today(tmp_path: Path) -> None:
    config = loaded(tmp_path, "[rules]\nlead_time_days = 36_500\n[intake]\nstray_seconds = 3_153_600_000\n")
    today = datetime(2026, 3, 23, tzinfo=UTC)
    for span in (timedelta(days=config.rules.lead_time_days), timedelta(seconds=config.intake.stray_seconds)):
        assert today - span < today < today + span


@pytest.mark.parametrize("url", ["", "sqlite:////x/y.db", "postgresql://u@/d", "postgresql+psycopg://u:p@h/d?x=1"])
def test_a_database_that_we_know_is_taken(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, f'[database]\nurl = "{url}"\n').database.url == url


@pytest.mark.parametrize("url", ["postgres://u:hunter2@h/d", "mysql://u:hunter2@h/d", "sqlite://", "/x/y.db", " "])
def test_another_database_is_a_mistake_before_the_start(tmp_path: Path, url: str) -> None:
    assert mistakes(tmp_path, f'[database]\nurl = "{url}"\n') == [
        "config.toml:2: database.url: this must be empty, or begin with postgresql:// or sqlite:///"
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


def test_an_address_that_no_email_could_go_to_is_a_mistake(tmp_path: Path) -> None:
    text = (
        '[operator]\nsupport_email = "a@b@c"\nqc_emails = ["ä@b.example"]\nops_emails = [\n"a@b",\n"a;b@c.example"]\n'
    )
    assert mistakes(tmp_path, text + '[email]\nsender = "a@b..example"\n') == [
        "config.toml:2: operator.support_email: 'a@b@c' is no email address",
        "config.toml:3: operator.qc_emails.0: 'ä@b.example' is no email address",
        "config.toml:6: operator.ops_emails.1: 'a;b@c.example' is no email address",
        "config.toml:8: email.sender: 'a@b..example' is no email address",
    ]


def test_a_file_that_cannot_be_read_is_one_mistake(tmp_path: Path) -> None:
    assert mistakes(tmp_path, b"name = '\xff'") == ["config.toml: this file is not UTF-8 text; save it as UTF-8"]
    with pytest.raises(ConfigError, match=r"none\.toml: this file cannot be read: No such file or directory"):
        load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match=r"this file cannot be read: Is a directory"):
        load(tmp_path)


def test_a_file_from_a_windows_editor_loads(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[sftp]\r\nport = 2222\r\n")
    assert load(path).sftp.port == 2222


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


def test_a_config_never_prints_its_password(tmp_path: Path) -> None:
    config = loaded(tmp_path, '[email]\npassword = "hunter2"\n')
    assert "hunter2" not in repr(config) + str(config) + config.model_dump_json()
    assert config.email.password.get_secret_value() == "hunter2"


def test_relative_paths_count_from_the_file(tmp_path: Path) -> None:
    text = '[paths]\ndata = "."\nspool = "/srv/spool"\n[sftp]\nhost_keys = ["key"]\n[dsp.one]\npath = "dsp"\n'
    config = loaded(tmp_path, text)
    assert (config.paths.labels_dir, config.paths.spool_dir) == (tmp_path / "labels", Path("/srv/spool"))
    assert (config.sftp.host_keys, config.dsp["one"].path) == ((tmp_path / "key",), tmp_path / "dsp")


def test_the_file_is_found_by_option_variable_working_folder_and_etc_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    etc = tmp_path / "etc.toml"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ingest.config.SEARCH", ("config.toml", str(etc)))
    named = {"INGEST_CONFIG": "named.toml"}
    assert find(None, {}) is None
    etc.touch()
    assert find(None, {}) == etc
    Path("config.toml").touch()
    assert find(None, {"INGEST_CONFIG": ""}) == Path("config.toml")
    assert find(None, named) == Path("named.toml")
    assert find(Path("given.toml"), named) == Path("given.toml")


def test_the_places_searched_are_the_documented_ones() -> None:
    from ingest.config import SEARCH

    assert SEARCH == ("config.toml", "/etc/ingest/config.toml")


def test_the_default_thresholds_are_the_policy_s_own() -> None:
    assert Config().policy(RECEIVED) == Policy(received=RECEIVED)


def test_silenced_codes_and_thresholds_reach_the_policy(tmp_path: Path) -> None:
    text = '[rules]\nsilenced = ["STY-025"]\nseverity.AUD-020 = "warning"\n[audio]\nmax_true_peak = -1\n'
    assert loaded(tmp_path, text).policy(RECEIVED) == Policy(
        received=RECEIVED,
        max_true_peak=-1.0,
        silenced=frozenset({"STY-025"}),
        softened={"AUD-020": Severity.WARNING},
    )


def test_a_file_in_a_folder_that_may_not_be_looked_into_is_not_taken_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", closed)
    assert find(None, {}) == Path("config.toml")
