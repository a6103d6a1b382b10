"""Elements of a message under construction: texts that XML can hold, no empty elements, durations, sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Final

from lxml import etree

from ingest.host.data_files import data_dir

Element = etree._Element

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no character of XML 1.0 (production 2)."""
_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
USER_DEFINED: Final = "UserDefined"


def node(parent: Element, name: str, attributes: Mapping[str, str | None] | None = None) -> Element:
    """A new last child; attributes that are None are left out."""
    said = {key: clean(value) for key, value in (attributes or {}).items() if value is not None}
    return etree.SubElement(parent, name, said)


def leaf(
    parent: Element, name: str, text: str | float | None, attributes: Mapping[str, str | None] | None = None
) -> None:
    """A new last child that holds a text; nothing where there is no text."""
    written = "" if text is None else clean(str(text)).strip()
    if written:
        node(parent, name, attributes).text = written


def term(parent: Element, name: str, value: str, allowed_values: frozenset[str], namespace: str) -> None:
    """An element with one of the allowed values; any other value is user-defined in our namespace."""
    if value in allowed_values:
        leaf(parent, name, value)
    else:
        leaf(parent, name, USER_DEFINED, {"Namespace": namespace, "UserDefinedValue": value})


def clean(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


def flag(value: bool) -> str:
    """An xs:boolean."""
    return "true" if value else "false"


def duration(seconds: float) -> str:
    """An xs:duration in hours, minutes and seconds, to the millisecond."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    left = f"{Decimal(rest) / 1000:f}".rstrip("0").rstrip(".") if rest % 1000 else str(rest // 1000)
    return f"PT{hours}H{minutes}M{left}S" if hours else f"PT{minutes}M{left}S"


def moment(when: datetime) -> str:
    """An xs:dateTime with its zone, to the millisecond. Raises ValueError without a zone."""
    if when.tzinfo is None:
        raise ValueError("a date-time of a message needs a zone")
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@cache
def allowed(schema: str, name: str) -> frozenset[str]:
    """The values of a list in one of our schemas of allowed values. Raises KeyError for a list that it has not."""
    root = etree.parse(str(data_dir("schemas") / schema)).getroot()
    found = {one.get("name"): one for one in root.iterchildren(f"{_XS}simpleType")}
    return _values(found, name)


def _values(found: Mapping[str | None, Element], name: str) -> frozenset[str]:
    kind = found[name]
    members = (union.get("memberTypes", "").split() for union in kind.iter(f"{_XS}union"))
    own = {str(one.get("value")) for one in kind.iter(f"{_XS}enumeration")}
    return frozenset(own.union(*(_values(found, part.rpartition(":")[2]) for parts in members for part in parts)))
