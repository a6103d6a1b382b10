"""PKG: packages whose folder is wrong."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from ingest.core.facts import UploadEnd, UploadFact
from tests.broken.change import Broken, add, both, edit, edit_all, ep, remove, rename, replace_audio, single, untouched
from tests.good import SHEETS, Good, jpeg, master
from tests.messages import guide_xml

_FILE: Final = "01_Sunrise.wav"


def _nest(folder: Path) -> None:
    inner = folder / "Release"
    inner.mkdir()
    for path in list(folder.iterdir()):
        if path != inner:
            path.rename(inner / path.name)


def _decompose(folder: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "01_Soleil_Levé.wav") for form in ("NFC", "NFD"))
    edit((_FILE, composed))(folder)
    rename(_FILE, decomposed)(folder)


def _rename_folder(name: str) -> Broken:
    return single(lambda folder: folder.rename(folder.parent / name))


def _same_file(folder: Path) -> None:
    edit(("02_Benue.wav", "01_Niger.wav"))(folder)
    remove("02_*")(folder)


def _zipped(folder: Path) -> None:
    """What a label does who zips the release and uploads the archive in a folder."""
    with ZipFile(folder / "release.zip", "w") as archive:
        for path in sorted(folder.iterdir()):
            if path.suffix != ".zip":
                archive.writestr(path.name, b"")
                path.unlink()


def _crowded(folder: Path) -> None:
    """Two thousand notes too many; the cover and the audio lie behind them."""
    (folder / "00").mkdir()
    for number in range(2001):
        (folder / "00" / f"{number:04}.txt").touch()


BROKEN: Final = {
    "PKG-001": single(remove("*.*")),
    "PKG-002": single(remove("metadata.xml")),
    "PKG-003": single(add("other.xml", guide_xml(SHEETS[Good.SINGLE]).encode())),
    "PKG-004": single(remove(_FILE)),
    "PKG-005": single(edit((_FILE, "01_Sunrise.WAV"))),
    "PKG-006": single(_decompose),
    "PKG-007": single(edit((_FILE, f"../{_FILE}"))),
    "PKG-008": Broken(Good.SINGLE, untouched, (UploadFact(_FILE, 1_000_000, UploadEnd.INTERRUPTED, holes=True),)),
    "PKG-009": single(replace_audio(lambda: b"")),
    "PKG-010": single(remove("artwork.jpg")),
    "PKG-011": ep(_same_file),
    "PKG-012": single(_zipped),
    "PKG-013": single(_crowded),
    "PKG-020": single(add("02_Bonus.wav", master("wav", seed=9))),
    "PKG-021": single(add("back.jpg", jpeg())),
    "PKG-022": single(add("notes.txt", b"Thanks!")),
    "PKG-023": single(add("02_Bonus.wav.filepart", b"RIFF")),
    "PKG-024": single(_nest),
    "PKG-025": ep(replace_audio(lambda: master("wav", seed=1), 2)),
    "PKG-026": single(both(edit((_FILE, "Sunrise.wav")), rename(_FILE, "Sunrise.wav"))),
    "PKG-027": single(rename("metadata.xml", "release.xml")),
    "PKG-028": single(rename("artwork.jpg", "cover.jpg")),
    "PKG-029": _rename_folder("sunrise"),
    "PKG-031": ep(edit_all(r">A1(</ReleaseResourceReference>.*?)>A2(</ReleaseResourceReference>)", r">A2\1>A1\2")),
    "PKG-030": _rename_folder("AyoLande_Sunrise_5034567890137_20260401"),
}

EQUALLY_GOOD: Final = {
    "a batch folder named by the barcode": single(lambda folder: folder.rename(folder.parent / "5034567890120")),
    "a second try with _v2": single(lambda folder: folder.rename(folder.with_name(folder.name + "_v2"))),
    "litter": single(add(".DS_Store", b"x")),
    "a completion marker": single(add("delivery.complete", b"")),
}
