"""The technical details of a resource and the files that they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.core.resources import FileReference, HashSum, TechnicalDetails
from ingest.core.text import Text
from ingest.readers.ern.document import Element
from ingest.readers.ern.values import Source, attribute, descend, every, flag, hertz, hex_digest

FILE_ELEMENTS = ("FileName", "URI", "URL")


def read_technical_details(source: Source, scopes: Sequence[Element]) -> tuple[TechnicalDetails, ...]:
    """The details of every territory block, without those that repeat the same files."""
    found: list[TechnicalDetails] = []
    seen: set[tuple[tuple[str, str | None], ...]] = set()
    for element in _elements(scopes):
        details = _details(source, element)
        key = tuple((file.name.value, file.path.value if file.path else None) for file in details.files)
        if key and key in seen:
            continue
        seen.add(key)
        found.append(details)
    return tuple(found)


def _elements(scopes: Sequence[Element]) -> Iterator[Element]:
    for scope in scopes:
        for child in scope.iterchildren("*"):
            if child.tag.startswith("Technical") and child.tag.endswith("Details"):
                yield child


def _details(source: Source, element: Element) -> TechnicalDetails:
    is_preview = flag(getattr(source.child(element, "IsPreview"), "value", None)) is True
    rate = descend(element, "SamplingRate")
    written_rate = source.text(rate)
    files = (read_file(source, file, is_preview) for file in every(element, "File"))
    return TechnicalDetails(
        line=source.line(element),
        files=tuple(file for file in files if file is not None),
        codec=source.as_written(_codec(element)),
        container=source.child(element, "ContainerFormat"),
        sample_rate=written_rate,
        sample_rate_hz=None if rate is None else hertz(written_rate, attribute(rate, "UnitOfMeasure")),
        bits=source.child(element, "BitsPerSample"),
        channels=source.child(element, "NumberOfChannels"),
        width=source.child(element, "ImageWidth"),
        height=source.child(element, "ImageHeight"),
        is_preview=is_preview,
    )


def _codec(element: Element) -> Element | None:
    return next((child for child in element.iterchildren("*") if child.tag.endswith("CodecType")), None)


def read_file(source: Source, file: Element, is_preview: bool) -> FileReference | None:
    """One File; None where it names nothing."""
    named = next((child for child in file.iterchildren("*") if child.tag in FILE_ELEMENTS), None)
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


def read_hash_sum(source: Source, file: Element) -> HashSum | None:
    """The hash sum of a File, as written and as hex."""
    element = descend(file, "HashSum")
    if element is None:
        return None
    value = source.child(element, "HashSum") or source.text(element)
    if value is None or not value.value:
        return None
    algorithm = source.child(element, "HashSumAlgorithmType")
    return HashSum(value, algorithm, source.child(element, "HashSumDataType"), hex_digest(value.value))
