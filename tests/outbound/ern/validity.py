"""Whether a message follows the schema of its version, by two validators."""

from __future__ import annotations

from functools import cache

import xmlschema
from lxml import etree

from ingest.host.data_files import data_dir


@cache
def _fast(schema: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(data_dir("schemas") / schema)))


@cache
def _second(schema: str) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(data_dir("schemas") / schema))


def assert_valid(data: bytes, schema: str, *, twice: bool = True) -> None:
    """Raise where lxml, and with `twice` xmlschema too, finds a fault."""
    root = etree.fromstring(data)
    _fast(schema).assertValid(root)
    if twice:
        _second(schema).validate(etree.ElementTree(root))
