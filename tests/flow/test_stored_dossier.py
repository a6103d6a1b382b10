"""Stored dossiers: every format that was ever stored stays readable, and a change of the values is a new format."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy.dialects import sqlite

from ingest.core.dossier import Dossier
from ingest.flow.stored_dossier import FORMAT, UnknownFormat, from_stored, to_stored
from ingest.store.models.columns import Packed

SAMPLES = sorted((Path(__file__).parent / "dossiers").glob("format_*.json"))
"""Frozen: never made anew. `format_N_WHAT.json`, as version N stored it."""

SCHEMA = "3519877765d068e21eadfb4c1f6db841a500199f1919bd74305f6036a63d478e"
"""SHA-256 of the JSON schema of today's format. Where it differs a value changed: count FORMAT on, add the upgrade and
a sample, then put the new digest here."""


def sample(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_deal_says_whether_its_channels_were_read(path: Path) -> None:
    message = from_stored(sample(path)).message
    are_read = int(path.name.split("_")[1]) > 3
    assert message is not None
    assert {deal.are_channels_read for deal in message.deals} <= {are_read}


def test_there_are_samples_of_every_format() -> None:
    assert {int(path.name.split("_")[1]) for path in SAMPLES} == set(range(FORMAT + 1))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_dossier_of_any_format_is_read_whole(path: Path) -> None:
    stored = sample(path)
    again = to_stored(from_stored(stored))
    assert again.pop("format") == FORMAT
    stored.pop("format", None)
    assert holds(again, stored)


def holds(whole: Any, part: Any) -> bool:
    """Whether a value says all that an older one says; it may have fields that the older one had not."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and holds(whole[key], part[key]) for key in part)
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(holds, whole, part))
    return bool(whole == part)


def shape(node: Any, named: dict[str, Any]) -> Any:
    """A schema without names of classes, words, and the values of enumerations, which may be added to."""
    if isinstance(node, list):
        return [shape(each, named) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return shape(named[node["$ref"].rpartition("/")[2]], named)
    left_out = ("description", "title", "enum", "$defs")
    return {
        key: {name: shape(each, named) for name, each in value.items()} if key == "properties" else shape(value, named)
        for key, value in node.items()
        if key not in left_out
    }


def test_the_format_has_the_number_of_its_schema() -> None:
    schema = TypeAdapter(Dossier).json_schema()
    told = json.dumps(shape(schema, schema["$defs"]), sort_keys=True)
    assert hashlib.sha256(told.encode()).hexdigest() == SCHEMA


@pytest.mark.parametrize("number", [FORMAT + 1, -1, "1", None])
def test_a_format_of_another_version_is_refused_by_its_number(number: object) -> None:
    with pytest.raises(UnknownFormat, match="this version of ingest reads up to"):
        from_stored({**sample(SAMPLES[0]), "format": number})


PACKED = SAMPLES[0].with_name("packed_format_1_invalid.zlib")
"""Frozen, as the column `dossier_packed` keeps it."""


def test_a_packed_dossier_is_read_as_it_was_and_takes_a_third_of_the_room_at_most() -> None:
    whole = sample(PACKED.with_name("format_1_invalid.json"))
    column, dialect = Packed(), sqlite.dialect()
    assert column.process_result_value(PACKED.read_bytes(), dialect) == whole
    again = column.process_bind_param(whole, dialect)
    assert again is not None and len(again) < len(json.dumps(whole)) / 3
    assert column.process_result_value(again, dialect) == whole
    assert (column.process_bind_param(None, dialect), column.process_result_value(None, dialect)) == (None, None)
