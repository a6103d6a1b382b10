"""From a file to a Message: parse, recognise, normalise, validate, read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ingest.core.defaults import MESSAGE_MAX_BYTES
from ingest.core.message import Message, MessageProblem, UnreadableMessage
from ingest.core.text import Text
from ingest.readers.ern.crowd import crowd_of
from ingest.readers.ern.deals import read_deals
from ingest.readers.ern.dialect import Canonical, normalise
from ingest.readers.ern.document import Element, load
from ingest.readers.ern.misspelt import correct, misspelt
from ingest.readers.ern.order import choose_main, order_tracks
from ingest.readers.ern.parties import read_header, read_isnis
from ingest.readers.ern.references import read_references
from ingest.readers.ern.releases import read_releases
from ingest.readers.ern.resources import read_images, read_others, read_recordings
from ingest.readers.ern.schema import validate
from ingest.readers.ern.values import Node, Overfull, Source, attribute, flag
from ingest.readers.ern.versions import Refusal, RootName, judge_root
from ingest.readers.ern.xml_file import XmlFile, read_xml
from ingest.readers.sealed import open_sealed


def read_message(
    path: Path, name: str, *, max_bytes: int = MESSAGE_MAX_BYTES, schema: Path | None = None
) -> Message | UnreadableMessage:
    """Read the message in `path`, called `name` in the package, as `message_of` does. Raises OSError too."""
    with open_sealed(path, name) as file:
        xml = read_xml(file, name, max_bytes)
    return message_of(xml, schema)


def message_of(file: XmlFile, schema: Path | None = None) -> Message | UnreadableMessage:
    """The message of a file that was read; `schema` is an XSD to use in place of ours.

    Where names of needed elements are misspelt, or values are written in a form that has one valid reading, the same
    bytes are parsed once more with what was meant. No content of the file raises; an unusable `schema`
    (lxml.etree.LxmlError) does.
    """
    return read_with_tree(file, schema)[0]


def read_with_tree(file: XmlFile, schema: Path | None = None) -> tuple[Message | UnreadableMessage, Element | None]:
    """As `message_of`, and the canonical tree as it was mended: valid where every departure has one valid reading."""
    try:
        return _message_of(file, schema)
    except Overfull:
        return overfull(file.name), None


def overfull(name: str) -> UnreadableMessage:
    """What is said of a message that says more than is kept of any."""
    return UnreadableMessage(name, MessageProblem.TOO_LARGE, found="it says more than any release needs")


def _message_of(file: XmlFile, schema: Path | None) -> tuple[Message | UnreadableMessage, Element | None]:
    name, document = file.name, load(file)
    if isinstance(document, UnreadableMessage):
        return document, None
    line = document.lines.of(document.root)
    root_name = judge_root(document.root.tag)
    if isinstance(root_name, Refusal):
        return UnreadableMessage(name, root_name.problem, line, root_name.found), None
    tree = normalise(document, root_name)
    message = _read(tree, name, root_name, schema)
    if crowd := crowd_of(message):
        return UnreadableMessage(name, MessageProblem.TOO_LARGE, found=crowd), None
    slips = misspelt(message.schema_faults)
    if not slips:
        return message, tree.root
    again = load(file)  # the first tree was mended
    if isinstance(again, UnreadableMessage):
        return again, None
    correct(again, slips)
    tree = normalise(again, root_name)
    message = _read(tree, name, root_name, schema)
    faults = sorted(dict.fromkeys((*slips, *message.schema_faults)), key=lambda one: one.line)
    return replace(message, schema_faults=tuple(faults)), tree.root


def _read(tree: Canonical, name: str, root_name: RootName, schema: Path | None) -> Message:
    source, root = Source(tree), Node(tree.root)
    recordings = read_recordings(source, root)
    releases = read_releases(source, root)
    main = choose_main(releases)
    version_id = attribute(tree.root, "MessageSchemaVersionId")
    return Message(
        file=name,
        root=root_name.name,
        dialect=tree.dialect,
        version=root_name.version,
        schema_version_id=None if version_id is None else Text(version_id, source.line(tree.root)),
        language=attribute(tree.root, "LanguageAndScriptCode"),
        header=read_header(source, root),
        recordings=recordings,
        images=read_images(source, root),
        others=read_others(source, root),
        releases=releases,
        deals=read_deals(source, root),
        references=read_references(source, root),
        main=main,
        tracks=order_tracks(None if main is None else releases[main], recordings),
        has_deal_list=root.first("DealList") is not None,
        rewrites=tuple(tree.rewrites),
        release_profile=attribute(tree.root, "ReleaseProfileVersionId"),
        isnis=read_isnis(source, tree.root),
        is_backfill=_is_backfill(source, root),
        schema_faults=validate(tree, schema),  # last: it mends the tree
    )


def _is_backfill(source: Source, root: Node) -> bool:
    said = source.child(root, "IsBackfill")
    return said is not None and flag(said.value) is True
