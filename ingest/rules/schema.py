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
from ingest.core.message import Message, SchemaFault, SchemaProblem
from ingest.rules.rule import Family
from ingest.rules.subjects import placed
from ingest.rules.units import listed

SOURCE: Final = "ERN 3.8.2, content model"
WARNING: Final = Severity.WARNING
FORMS: Final = {
    "Duration": "a duration as PT3M42S (3 minutes 42 seconds)",
    "StartDate": "a date as 2026-04-01",
    "EndDate": "a date as 2026-04-01",
    "MessageCreatedDateTime": "a date and time as 2026-03-23T10:00:00",
    "StartDateTime": "a date and time as 2026-04-01T00:00:00",
    "EndDateTime": "a date and time as 2026-04-01T00:00:00",
    "ResourceReference": "the letter A and a number, as A1",
    "ReleaseReference": "the letter R and a number, as R1",
    "TechnicalResourceDetailsReference": "the letter T and a number, as T1",
    "Year": "a year as 2026",
    "SequenceNumber": "a whole number, as 1",
}


@dataclass(frozen=True, slots=True)
class Departure:
    message: Message
    schema: SchemaFault

    def fault(self, expected: str | None = None, **values: object) -> Fault:
        """`concerns` names the elements that a rule of the guide may explain better."""
        schema = self.schema
        concerned = {schema.element} if schema.problem is not SchemaProblem.UNEXPECTED_ELEMENT else set()
        return placed(
            self.message.file,
            line=schema.line or None,
            found=schema.found,
            expected=expected,
            values={
                "concerns": frozenset(concerned | set(schema.expected)),
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
    text="{place}: <{element}> may not stand here{parent}{instead}.{hint}",
    fix="Move <{element}> to its place, or remove it. ERN fixes the order of all elements.",
)
def unexpected_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Stores' programs read elements in the order of the standard and drop the others."""
    if departure.schema.problem is SchemaProblem.UNEXPECTED_ELEMENT:
        names = [f"<{name}>" for name in departure.schema.expected]
        instead = f"; here belongs {_either(names)}" if names else ""
        yield departure.fault(_either(names) or None, instead=instead)


@departures.rule(
    "XML-011",
    WARNING,
    text="{place}: <{element}> is missing{parent}.",
    fix="Add <{element}>{parent}.",
)
def missing_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Without an element that the standard demands, stores may refuse the message."""
    if departure.schema.problem is SchemaProblem.MISSING_ELEMENT:
        yield departure.fault(f"<{departure.schema.element}>")


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
    text='{place}: "{found}" is no value that <{element}> may have{values}.{hint}',
    fix="Write one of the allowed values, with the same capitals.",
)
def value_not_allowed(departure: Departure, _: Policy) -> Iterator[Fault]:
    """For some elements the standard lists all values; others mean nothing to a store."""
    if departure.schema.problem is SchemaProblem.VALUE_NOT_ALLOWED:
        allowed = list(departure.schema.expected)
        values = f"; allowed are, for example, {listed(allowed)}" if allowed else ""
        yield departure.fault(departure.schema.nearest or listed(allowed) or None, values=values)


@departures.rule(
    "XML-015",
    WARNING,
    text='{place}: "{found}" in <{element}> is not written as it must be: {expected}.',
    fix="Write {expected} into <{element}>.",
)
def value_form(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Dates, durations and numbers have one way to be written, so that every program reads them alike."""
    if departure.schema.problem is SchemaProblem.VALUE_FORM:
        yield departure.fault(_form(departure.schema))


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


def _form(schema: SchemaFault) -> str:
    element = schema.element
    if element in FORMS:
        return FORMS[element]
    if element.endswith("Date"):
        return "a date as 2026-04-01"
    if schema.expected:
        return _either(list(schema.expected))
    return "a text" if not schema.found else "the form that the standard gives it"


def _either(names: list[str], limit: int = 6) -> str:
    if len(names) > limit:
        return f"{', '.join(names[:limit])} or another"
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)


def _messages(dossier: Dossier) -> Iterator[Message]:
    if dossier.message is not None:
        yield dossier.message


versions = Family[Message]("XML", "The DDEX message", _messages, source=SOURCE, ddex=FileStatus.MESSAGE_INVALID)


@versions.rule(
    "XML-017",
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
    "XML-018",
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
