"""What the keeper has imported is all that its children need: an import of theirs would be made anew for every file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import mutagen
import pytest

from tests.good import Good, jpeg, master, picture, saved, write_good

SECONDS = 70
"""Long enough for every measurement, the spectrum's minute among them."""

READ = """
import json, sys
import ingest.readers.fork_server
from ingest.readers.reads import READS
imported = set(sys.modules)
READS[sys.argv[1]](json.loads(sys.argv[2]))
print(json.dumps(sorted(set(sys.modules) - imported)))
"""


def imported_by(read: str, path: Path, **request: object) -> list[str]:
    """Modules that a new process, which has imported what the keeper imports, imports while it reads one file."""
    asked = json.dumps({"path": str(path), "name": path.name, **request})
    told = subprocess.run([sys.executable, "-c", READ, read, asked], check=True, capture_output=True, text=True).stdout
    return list(json.loads(told))


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_good(tmp_path_factory.mktemp("album"), Good.GUIDE)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["wav", "aiff", "flac"])
def test_a_child_that_measures_audio_imports_nothing(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"track.{suffix}"
    path.write_bytes(master(suffix, SECONDS))
    tagged = mutagen.File(path)
    if tagged.tags is None:
        tagged.add_tags()
    tagged.save()
    request = {"silence_level": -60.0, "max_duration": 43_200.0}
    assert imported_by("audio", path, **request) == []
    assert imported_by("picture", path, title="A title", frames=SECONDS * 44100) == []


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF"])
def test_a_child_that_looks_at_a_picture_imports_nothing(format: str, tmp_path: Path) -> None:
    path = tmp_path / "cover"
    path.write_bytes(jpeg() if format == "JPEG" else saved(picture(1500, 1500), format))
    assert imported_by("artwork", path, max_pixels=144_000_000) == []
    if format != "GIF":
        assert imported_by("thumbnail", path, max_pixels=144_000_000) == []


def test_a_child_that_reads_a_message_imports_nothing(album: Path) -> None:
    assert imported_by("folder", album, max_bytes=20_000_000, schema=None, batch=None) == []
    assert imported_by("readiness", album, max_bytes=20_000_000) == []
    assert imported_by("hash", album / "metadata.xml") == []
