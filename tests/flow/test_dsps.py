"""DSPs as people look at them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.flow.dsps import DspView, dsps, try_dsp
from ingest.flow.errors import NotFound
from tests.config.dsps import BATCH
from tests.config.loading import loaded


def test_each_is_shown_with_its_place_and_what_it_gets(tmp_path: Path) -> None:
    config = loaded(tmp_path, BATCH + '[dsp.alpha]\npath = "alpha"\n')
    assert dsps(config) == [
        DspView("alpha", "", str(tmp_path / "alpha"), "packages as received"),
        DspView("one", "", "sftp://us@sftp.example.com:22/", "ERN 3.8.2, batch"),
    ]


def test_one_that_is_not_configured_is_not_tried(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="dsp-unknown"):
        try_dsp(loaded(tmp_path, ""), "nowhere")


def test_one_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "alpha").mkdir()
    steps = try_dsp(loaded(tmp_path, '[dsp.alpha]\npath = "alpha"\n'), "alpha")
    assert [(step.what, step.failed) for step in steps] == [
        ("connect", False),
        ("write", False),
        ("list", False),
        ("remove", False),
        ("acknowledgements", False),
    ]
