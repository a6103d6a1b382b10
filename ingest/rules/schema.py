"""XML: departures from the content model of ERN 3.8.2, in the label's language.

Warnings: the guide's own fields have rules of their own (ERN), which are errors and cover the schema fault beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity, fault
from ingest.core.message import Message
from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.rules.rule import Family
from ingest.rules.subjects import placed
from ingest.rules.units import listed

SOURCE: Final = "ERN 3.8.2, content model"
WARNING: Final = Severity.WARNING


@dataclass(frozen=True, slots=True)
class Departure:
    message: Message
    schema: SchemaFault

    def fault(self, expected: str | None = None, **values: object) -> Fault:
        """`concerns` names the elements that a rule of the guide may explain better."""
        schema = self.schema
        is_extra = schema.problem is SchemaProblem.UNEXPECTED_ELEMENT or schema.attribute is not None
        concerned = frozenset() if is_extra else {schema.element, *_names(schema)}
        return placed(
            self.message.file,
            line=schema.line or None,
            found=schema.found,
            expected=expected,
            values={
                "concerns": frozenset(concerned),
                "element": schema.element,
                "parent": f" in <{schema.parent}>" if schema.parent else "",
                "attribute": schema.attribute or "",
                "hint": f' Did you mean "{schema.nearest}"?' if schema.nearest else "",
                **values,
            },
        )


def _departures(dossier: Dossier) -> Iterator[Departure]:
    message = dossier.message
    if message is not None:
        for schema in message.schema_faults:
            yield Departure(message, schema)


departures = Family[Departure]("XML", "The DDEX message", _departures, source=SOURCE, ddex=FileStatus.MESSAGE_INVALID)


@departures.rule(
    "XML-010",
    WARNING,
    text="{place}: <{element}> may not stand{parent}.{hint}",
    fix="Remove <{element}> here, or correct its name.{elsewhere}",
)
def unknown_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Stores' programs read the elements that the standard knows and drop the others."""
    schema = departure.schema
    if schema.problem is SchemaProblem.UNEXPECTED_ELEMENT and not _is_misplaced(schema) and not schema.repeated:
        holders = _either([f"<{name}>" for name in schema.belongs_in])
        elsewhere = f" Its place is in {holders}." if holders else ""
        yield departure.fault(_either([f"<{name}>" for name in schema.expected]) or None, elsewhere=elsewhere)


@departures.rule(
    "XML-011",
    WARNING,
    text="{place}: {expected} is missing{parent}.",
    fix="Add {expected}{parent}.",
)
def missing_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Without an element that the standard demands, stores may refuse the message."""
    schema = departure.schema
    if schema.problem is SchemaProblem.MISSING_ELEMENT:
        names = schema.expected or (schema.element,)
        yield departure.fault(_either([f"<{name}>" for name in names]))


@departures.rule(
    "XML-012",
    WARNING,
    text="{place}: <{element}> lacks its attribute {attribute}.",
    fix='Write <{element} {attribute}="…">.',
)
def missing_attribute(departure: Departure, _: Policy) -> Iterator[Fault]:
    """A value without its attribute can mean several things."""
    if departure.schema.problem is SchemaProblem.MISSING_ATTRIBUTE:
        yield departure.fault(departure.schema.attribute)


@departures.rule(
    "XML-013",
    WARNING,
    text="{place}: <{element}> has an attribute that it may not have: {attribute}.{hint}",
    fix="Remove the attribute {attribute}.",
)
def unexpected_attribute(departure: Departure, _: Policy) -> Iterator[Fault]:
    """What the standard does not know, stores do not read."""
    if departure.schema.problem is SchemaProblem.UNEXPECTED_ATTRIBUTE:
        yield departure.fault()


@departures.rule(
    "XML-014",
    WARNING,
    text='{place}: "{found}" is no value that {where} may have{values}.{hint}',
    fix="Write one of the allowed values, with the same capitals.",
)
def value_not_allowed(departure: Departure, _: Policy) -> Iterator[Fault]:
    """For some elements the standard lists all values; others mean nothing to a store."""
    if departure.schema.problem is SchemaProblem.VALUE_NOT_ALLOWED:
        allowed = list(departure.schema.expected)
        values = f"; allowed are, for example, {listed(allowed)}" if allowed else ""
        element, attribute = departure.schema.element, departure.schema.attribute
        where = f"<{element}>" if attribute is None else f"{attribute} of <{element}>"
        yield departure.fault(departure.schema.nearest or listed(allowed) or None, values=values, where=where)


@departures.rule(
    "XML-015",
    WARNING,
    text='{place}: "{found}" in {where} is not written as it must be{example}.',
    fix="Write the value{example} into {where}.",
)
def value_form(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Dates, durations and numbers have one way to be written, so that every program reads them alike."""
    schema = departure.schema
    if schema.problem is SchemaProblem.VALUE_FORM:
        where = f"<{schema.element}>" if schema.attribute is None else f"{schema.attribute} of <{schema.element}>"
        example = f", as {schema.expected[0]}" if schema.expected else ""
        yield departure.fault(_either(list(schema.expected)) or None, where=where, example=example)


