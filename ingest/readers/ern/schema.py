"""The verdict of the schema on a canonical tree, as faults with the label's own lines."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from lxml import etree

from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.host.data_files import data_dir
from ingest.readers.ern.content_model import read_content_model
from ingest.readers.ern.departure import Departure
from ingest.readers.ern.dialect import Canonical, number_owners
from ingest.readers.ern.explain import explain

MAX_FAULTS = 200
MAX_ROUNDS = 12
_ONE_AT_A_TIME = Lock()  # the log of remarks belongs to the compiled schema


def own_schema() -> Path:
    """The schema of ERN 3.8.2 that comes with this program."""
    return data_dir("schemas") / "ern382.xsd"


@lru_cache(maxsize=4)
def _compiled(schema: Path) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(schema))


def check_schema(schema: Path) -> None:
    """Raises OSError or lxml.etree.LxmlError for a schema that cannot be used, or that has no NewReleaseMessage."""
    _compiled(schema)
    if "NewReleaseMessage" not in read_content_model(schema).elements:
        raise etree.XMLSchemaParseError("it has no element NewReleaseMessage")


def validate(tree: Canonical, schema: Path | None = None) -> tuple[SchemaFault, ...]:
    """Every departure from the schema, one a cause, by line; at most about 200.

    Where all of them have one valid reading the tree is valid afterwards; a last fault, of the root, says if it is not.
    The tree is mended on the way, so read it before. Raises OSError or lxml.etree.LxmlError for a schema that cannot
    be used, which is the operator's matter.
    """
    chosen = schema or own_schema()
    faults: dict[SchemaFault, None] = {}
    before: list[Departure] = []
    for _ in range(MAX_ROUNDS):
        remarks = _remarks(tree, chosen)
        if not remarks or remarks == before:
            break
        if not before:
            number_owners(tree)
        before = remarks
        faults.update(dict.fromkeys(_explained(remarks, tree, chosen)))
        if max(len(faults), len(remarks)) >= MAX_FAULTS:
            break
    if before and all(fault.is_mended for fault in faults) and _remarks(tree, chosen):
        faults[SchemaFault(tree.lines.of(tree.root), SchemaProblem.OTHER, str(tree.root.tag).rpartition("}")[2])] = None
    return tuple(sorted(faults, key=lambda fault: fault.line))


def _explained(remarks: list[Departure], tree: Canonical, schema: Path) -> Iterator[SchemaFault]:
    """Last remark first, so that mending one place does not shift the paths of the others."""
    if remarks:
        model = read_content_model(schema)
        for remark in reversed(remarks):
            yield from explain(remark, tree, model)


def _remarks(tree: Canonical, schema: Path) -> list[Departure]:
    """What the validator notices, without its second remarks on the same thing."""
    with _ONE_AT_A_TIME:
        compiled = _compiled(schema)
        if compiled.validate(tree.root):
            return []
        return list(_first_remarks(compiled))


def _first_remarks(compiled: etree.XMLSchema) -> Iterator[Departure]:
    log: Any = compiled.error_log
    seen: set[tuple[str, str, str]] = set()
    for entry in log:
        remark = Departure(entry.type_name, entry.path or "", entry.line, entry.message)
        key = (remark.path, remark.attribute or "", "value" if remark.is_value else remark.kind)
        if key in seen:
            continue
        seen.add(key)
        yield remark
        if len(seen) >= MAX_FAULTS:
            return
