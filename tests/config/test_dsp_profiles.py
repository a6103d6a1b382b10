"""The tables of docs/dsps.md: each is accepted once its placeholders are filled in, with and without its `#` keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from ingest.config import Config
from tests.config.dsps import HOST_KEY, SENDER
from tests.config.loading import loaded, mistakes

GUIDE: Final = (Path(__file__).parent.parent.parent / "docs" / "dsps.md").read_text("utf-8")
BLOCKS: Final = [block for block in re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL) if block.startswith("[dsp.")]
FILLED: Final = {
    "<host>": "sftp.example.com",
    "<user>": "interspace",
    "<host key>": HOST_KEY,
    "<their party id>": "PADPIDA2026020202I",
    "<model>": "SubscriptionModel",
    "<use>": "OnDemandStream",
}


def filled(block: str) -> str:
    for name, value in FILLED.items():
        block = block.replace(name, value)
    return block


def uncommented(block: str) -> str:
    return re.sub(r"^#(?=[\w\[])", "", block, flags=re.MULTILINE)


def table(block: str) -> str:
    return block.split("]")[0].removeprefix("[dsp.")


def test_the_guide_has_a_table_for_each_dsp_that_publishes_what_it_takes() -> None:
    assert list(map(table, BLOCKS)) == ["youtube", "spotify", "sourceaudio", "massivemusic", "audius", "meta"]


@pytest.mark.parametrize("block", BLOCKS, ids=table)
def test_a_table_is_accepted_once_filled_in(tmp_path: Path, block: str) -> None:
    plain = loaded(tmp_path, SENDER + filled(block)).dsp[table(block)]
    whole = loaded(tmp_path, SENDER + uncommented(filled(block))).dsp[table(block)]
    assert plain.writes_messages and whole.writes_messages
    assert (plain == whole) is not ("\n#" in re.sub(r"^# .*", "", block, flags=re.MULTILINE))


@pytest.mark.parametrize("block", BLOCKS, ids=table)
def test_a_table_that_is_not_filled_in_is_refused(tmp_path: Path, block: str) -> None:
    assert "<" in block
    assert all(": dsp." in one for one in mistakes(tmp_path, SENDER + block))


def test_all_tables_stand_in_one_file(tmp_path: Path) -> None:
    config: Config = loaded(tmp_path, SENDER + "".join(map(filled, BLOCKS)))
    assert len(config.dsp) == len(BLOCKS)
    assert config.contract("youtube").dsp.ids == ("PADPIDA2013020802I",)
    assert len(config.contract("youtube").others) == len(BLOCKS) - 1


def test_every_table_names_its_sources() -> None:
    sections = GUIDE.split("\n### ")[1:]
    assert len(sections) == len(BLOCKS)
    assert all(re.search(r"Sources?: \[[^\]]+\]\(https://", section) for section in sections)
