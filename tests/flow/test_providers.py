"""DSPs by the names that integrators give them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.config import Config, Dsp
from ingest.flow.errors import NotFound
from ingest.flow.providers import Providers

CONFIG = Config(
    dsp={
        "apple-music": Dsp(path=Path("/a"), title="Apple Music", aliases=("iTunes",)),
        "stream": Dsp(path=Path("/s"), title="Stream!"),
    }
)
KNOWN = Providers(CONFIG)


@pytest.mark.parametrize("name", ["apple_music", "Apple Music", "APPLE-MUSIC", "itunes", "i tunes"])
def test_a_dsp_is_known_by_each_of_its_names_in_any_spelling(name: str) -> None:
    assert KNOWN.find(name) == "apple-music"


def test_unknown_names_are_left_out_or_refused() -> None:
    assert KNOWN.known(["Spotify", "iTunes", "Apple Music", "stream", ""]) == ("apple-music", "stream")
    assert KNOWN.all(["stream", "Stream"]) == ("stream",)
    with pytest.raises(NotFound) as told:
        KNOWN.all(["stream", "Spotify", "!"])
    assert told.value.values["unknown"] == ("Spotify", "!")


def test_a_provider_is_shown_as_a_slug() -> None:
    assert [(KNOWN.slug(name), dsp.title) for name, dsp in KNOWN.items()] == [
        ("apple_music", "Apple Music"),
        ("stream", "Stream!"),
    ]
