"""The tables of DSPs: what a delivery needs, what cannot be written, and what is never shown."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ingest.cli.toml_text import toml_of
from ingest.config import Dsp, SftpTarget
from ingest.core.contract import Contract, DspNames
from tests.config.dsps import BATCH, HOST_KEY, SENDER
from tests.config.loading import loaded, mistakes


def changed(old: str, new: str) -> str:
    assert BATCH.count(old) == 1, old
    return BATCH.replace(old, new)


def test_a_directory_is_all_that_a_dsp_needs(tmp_path: Path) -> None:
    one = loaded(tmp_path, '[dsp.one]\npath = "x"\n').dsp["one"]
    assert one == Dsp(path=tmp_path / "x")
    assert (one.kind, one.layout, one.writes_messages) == ("directory", "as-received", False)


def test_a_dsp_by_sftp_has_safe_defaults(tmp_path: Path) -> None:
    one = loaded(tmp_path, BATCH).dsp["one"]
    assert one.writes_messages
    assert one.sftp == SftpTarget(
        host="sftp.example.com", user="us", key_file=tmp_path / "dsp_key", host_keys=(HOST_KEY,)
    )
    assert one.sftp.port == 22
    assert (one.marker, one.takedown, one.hash_algorithm, one.audio) == ("manifest", "no-deal", "MD5", "flac")
    assert (one.test_mode, one.acknowledgements.promised, one.acknowledgements.hours) == (False, False, 48)


def test_a_jump_host_has_its_own_login_and_key(tmp_path: Path) -> None:
    jump = f'[dsp.one.sftp.jump]\nhost = "jump"\nuser = "us"\npassword_file = "p"\nhost_keys = ["{HOST_KEY}"]\n'
    sftp = loaded(tmp_path, BATCH + jump).dsp["one"].sftp
    assert sftp is not None and sftp.jump is not None
    assert (sftp.jump.host, sftp.jump.password_file, sftp.jump.key_file) == ("jump", tmp_path / "p", None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[dsp.one]\n", ["1: dsp.one.path: this key must be set"]),
        ('[dsp.one]\nkind = "sftp"\n', ["1: dsp.one.sftp: this key must be set"]),
        (
            '[dsp.one]\npath = "x"\nlayout = "batch"\n',
            [f"1: dsp.one.{key}: this key must be set" for key in ("contract", "ern_version", "recipients")],
        ),
        (
            BATCH.replace(SENDER, ""),
            ["3: dsp.one.layout: our messages need [ddex] party_id, the sender's"],
        ),
        (
            BATCH.split("[dsp.one.sftp]")[0] + "sftp = {}\ncontract = {}\n",
            [
                "8: dsp.one.sftp.host: this key must be set",
                "8: dsp.one.sftp.host_keys: this key must be set",
                "8: dsp.one.sftp.key_file: there is nothing to log in with: set key_file or password_file",
                "8: dsp.one.sftp.user: this key must be set",
                "9: dsp.one.contract.models: this key must be set",
                "9: dsp.one.contract.uses: this key must be set",
            ],
        ),
    ],
)
def test_what_a_delivery_needs_must_be_set(tmp_path: Path, text: str, told: list[str]) -> None:
    assert [one.removeprefix("config.toml:") for one in mistakes(tmp_path, text)] == told


NO_EFFECT = "this has no effect with the layout as-received, which sends what the label sent"


@pytest.mark.parametrize(
    "line",
    [
        'ern_version = "3.8.2"',
        'recipients = { PADPIDA2013020802I = "YouTube" }',
        "priority_prefix = true",
        'marker = "empty"',
        'hash_algorithm = "SHA-256"',
        'audio = "as-received"',
        'takedown = "purge"',
        "test_mode = true",
        'contract = { models = ["SubscriptionModel"], uses = ["OnDemandStream"] }',
    ],
)
def test_a_package_as_received_is_not_changed(tmp_path: Path, line: str) -> None:
    (told,) = mistakes(tmp_path, f'[dsp.one]\npath = "x"\n{line}\n')
    assert told == f"config.toml:3: dsp.one.{line.split(' ')[0]}: {NO_EFFECT}"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"3.8.2"', '"4.2"', "6: dsp.one.ern_version: this must be '3.8.2', '3.8.3' or '4.3'; it is '4.2'"),
        (
            '"batch"',
            '"bulk"',
            "5: dsp.one.layout: this must be 'as-received', 'batch' or 'release-by-release'; it is 'bulk'",
        ),
        ('"3.8.2"', '"4.3"\nupdate_indicator = true', "7: dsp.one.update_indicator: ERN 4.3 has no UpdateIndicator"),
        (
            '"batch"',
            '"release-by-release"\nmarker = "empty"',
            "6: dsp.one.marker: the layout release-by-release has no marker: there the message is put last",
        ),
        (
            '"batch"',
            '"batch"\nmarker_text = "x"',
            "6: dsp.one.marker_text: marker is 'manifest'; a text is written with marker = 'text' only",
        ),
        (
            '"batch"',
            '"batch"\nmarker_name = "a/{batch_id}"',
            "6: dsp.one.marker_name: 'a/{batch_id}' is no file name;"
            " only {batch_id} may stand in it, for the id of the batch",
        ),
        (
            '"batch"',
            '"batch"\nmarker_name = "{batch}"',
            "6: dsp.one.marker_name: '{batch}' is no file name;"
            " only {batch_id} may stand in it, for the id of the batch",
        ),
        (
            '"batch"',
            '"batch"\nend_date_offset_days = -3',
            "6: dsp.one.end_date_offset_days: takedown is 'no-deal', which has no end date",
        ),
        (
            '"batch"',
            '"batch"\nend_date_offset_days = 0\ntakedown = "end-date"',
            "6: dsp.one.end_date_offset_days: this must be less than or equal to -1; it is 0",
        ),
        ('"batch"', '"batch"\npath = "x"', "6: dsp.one.path: kind is 'sftp'; this is for kind = 'directory'"),
        (
            "PADPIDA2013020802I",
            "PADPIDA2013020802J",
            "7: dsp.one.recipients.PADPIDA2013020802J: 'PADPIDA2013020802J' is no DDEX Party Id:"
            " it is PADPIDA, ten digits, and a check character",
        ),
        ('"YouTube"', '""', "7: dsp.one.recipients.PADPIDA2013020802I: this must not be empty"),
        (
            '"sftp.example.com"',
            '"x.com:22"',
            "9: dsp.one.sftp.host: 'x.com:22' is no host name or address; the port has a key of its own",
        ),
        ('"dsp_key"', '"dsp_key"\nport = 0', "12: dsp.one.sftp.port: this must be greater than or equal to 1; it is 0"),
        ('"dsp_key"', '"dsp_key"\nprot = 22', "12: dsp.one.sftp.prot: unknown key; did you mean 'port'?"),
        (
            '"dsp_key"',
            '"dsp_key"\nfolder = "../x"',
            "12: dsp.one.sftp.folder: '../x' is no folder at the DSP; it looks like 'acknowledgements'",
        ),
        (
            f'["{HOST_KEY}"]',
            "[]",
            "12: dsp.one.sftp.host_keys: this must hold at least one value",
        ),
        (
            f'["{HOST_KEY}"]',
            '["SHA256:abc"]',
            "12: dsp.one.sftp.host_keys.0: this is no host key;"
            " it looks like 'ssh-ed25519 AAAA...', as ssh-keyscan prints it",
        ),
        (
            f'["{HOST_KEY}"]',
            '["ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAAB"]',
            "12: dsp.one.sftp.host_keys.0: this is no host key;"
            " it looks like 'ssh-ed25519 AAAA...', as ssh-keyscan prints it",
        ),
        (
            '["OnDemandStream"]',
            '["OnDemandStreaming"]',
            "15: dsp.one.contract.uses.0: 'OnDemandStreaming' is no UseType of ERN 3.8.2, such as OnDemandStream or"
            " PermanentDownload",
        ),
        (
            '["OnDemandStream"]',
            '["UserDefined"]',
            "15: dsp.one.contract.uses.0: a value that the parties define themselves cannot be sent",
        ),
        ('["OnDemandStream"]', "[]", "15: dsp.one.contract.uses: this must hold at least one value"),
        (
            '["OnDemandStream"]',
            '["Stream"]\nterritories = ["UK"]',
            "16: dsp.one.contract.territories.0: 'UK' is no territory: write Worldwide,"
            " or ISO codes of two letters, such as GB",
        ),
        (
            '["OnDemandStream"]',
            '["Stream"]\nterritories = ["GB"]\nexcluded = ["US"]',
            "17: dsp.one.contract.excluded: territories is set too; name either those"
            " where the contract holds, or those where not",
        ),
    ],
)
def test_what_cannot_be_written_or_reached_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert mistakes(tmp_path, changed(old, new)) == [f"config.toml:{told}"]


def test_a_deal_of_ern_4_3_cannot_say_all_that_one_of_3_8_2_can(tmp_path: Path) -> None:
    text = BATCH.replace('"3.8.2"', '"4.3"').replace('"OnDemandStream"', '"OnDemandStream", "AsPerContract"')
    assert mistakes(tmp_path, text) == ["config.toml:13: dsp.one.contract: a deal of ERN 4.3 cannot say AsPerContract"]
    assert loaded(tmp_path, BATCH.replace('"3.8.2"', '"4.3"')).dsp["one"].ern_version == "4.3"


def test_every_dsp_without_a_sender_is_told_at_its_layout(tmp_path: Path) -> None:
    second = BATCH.replace(SENDER, "").replace("dsp.one", "dsp.two")
    told = mistakes(tmp_path, BATCH.replace(SENDER, "") + second)
    assert [one.split(": our")[0] for one in told] == [
        "config.toml:3: dsp.one.layout",
        "config.toml:16: dsp.two.layout",
    ]


def test_two_passwords_for_one_login_are_one_too_many_and_not_shown(tmp_path: Path) -> None:
    text = changed('key_file = "dsp_key"', 'password = "hunter2"\npassword_file = "p"')
    assert mistakes(tmp_path, text) == [
        "config.toml:12: dsp.one.sftp.password_file: password is set too; leave it out, the file is safer"
    ]


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    config = loaded(tmp_path, changed('key_file = "dsp_key"', 'password = "hunter2"'))
    assert "hunter2" not in repr(config) + str(config) + config.model_dump_json() + toml_of(config)
    (told,) = mistakes(tmp_path, changed('key_file = "dsp_key"', 'password = ["hunter2"]\nkey_file = "k"'))
    assert "hunter2" not in told


def test_what_is_shown_of_dsps_is_a_configuration_again(tmp_path: Path) -> None:
    config = loaded(tmp_path, BATCH + '[dsp.archive]\npath = "x"\n')
    assert tomllib.loads(toml_of(loaded(tmp_path, toml_of(config)))) == tomllib.loads(toml_of(config))


def test_a_contract_knows_the_names_of_its_dsp_and_of_all_others(tmp_path: Path) -> None:
    text = changed('"batch"', '"batch"\ntitle = "One Music"\naliases = ["Uno"]') + '[dsp.two]\npath = "x"\n'
    config = loaded(tmp_path, text + 'title = "Two"\n')
    one = DspNames(("PADPIDA2013020802I", "Uno"), ("one", "One Music", "Uno"))
    two = DspNames((), ("two", "Two"))
    assert config.contract("one") == Contract(one, ("SubscriptionModel",), ("OnDemandStream",), others=(two,))
    assert config.contract("two") == Contract(two, others=(one,))


def test_the_sender_has_the_operator_s_name_unless_it_has_its_own(tmp_path: Path) -> None:
    assert loaded(tmp_path, '[operator]\nname = "Inter"\n').sender_name == "Inter"
    assert loaded(tmp_path, '[operator]\nname = "Inter"\n[ddex]\nname = "Inter Ltd"\n').sender_name == "Inter Ltd"
