"""XML: departures from the content model of ERN 3.8.2.

A departure is an error unless exactly one valid message can be meant: another order of elements, another form of a
value. Fields that the guide requires have ERN rules of their own, which replace the schema fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ingest.core.dossier import Dossier, Policy
from ingest.core.file_status import FileStatus
from ingest.core.finding import Fault, Severity
from ingest.core.message import Message
from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.rules.rule import Family, Sentence
from ingest.rules.subjects import placed

SOURCE: Final = "ERN 3.8.2, content model"
ERROR: Final = Severity.ERROR
WARNING: Final = Severity.WARNING


EXAMPLES: Final = {
    "ArtistRole": "<ArtistRole>MainArtist</ArtistRole>",
    "CommercialModelType": "<CommercialModelType>SubscriptionModel</CommercialModelType>",
    "DealReleaseReference": "<DealReleaseReference>R1</DealReleaseReference>",
    "Duration": "<Duration>PT3M42S</Duration> (3 minutes and 42 seconds)",
    "ImageType": "<ImageType>FrontCoverImage</ImageType>",
    "MessageControlType": "<MessageControlType>LiveMessage</MessageControlType>",
    "MessageCreatedDateTime": "<MessageCreatedDateTime>2026-03-23T10:00:00</MessageCreatedDateTime>",
    "MessageId": "<MessageId>MSG-001</MessageId>",
    "MessageThreadId": "<MessageThreadId>MSG-001</MessageThreadId>",
    "PLineText": "<PLineText>2026 Your Label Name</PLineText>",
    "CLineText": "<CLineText>2026 Your Label Name</CLineText>",
    "PartyId": "<PartyId>YOUR_LABEL_ID</PartyId>",
    "PartyName": "<PartyName><FullName>Name</FullName></PartyName>",
    "ReferenceTitle": "<ReferenceTitle><TitleText>My Title</TitleText></ReferenceTitle>",
    "ReleaseReference": "<ReleaseReference>R1</ReleaseReference>",
    "ReleaseResourceReference": "<ReleaseResourceReference>A1</ReleaseResourceReference>",
    "ResourceReference": "<ResourceReference>A1</ResourceReference>",
    "SoundRecordingType": "<SoundRecordingType>MusicalWorkSoundRecording</SoundRecordingType>",
    "TerritoryCode": "<TerritoryCode>Worldwide</TerritoryCode>",
    "TechnicalResourceDetailsReference": "<TechnicalResourceDetailsReference>T1</TechnicalResourceDetailsReference>",
    "Usage": "<Usage><UseType>OnDemandStream</UseType></Usage>",
    "UseType": "<UseType>OnDemandStream</UseType>",
    "ValidityPeriod": "<ValidityPeriod><StartDate>2026-04-01</StartDate></ValidityPeriod>",
    "Year": "<Year>2026</Year>",
}
"""How an element that is often missing is written, as in the guide's example."""


@dataclass(frozen=True, slots=True)
class Departure:
    message: Message
    schema: SchemaFault

    def fault(self, expected: str | None = None, **values: object) -> Fault:
        """A fault of this departure: `check` drops it where a rule that covers its element reports it."""
        schema = self.schema
        bare = placed(
            self.message.file,
            line=schema.line or None,
            found=schema.found,
            expected=expected,
            values={
                "element": schema.element,
                "parent": f" in <{schema.parent}>" if schema.parent else "",
                "attribute": schema.attribute or "",
                "hint": f' Did you mean "{schema.nearest}"?' if schema.nearest else "",
                **values,
            },
        )
        return replace(bare, owner=schema.owner or None, schema=schema)


def _departures(dossier: Dossier) -> Iterator[Departure]:
    message = dossier.message
    if message is not None:
        for schema in message.schema_faults:
            yield Departure(message, schema)


departures = Family[Departure]("XML", "The DDEX message", _departures, source=SOURCE, ddex=FileStatus.MESSAGE_INVALID)


@departures.rule(
    "XML-010",
    ERROR,
    text="{place}: <{element}> is not allowed{parent}.{hint}",
    fix="Correct its name{rename}.{elsewhere}",
)
def unknown_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Stores' programs read the elements that the standard knows and drop the others."""
    schema = departure.schema
    if schema.problem is SchemaProblem.UNEXPECTED_ELEMENT and not schema.is_misplaced and not schema.repeated:
        holders = _either([f"<{name}>" for name in schema.belongs_in])
        needed = _either([f"<{name}>" for name in schema.expected])
        meant = f"<{schema.nearest}>" if schema.nearest else ""
        yield departure.fault(
            meant or needed or f"no <{schema.element}> here",
            hint=f" Did you mean {meant}?" if meant else f" Here {needed} is needed." if needed else "",
            rename=_rename(schema),
            elsewhere=f" Its place is in {holders}." if holders else "",
        )


def _rename(schema: SchemaFault) -> str:
    """`to <Name>` where that element is needed here, else with the choice to remove the element."""
    to = f" to <{schema.nearest}>" if schema.nearest else ""
    if to and schema.nearest in schema.expected:
        return to
    return f"{to}, or remove <{schema.element}> here"


