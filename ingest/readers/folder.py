"""The release folder as a list of files, each with its kind by name (no file is read here)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from io import FileIO
from pathlib import Path, PurePosixPath
from typing import Final

from ingest.core.dossier import Folder
from ingest.core.facts import FileEntry, FileKind
from ingest.readers.sealed import Stamp, open_changing, stamp_of

AUDIO_SUFFIXES: Final = frozenset(
    """
    .wav .wave .bwf .rf64 .w64 .flac .aif .aiff .aifc .mp3 .m4a .mp4 .aac .ogg .oga .opus .wma .wv .ape .alac .caf
    .dsf .dff .ac3
    """.split()  # noqa: SIM905
)
IMAGE_SUFFIXES: Final = frozenset(
    ".jpg .jpeg .jpe .jfif .png .gif .webp .tif .tiff .bmp .heic .heif .avif"  # noqa: SIM905
    " .psd .psb .jxl .jp2 .jpx .j2k .svg .tga .ico .ai .eps".split()
)
LITTER: Final = frozenset({".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "__macosx", ".directory"})
ANSWERS: Final = frozenset({"acknowledgements"})
"""Folders of ours that senders copy back by mistake."""
MAX_FILES: Final = 2000
MAX_DEPTH: Final = 8

_TEMPORARY: Final = re.compile(
    r"(\.(filepart|part|partial|tmp|temp|crdownload|download|inprogress)$|^\.in\.|\.octransferid\d+)", re.IGNORECASE
)
_BATCH: Final = re.compile(r"([NPM]_|batch[_-]?)?[0-9]{17}", re.IGNORECASE)
_MARKER: Final = re.compile(r"^(batchcomplete.*|batch_complete.*|.+\.complete|delivery[._]complete)$", re.IGNORECASE)


def kind_of(path: str) -> FileKind:
    """The kind of a file by its path inside the release folder."""
    parts = path.lower().split("/")
    name = parts[-1]
    if any(part in LITTER for part in parts) or name.startswith("._"):
        return FileKind.LITTER
    if _TEMPORARY.search(name):
        return FileKind.TEMPORARY
    if name.startswith("."):
        return FileKind.LITTER
    if _MARKER.match(name):
        return FileKind.MARKER
    suffix = PurePosixPath(name).suffix
    if suffix in AUDIO_SUFFIXES:
        return FileKind.AUDIO
    if suffix in IMAGE_SUFFIXES:
        return FileKind.IMAGE
    return FileKind.XML if suffix == ".xml" else FileKind.OTHER


def walk(root: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every regular file below `root` with its path relative to it, XML files first; links are not listed."""
    yield from _walk(root, "", 0)


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: (not entry.name.lower().endswith(".xml"), entry.name))
    for entry in listed:
        if entry.is_file(follow_symlinks=False):
            yield f"{prefix}{entry.name}", entry.stat(follow_symlinks=False)
    for entry in listed:
        if entry.is_dir(follow_symlinks=False) and depth < MAX_DEPTH:
            yield from _walk(Path(entry.path), f"{prefix}{entry.name}/", depth + 1)


def passed_over(root: Path) -> Iterator[tuple[str, str]]:
    """Below `root`, what is not read though it looks like a file: its path, and why. Labels cannot upload such."""
    for folder, folders, files in os.walk(root):
        for name in sorted(folders + files):
            path = Path(folder, name)
            shown = _in_utf8(str(path.relative_to(root)))
            if path.is_symlink():
                yield shown, "it is a link, and links are not uploaded"
            elif _in_utf8(name) != name:
                yield shown, "its name is not UTF-8, so no XML can name it"


