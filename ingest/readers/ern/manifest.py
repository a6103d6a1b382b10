"""The manifest of a batch: `BatchComplete_<BatchId>.xml`, a ManifestMessage of any of its versions.

Namespaces in use: `ern-c-sftp/16`, `ern-c/15`, `2011/echo/12`; only local names count. Its presence is a marker; what
it says matters in two points only: which releases are taken down, and whether the batch is a test. A manifest that
cannot be read (zero bytes are allowed) says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.core.dossier import ManifestEntry
from ingest.core.message import Message
from ingest.core.text import cut
from ingest.readers.ern.document import Document, Element, Lines, parse
from ingest.readers.ern.versions import split_tag
from ingest.readers.sealed import Opener, open_sealed

MAX_BYTES: Final = 5_000_000
MOST_LISTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One MessageInBatch: the identifiers and places by which it names its release."""

    line: int
    names: frozenset[str]
    delivery_type: str


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """What a manifest says; `file` is None where there is none that can be read."""

    file: str | None
    is_test: bool = False
    listed: tuple[Listed, ...] = ()

    def entry_for(self, folder: str, message: Message) -> ManifestEntry | None:
        """What the manifest says of the release in `folder` (its name in the batch)."""
        if self.file is None:
            return None
        release = message.main_release
        ids = (release.barcode, release.grid) if release is not None else ()
        wanted = {folder, *(text.value for text in ids if text is not None)}
        found = next((one for one in self.listed if one.names & wanted), Listed(1, frozenset(), ""))
        return ManifestEntry(self.file, found.line, found.delivery_type, self.is_test)


def read_manifest(batch: Path, opener: Opener = open_sealed) -> ManifestFile:
    """The manifest directly in the folder of a batch. Raises ChangedWhileRead only."""
    try:
        for name in sorted(path.name for path in batch.iterdir() if _may_be_manifest(path.name)):
            with opener(batch / name, name, None) as file:
                data = file.read(MAX_BYTES + 1)
            document = None if len(data) > MAX_BYTES else parse(data, name)
            if isinstance(document, Document) and _name(document.root) == "ManifestMessage":
                return _read(name, document.root, document.lines)
    except OSError:
        pass
    return ManifestFile(None)


def _may_be_manifest(name: str) -> bool:
    return name.lower().startswith(("batchcomplete", "batch_complete")) and name.lower().endswith(".xml")


def _read(name: str, root: Element, lines: Lines) -> ManifestFile:
    entries = [child for child in root.iterchildren("*") if _name(child) == "MessageInBatch"]
    flags = [_text(child) for child in root.iterchildren("*") if _name(child) == "IsTestFlag"]
    is_test = any(flag.casefold() in ("true", "1") for flag in flags)
    return ManifestFile(name, is_test, tuple(_listed(entry, lines) for entry in entries[:MOST_LISTED]))


def _listed(entry: Element, lines: Lines) -> Listed:
    names: set[str] = set()
    delivery_type = ""
    for child in entry.iterchildren("*"):
        if _name(child) == "DeliveryType":
            delivery_type = _text(child)
        elif _name(child) == "URL":
            names |= set(_text(child).replace("\\", "/").split("/")[:-1])
        elif _name(child) == "IncludedReleaseId":
            names |= {_text(each) for each in child.iterchildren("*")} | {_text(child)}
    return Listed(lines.of(entry), frozenset(names - {"", ".", ".."}), delivery_type)


def _name(element: Element) -> str:
    return split_tag(str(element.tag))[1]


def _text(element: Element) -> str:
    return cut((element.text or "").strip())
