"""Which message of which version a root element announces (reference: DDEX namespaces of ERN 3.2 to 4.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.core.message import MessageProblem

NAMESPACE = "http://ddex.net/xml/ern/382"
ROOTS = ("NewReleaseMessage", "PurgeReleaseMessage", "CatalogListMessage")
READ = ("NewReleaseMessage", "PurgeReleaseMessage")
NEIGHBOURS = ("371", "38", "381", "382", "383")
_DDEX = "http://ddex.net/xml/"
_ERN = re.compile(r"^http://ddex\.net/xml/(?:ern/|\d{4}/ern-main/)(\d)(\d*)(D\d+)?/?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RootName:
    """A root element: `version` is the number in the namespace (`382`), `382` where there is no namespace at all."""

    name: str
    namespace: str | None
    version: str


@dataclass(frozen=True, slots=True)
class Refusal:
    problem: MessageProblem
    found: str


def split_tag(tag: str) -> tuple[str | None, str]:
    """An lxml tag as namespace and local name."""
    namespace, _, name = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    return namespace or None, name


def judge_root(tag: str) -> RootName | Refusal:
    """What to read a document with this root as, or why not to."""
    namespace, name = split_tag(tag)
    if name not in ROOTS:
        is_ddex = namespace is not None and namespace.startswith(_DDEX)
        return Refusal(MessageProblem.OTHER_MESSAGE if is_ddex else MessageProblem.OTHER_XML, name)
    version = "382" if namespace is None else _number(namespace)
    if version not in NEIGHBOURS:
        return Refusal(MessageProblem.OTHER_VERSION, shown_version(namespace or ""))
    if name not in READ:
        return Refusal(MessageProblem.OTHER_MESSAGE, name)
    return RootName(name, namespace, version)


def _number(namespace: str) -> str:
    match = _ERN.match(namespace)
    return "".join(part or "" for part in match.groups()) if match else ""


def shown_version(namespace: str) -> str:
    """`http://ddex.net/xml/ern/43` as `4.3`, `.../37D2` as `3.7 D2`; an unknown namespace as it is, shortened."""
    match = _ERN.match(namespace)
    if match is None:
        return namespace[:120]
    major, minor, draft = match.groups()
    numbers = ".".join((major, *minor))
    return f"{numbers} {draft.upper()}" if draft else numbers
