"""The technical details of a resource and the files that they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.core.resources import FileReference, HashSum, TechnicalDetails
from ingest.core.text import Text
from ingest.readers.ern.document import Element
from ingest.readers.ern.values import Node, Source, attribute, flag, hertz, hex_digest

FILE_ELEMENTS = ("FileName", "URI", "URL")


def read_technical_details(source: Source, scopes: Sequence[Node]) -> tuple[TechnicalDetails, ...]:
    """The details of every territory block, without those that repeat the same files."""
    found: list[TechnicalDetails] = []
    seen: set[tuple[tuple[str, str | None], ...]] = set()
    for node in _nodes(scopes):
        details = _details(source, node)
        key = tuple((file.name.value, file.path.value if file.path else None) for file in details.files)
        if key and key in seen:
            continue
        seen.add(key)
        found.append(details)
    return tuple(found)


def _nodes(scopes: Sequence[Node]) -> Iterator[Node]:
    for scope in scopes:
        for name in scope.named:
            if name.startswith("Technical") and name.endswith("Details"):
                yield from scope.nodes(name)


def _details(source: Source, node: Node) -> TechnicalDetails:
    preview = source.child(node, "IsPreview")
    is_preview = preview is not None and flag(preview.value) is True
    rate = node.first("SamplingRate")
    written_rate = source.text(rate)
    files = (read_file(source, file, is_preview) for file in node.nodes("File"))
    return TechnicalDetails(
        line=source.line(node.element),
        files=tuple(file for file in files if file is not None),
        codec=source.as_written(_codec(node)),
        container=source.child(node, "ContainerFormat"),
        sample_rate=written_rate,
        sample_rate_hz=None if rate is None else hertz(written_rate, attribute(rate, "UnitOfMeasure")),
        bits=source.child(node, "BitsPerSample"),
        channels=source.child(node, "NumberOfChannels"),
        width=source.child(node, "ImageWidth"),
        height=source.child(node, "ImageHeight"),
        is_preview=is_preview,
    )


def _codec(node: Node) -> Element | None:
    return next((node.first(name) for name in node.named if name.endswith("CodecType")), None)


def read_file(source: Source, file: Node, is_preview: bool) -> FileReference | None:
    """One File; None where it names nothing."""
    named = next((file.first(name) for name in file.named if name in FILE_ELEMENTS), None)
    written = source.text(named)
    if named is None or written is None:
        return None
    element = source.tree.written.get(named, named.tag)
    folder, name = _split(written) if element == "URL" else (source.child(file, "FilePath"), written)
    return FileReference(name, element, folder, read_hash_sum(source, file), is_preview)


def _split(url: Text) -> tuple[Text | None, Text]:
    """A URL as what stands before its last part, and that part."""
    folder, slash, name = url.value.rpartition("/")
    if not slash or not name:
        return None, url
    return Text(folder or "/", url.line), Text(name, url.line)


def read_hash_sum(source: Source, file: Node) -> HashSum | None:
    """The hash sum of a File, as written and as hex."""
    node = file.node("HashSum")
    if node is None:
        return None
    value = source.child(node, "HashSum") or source.text(node.element)
    if value is None or not value.value:
        return None
    algorithm = source.child(node, "HashSumAlgorithmType")
    return HashSum(value, algorithm, source.child(node, "HashSumDataType"), hex_digest(value.value))
