"""XML: values that are empty, not in their list of allowed values, or malformed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ingest.core.dossier import Policy
from ingest.core.finding import Fault
from ingest.core.meant import USER_DEFINED, is_in_own_words
from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.core.written_dates import days_of, why_no_day
from ingest.rules.rule import Sentence
from ingest.rules.units import listed
from ingest.rules.xml.departures import ERROR, WARNING, Departure, departures

COUNTRIES: Final = "Worldwide, or a country's code such as GB, NG or US"

EXAMPLES: Final = {
    "ArtistRole": "MainArtist or FeaturedArtist",
    "AudioCodecType": "PCM or FLAC",
    "CommercialModelType": "SubscriptionModel (paid streaming), AdvertisementSupportedModel (free streaming with"
    " advertising) or PayAsYouGoModel (downloads)",
    "ExcludedTerritoryCode": "a country's code such as GB, NG or US",
    "ImageType": "FrontCoverImage",
    "IndirectResourceContributorRole": "Composer or Lyricist",
    "LanguageOfPerformance": "a language's code such as en or fr",
    "ReleaseType": "Single, Album or EP",
    "ResourceContributorRole": "Producer",
    "SoundRecordingType": "MusicalWorkSoundRecording",
    "TerritoryCode": COUNTRIES,
    "UseType": "OnDemandStream (streaming), NonInteractiveStream (web radio) or PermanentDownload (downloads)",
}
"""What to propose where a list of allowed values is too long to show and no value in it is similar."""

FORMS: Final = {
    "PT3M42S": "a duration such as PT3M42S (3 minutes and 42 seconds)",
    "2026-04-01": "a date such as 2026-04-01 (year, month, day)",
    "2026-04-01T12:00:00": "a date and a time such as 2026-04-01T12:00:00",
    "2026": "a year such as 2026",
    "1": "a whole number such as 1",
    "44.1": "a number such as 44.1, with a point",
    "true or false": "true or false",
}
DATES: Final = {"2026-04-01": "a date", "2026-04-01T12:00:00": "a date and a time", "2026": "a year"}


def _where(schema: SchemaFault) -> str:
    return f"<{schema.element}>" if schema.attribute is None else f"{schema.attribute} of <{schema.element}>"


def _form(schema: SchemaFault) -> str:
    shape = schema.expected[0] if schema.expected else ""
    return FORMS.get(
        shape, f"{shape[0]} and a number, such as {shape}" if shape else "a value of the form that ERN 3.8.2 gives it"
    )


def _listed(schema: SchemaFault) -> str:
    """Examples of what is allowed, or all of it where that is little, joined by `or`."""
    known = EXAMPLES.get(schema.element) if schema.attribute is None else None
    return known or listed(list(schema.expected)).replace(" and ", " or ")


def _cure(schema: SchemaFault, meant: str) -> str:
    if meant == schema.nearest:
        return f"Write {meant} into {_where(schema)}, with the same capitals."
    return f'Write UserDefined into {_where(schema)}, and add UserDefinedValue="{schema.found}" to its tag.'


def _meant(schema: SchemaFault) -> str | None:
    """The value that was meant, as it is to be written; a role that the standard has no word for is user-defined."""
    if schema.nearest == USER_DEFINED and is_in_own_words(schema.found or ""):
        return f'UserDefined with UserDefinedValue="{schema.found}"'
    return schema.nearest


@departures.rule(
    "XML-014",
    ERROR,
    text='{place}: "{found}" is not an allowed value of {where}.{need}',
    fix="{cure}",
)
def value_not_allowed(departure: Departure, _: Policy) -> Iterator[Fault]:
    """For some elements the standard lists all values; others mean nothing to a store."""
    schema = departure.schema
    if schema.problem is SchemaProblem.VALUE_NOT_ALLOWED and schema.found and schema.read_as is None:
        meant, examples = _meant(schema), _listed(schema)
        if meant is not None:
            yield departure.fault(
                meant, where=_where(schema), need=f" Did you mean {meant}?", cure=_cure(schema, meant)
            )
        else:
            cure = f"Write one of the values that the standard allows into {_where(schema)}, such as {examples}."
            yield departure.fault(examples, where=_where(schema), need="", cure=Sentence(cure))


@departures.rule(
    "XML-035",
    WARNING,
    text='{place}: "{found}" in {where} is not written as the standard lists it{how}. We read it as {expected}.',
    fix="Write {expected} into {where}, with the same capitals and without spaces.",
)
def value_spelling(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Stores' programs compare these values letter by letter: with other capitals or blanks they find nothing."""
    schema = departure.schema
    if schema.problem is SchemaProblem.VALUE_NOT_ALLOWED and schema.read_as is not None:
        how = ": there is a space or a line break around it" if schema.read_as == schema.found else ""
        yield departure.fault(schema.read_as, where=_where(schema), how=how)


