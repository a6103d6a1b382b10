"""The versions of ERN that are written, each with its writer and its schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

from lxml import etree

from ingest.host.data_files import data_dir
from ingest.outbound.ern.outgoing import Outgoing
from ingest.outbound.ern.v43 import message as message_43
from ingest.outbound.ern.v382 import message as message_382

AS_382: Final = (b"http://ddex.net/xml/ern/383", b"http://ddex.net/xml/ern/382")


class NotValid(Exception):
    """A message that we wrote does not follow its schema: an error of ours. The text says where."""


@dataclass(frozen=True, slots=True)
class _Version:
    message: Callable[[Outgoing], bytes]
    purge: Callable[[Outgoing], bytes]
    schema: str


_VERSIONS: Final[Mapping[str, _Version]] = {
    "3.8.2": _Version(message_382.write_message, message_382.write_purge, "ern382.xsd"),
    "3.8.3": _Version(
        partial(message_382.write_message, version="383"),
        partial(message_382.write_purge, version="383"),
        "ern382.xsd",
    ),
    "4.3": _Version(message_43.write_message, message_43.write_purge, "ern43.xsd"),
}


def write(version: str, outgoing: Outgoing, *, is_purge: bool = False) -> bytes:
    """The message in that version, valid by its schema. Raises NotValid, or KeyError for a version without a writer.

    3.8.3 is held to the schema of 3.8.2: only what both have is written.
    """
    one = _VERSIONS[version]
    data = one.purge(outgoing) if is_purge else one.message(outgoing)
    schema = _schema(one.schema)
    if not schema.validate(etree.fromstring(data.replace(*AS_382))):
        log: Any = schema.error_log
        raise NotValid(f"line {log[0].line}: {log[0].message}")
    return data


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(data_dir("schemas") / name)))