@departures.rule(
    "XML-016",
    WARNING,
    text="{place}: <{element}>{parent} does not follow ERN 3.8.2.",
    fix="Compare this place with the example in the delivery guide, or export the release again as DDEX ERN 3.8.2.",
)
def other_departure(departure: Departure, _: Policy) -> Iterator[Fault]:
    """A message that follows the standard is read alike by every store."""
    if departure.schema.problem is SchemaProblem.OTHER:
        yield departure.fault()


@departures.rule(
    "XML-017",
    WARNING,
    text="{place}: <{element}> stands in the wrong place{parent}. It belongs {expected}.",
    fix="Move <{element}> {expected}. ERN fixes the order of all elements.",
)
def misplaced_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Programs that read elements in the order of the standard miss those that come too early or too late."""
    schema = departure.schema
    if schema.problem is SchemaProblem.UNEXPECTED_ELEMENT and _is_misplaced(schema):
        sides = (("after", schema.after), ("before", schema.before))
        yield departure.fault(" and ".join(f"{side} <{name}>" for side, name in sides if name))


@departures.rule(
    "XML-018",
    WARNING,
    text="{place}: <{element}> stands more than once{parent}. Once is allowed.",
    fix="Remove the <{element}> that does not hold.",
)
def repeated_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Of two values for one thing a store takes either."""
    schema = departure.schema
    if schema.problem is SchemaProblem.UNEXPECTED_ELEMENT and schema.repeated and not _is_misplaced(schema):
        yield departure.fault("once")


def _names(schema: SchemaFault) -> tuple[str, ...]:
    """The alternatives to a missing element; elsewhere `expected` holds values."""
    return schema.expected if schema.problem is SchemaProblem.MISSING_ELEMENT else ()


def _is_misplaced(schema: SchemaFault) -> bool:
    return schema.before is not None or schema.after is not None


def _either(names: list[str], limit: int = 6) -> str:
    if len(names) > limit:
        return f"{', '.join(names[:limit])} or another"
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)


def _messages(dossier: Dossier) -> Iterator[Message]:
    if dossier.message is not None:
        yield dossier.message


versions = Family[Message]("XML", "The DDEX message", _messages, source=SOURCE, ddex=FileStatus.MESSAGE_INVALID)


@versions.rule(
    "XML-019",
    Severity.INFO,
    text="{place}: the message is {found}. We read it as {expected}.",
    fix="Choose ERN 3.8.2 as the export format next time. Nothing needs to be done now.",
    source="Guide, File checklist",
)
def neighbouring_version(message: Message, _: Policy) -> Iterator[Fault]:
    """The versions next to 3.8.2 differ little from it."""
    if message.version not in ("382", ""):
        yield fault(message.file, line=1, found=f"ERN {dotted(message.version)}", expected="ERN 3.8.2")


@versions.rule(
    "XML-020",
    Severity.INFO,
    text="{place}: the message has no namespace. We read it as ERN 3.8.2.",
    fix='Write xmlns="{expected}" into the first element next time. Nothing needs to be done now.',
)
def no_namespace(message: Message, _: Policy) -> Iterator[Fault]:
    """The namespace tells a program which version of the standard it reads."""
    if not message.version or any(rewrite.read_as == NAMESPACE for rewrite in message.rewrites):
        yield fault(message.file, line=1, found="no namespace", expected=NAMESPACE)


NAMESPACE: Final = "http://ddex.net/xml/ern/382"


def dotted(version: str) -> str:
    """`381` -> `3.8.1`; `37D2` -> `3.7D2`."""
    return ".".join(version) if version.isdigit() else f"{version[:1]}.{version[1:]}"