def _read_as(departure: Departure, kind: str) -> Iterator[Fault]:
    """The fault of a value of this kind that has one valid reading."""
    schema = departure.schema
    if schema.read_as is not None and _kind(schema) == kind:
        around = " There is a space or a line break around it." if schema.read_as == schema.found else ""
        yield departure.fault(
            schema.read_as, where=_where(schema), need=f"{around} We read it as {schema.read_as}.".strip()
        )


def _kind(schema: SchemaFault) -> str:
    """`duration`, `date` or `other`, by the required form; empty where the fault is not a malformed value."""
    if schema.problem is not SchemaProblem.VALUE_FORM or not schema.found:
        return ""
    shape = schema.expected[0] if schema.expected else ""
    return "duration" if shape == "PT3M42S" else "date" if shape in DATES else "other"


@departures.rule(
    "XML-015",
    WARNING,
    text='{place}: "{found}" in {where} is not written as it must be. {need}',
    fix="Write {expected} into {where}.",
)
def value_form(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Numbers, flags and references have one way to be written, so that every program reads them alike."""
    yield from _read_as(departure, "other")


@departures.rule(
    "XML-023",
    WARNING,
    text='{place}: "{found}" in {where} is not written as a duration. {need}',
    fix="Write {expected} into {where}.",
)
def duration_form(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Durations are written with letters (ISO 8601), so that minutes and hours cannot be mistaken for each other."""
    yield from _read_as(departure, "duration")


@departures.rule(
    "XML-024",
    WARNING,
    text='{place}: "{found}" in {where} is not written as {what}. {need}',
    fix="Write {expected} into {where}.",
)
def date_form(departure: Departure, _: Policy) -> Iterator[Fault]:
    """Year, month, day (ISO 8601) is the one order of a date that every country reads alike."""
    shape = departure.schema.expected[0] if departure.schema.expected else ""
    for one in _read_as(departure, "date"):
        yield replace(one, values={**one.values, "what": DATES[shape]})


@departures.rule(
    "XML-036",
    ERROR,
    text='{place}: "{found}" in {where} cannot be read: it must be {expected}.{reason}',
    fix="Write {expected} into {where}.",
)
def unreadable_value(departure: Departure, _: Policy) -> Iterator[Fault]:
    """A number, a date or a reference that is written otherwise, and could mean several things, means nothing."""
    schema = departure.schema
    if _kind(schema) and schema.read_as is None:
        days, why = days_of(schema.found or ""), why_no_day(schema.found or "")
        is_day = _kind(schema) == "date" and schema.expected[:1] == ("2026-04-01",)
        reason = f" There is no such day: {why}." if _kind(schema) == "date" and not days and why is not None else ""
        needed = " or ".join(days) if is_day and days else _form(schema)
        yield departure.fault(needed, where=_where(schema), reason=reason)


@departures.rule(
    "XML-025",
    ERROR,
    text="{place}: {where} is empty. It needs {expected}.",
    fix="Write the value into {where}, or remove it where you have none to give.",
)
def empty_value(departure: Departure, _: Policy) -> Iterator[Fault]:
    """An empty value is no value: exporters leave them where a field was not filled in."""
    schema = departure.schema
    if schema.found == "" and schema.problem in (SchemaProblem.VALUE_FORM, SchemaProblem.VALUE_NOT_ALLOWED):
        needed = _form(schema) if schema.problem is SchemaProblem.VALUE_FORM else f"a value, such as {_listed(schema)}"
        yield departure.fault(needed, where=_where(schema))
