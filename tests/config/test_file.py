"""Loading and finding the configuration file: the example, relative paths, the order of search, secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from ingest.config import Config, ConfigError, Dsp, find, load
from ingest.config.lines import lines_of
from ingest.core.dossier import Policy
from ingest.core.finding import Severity
from tests.config.loading import loaded, mistakes
from tests.good import RECEIVED

EXAMPLE = Path(__file__).parent.parent.parent / "config.example.toml"


def test_the_example_loads_and_is_the_default() -> None:
    assert load(EXAMPLE) == Config()


def test_an_empty_file_is_the_default(tmp_path: Path) -> None:
    assert loaded(tmp_path, "") == Config()


def all_keys(model: type[BaseModel]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for name, field in model.model_fields.items():
        inner: Any = field.annotation
        table = next(
            (one for one in (inner, *get_args(inner)) if isinstance(one, type) and issubclass(one, BaseModel)), None
        )
        if name == "dsp":
            found |= {(name, "example", *key) for key in all_keys(Dsp)}
        elif table is not None:
            found |= {(name, *key) for key in all_keys(table)}
        else:
            found.add((name,))
    return found


def test_the_example_names_every_key_and_what_it_leaves_out_loads_too(tmp_path: Path) -> None:
    whole = re.sub(r"^#(?=[\w\[-]+)", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    config = loaded(tmp_path, whole.replace("/etc/ingest/logo.png", str(tmp_path / "logo.png")))
    named = set(lines_of(whole))
    assert all_keys(Config) - named == {("dsp", "example", "path")}
    assert (config.dsp["archive"], config.dsp["example"].path) == (Dsp(path=Path("/srv/dsp/archive")), None)
    assert config.rules.severity == {"AUD-020": Severity.WARNING}


def test_every_table_of_the_example_begins_with_an_explanation() -> None:
    blocks = EXAMPLE.read_text("utf-8").split("\n[")[1:]
    for block in blocks:
        lines = block.splitlines()[1:]
        first = next(line for line in lines if line.strip())
        assert first.startswith("# "), f"the first key of [{block.split(']')[0]} is not explained"


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
    monkeypatch.setattr("ingest.config.file.SEARCH", ("config.toml", str(etc)))
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