@departures.rule(
    "XML-011",
    ERROR,
    text="{place}: {expected} is missing{parent}.",
    fix="Add {expected}{parent}{spot}.{example}",
)
def missing_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Without an element that the standard demands, stores may refuse the message."""
    schema = departure.schema
    if schema.problem is SchemaProblem.MISSING_ELEMENT:
        names = schema.expected or (schema.element,)
        spot, example = _between(schema), EXAMPLES.get(names[0], "")
        yield departure.fault(
            _either([f"<{name}>" for name in names]),
            spot=f", {spot}" if spot else "",
            example=Sentence(f" For example: {example}" if example else ""),
        )


@departures.rule(
    "XML-012",
    ERROR,
    text="{place}: <{element}> lacks its attribute {attribute}.",
    fix='Write <{element} {attribute}="…">.',
)
def missing_attribute(departure: Departure, _: Policy) -> Iterator[Fault]:
    """A value without its attribute can mean several things."""
    if departure.schema.problem is SchemaProblem.MISSING_ATTRIBUTE:
        yield departure.fault(departure.schema.attribute)


@departures.rule(
    "XML-013",
    ERROR,
    text="{place}: <{element}> has an attribute that it may not have: {attribute}.{hint}",
    fix="Remove the attribute {attribute}{rename}.",
)
def unexpected_attribute(departure: Departure, _: Policy) -> Iterator[Fault]:
    """What the standard does not know, stores do not read."""
    schema = departure.schema
    if schema.problem is SchemaProblem.UNEXPECTED_ATTRIBUTE:
        rename = f", or correct its name to {schema.nearest}" if schema.nearest else ""
        yield departure.fault(schema.nearest or f"no attribute {schema.attribute}", rename=rename)


@departures.rule(
    "XML-016",
    ERROR,
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
    text="{place}: <{element}> stands in the wrong place{parent}. We read it as if it stood {expected}.",
    fix="Move <{element}> {expected}. In ERN all elements have a fixed order.",
)
def misplaced_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Programs that read elements in the order of the standard miss those that come too early or too late."""
    schema = departure.schema
    if schema.is_misplaced:
        yield departure.fault(_between(schema))


@departures.rule(
    "XML-018",
    ERROR,
    text="{place}: <{element}> stands more than once{parent}. Once is allowed.",
    fix="Remove every <{element}>{parent} except the one that is right.",
)
def repeated_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Of two values for one thing a store takes either."""
    schema = departure.schema
    if schema.problem is SchemaProblem.UNEXPECTED_ELEMENT and schema.repeated and not schema.is_misplaced:
        yield departure.fault("once")


STRAY_CURE: Final = "the element that they belong to, or delete them"


@departures.rule(
    "XML-021",
    ERROR,
    text='{place}: the words "{found}" stand in <{element}> outside of any element.',
    fix="Put the words into {cure}.",
)
def stray_words(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Words between elements have no meaning that a program could know."""
    schema = departure.schema
    if schema.problem is SchemaProblem.STRAY_TEXT:
        inner = schema.nearest
        whole = f"<{inner}>{schema.found}</{inner}>" if inner else ""
        cure = f"<{inner}>: write {whole} inside <{schema.element}>" if inner else STRAY_CURE
        yield departure.fault(whole or "elements only", cure=cure)


@departures.rule(
    "XML-022",
    ERROR,
    text="{place}: <{element}> stands inside <{holder}>, which holds nothing but text.",
    fix="Close <{holder}> before <{element}> begins, or remove <{element}>.{elsewhere}",
)
def element_in_text(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Mostly a closing tag is missing or stands too late, and a value swallows what follows."""
    schema = departure.schema
    if schema.problem is SchemaProblem.CHILD_OF_TEXT:
        holders = _either([f"<{name}>" for name in schema.belongs_in])
        elsewhere = f" The place of <{schema.element}> is in {holders}." if holders else ""
        yield departure.fault(f"text only in <{schema.parent}>", holder=schema.parent, elsewhere=elsewhere)


@departures.rule(
    "XML-026",
    ERROR,
    text="{place}: <{element}> stands beside {expected}{parent}. Both are names for the same thing.",
    fix="Remove <{element}> or {expected}, so that one of them is left.",
)
def second_spelling(departure: Departure, _: Policy) -> Iterator[Fault]:
    """UPC and URI are the guide's words for what ERN calls ICPN and FileName; we read either, but not both."""
    if departure.schema.problem is SchemaProblem.SECOND_SPELLING:
        yield departure.fault(_either([f"<{name}>" for name in departure.schema.expected]))


@departures.rule(
    "XML-037",
    ERROR,
    text="{place}: <{element}> stands beside {expected}{parent}. Only one of the two may stand there.",
    fix="Remove every <{element}>{parent}, or every {expected}.",
)
def excluding_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """One list says where a deal holds, the other where it does not: of both together nobody knows what is meant."""
    if departure.schema.problem is SchemaProblem.EXCLUSIVE:
        yield departure.fault(_either([f"<{name}>" for name in departure.schema.expected]))


@departures.rule(
    "XML-028",
    ERROR,
    text="{place}: <{element}>{parent} is not a name that ERN knows. {expected} is needed here.",
    fix="Correct its name to {expected}.",
)
def misspelt_element(departure: Departure, _: Policy) -> Iterator[Fault]:
    """We read it as what was meant; stores' programs go by the name and find nothing."""
    if departure.schema.problem is SchemaProblem.MISSPELT:
        yield departure.fault(f"<{departure.schema.nearest}>")


def _between(schema: SchemaFault) -> str:
    """`after <A> and before <B>`."""
    sides = (("after", schema.after), ("before", schema.before))
    return " and ".join(f"{side} <{name}>" for side, name in sides if name)


def _either(names: list[str], limit: int = 6) -> str:
    if len(names) > limit:
        return f"{', '.join(names[:limit])} or another"
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)