def _in_utf8(name: str) -> str:
    """The name, with bytes that are not UTF-8 as `\\xe9`."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def list_folder(folder: Path, name: str, *, opens: bool = True) -> tuple[Path, Folder, dict[str, Stamp]]:
    """The folder that holds the release, what lies in it, and the stamp of each file by its path.

    It is `folder` itself, or its only child that has an XML. No XML file directly in it is opened: whether it has gaps
    is told by whoever reads it. Where nothing at all is to be opened (`opens`), no file is said to have gaps.
    """
    root, nested = folder, None
    if not has_xml(folder) and (child := _only_child_with_xml(folder)) is not None:
        root, nested = child, child.name
    entries: list[FileEntry] = []
    stamps: dict[str, Stamp] = {}
    for path, stat in walk(root):
        if len(entries) == MAX_FILES:
            return root, Folder(name=name, nested=nested, entries=tuple(entries), is_cut=True), stamps
        entries.append(_entry(root, path, stat.st_size, opens=opens))
        stamps[entries[-1].path] = stamp_of(stat)
    return root, Folder(name=name, nested=nested, entries=tuple(entries)), stamps


def releases_in(folder: Path) -> list[str]:
    """Where the releases of a folder lie: `""` for the folder itself, or its children where it is a batch.

    A batch has no message at its top, and one in several of its folders, or in one where a marker stands at its top or
    its name is that of a batch; every folder in it that is not empty counts.
    """
    if not folder.is_dir() or has_xml(folder):
        return [""]
    children = [child for child in children_of(folder) if _holds_files(child)]
    holding = [child for child in children if has_xml(child)]
    needed = 1 if is_batch_name(folder.name) or has_marker(folder) else 2
    return [child.name for child in children] if len(holding) >= needed else [""]


def has_marker(folder: Path) -> bool:
    """Whether a completion marker lies directly in the folder."""
    with os.scandir(folder) as entries:
        return any(kind_of(entry.name) is FileKind.MARKER for entry in entries if entry.is_file(follow_symlinks=False))


def is_batch_name(name: str) -> bool:
    """`20260323100000000`, `N_20260323100000000`, `Batch20260323100000000` (DDEX choreography): a marker follows."""
    return _BATCH.fullmatch(name) is not None


def _entry(root: Path, path: str, size: int, *, opens: bool) -> FileEntry:
    """A file whose name is not UTF-8 can be neither named in an XML nor delivered: it counts as litter."""
    if (shown := _in_utf8(path)) != path:
        return FileEntry(shown, size, FileKind.LITTER)
    kind = kind_of(path)
    is_read = kind is FileKind.XML and "/" not in path
    return FileEntry(path, size, kind, is_sparse=opens and not is_read and is_sparse(root / path))


def is_sparse(path: Path) -> bool:
    """As `has_gap`; False for what cannot be opened too."""
    try:
        with open_changing(path, path.name) as file:
            return has_gap(file)
    except OSError:
        return False


def has_gap(file: FileIO) -> bool:
    """Whether an open file has a stretch that was never written; False where the filesystem cannot tell."""
    try:
        size = file.seek(0, os.SEEK_END)
        return size > 0 and file.seek(0, os.SEEK_HOLE) < size
    except OSError:
        return False
    finally:
        file.seek(0)


def has_xml(folder: Path) -> bool:
    """Whether an XML file that may be a message lies directly in the folder."""
    with os.scandir(folder) as entries:
        return any(entry.is_file(follow_symlinks=False) and kind_of(entry.name) is FileKind.XML for entry in entries)


def _holds_files(folder: Path) -> bool:
    """Whether anything but litter lies in it."""
    return any(kind_of(path) is not FileKind.LITTER for path, _ in walk(folder))


def _only_child_with_xml(folder: Path) -> Path | None:
    holding = [child for child in children_of(folder) if has_xml(child)]
    return holding[0] if len(holding) == 1 else None


def children_of(folder: Path) -> list[Path]:
    """The folders in a folder, but for what operating systems leave behind."""
    with os.scandir(folder) as entries:
        found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    return sorted(child for child in found if kind_of(child.name) is not FileKind.LITTER and child.name not in ANSWERS)
