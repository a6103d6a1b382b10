"""What a value of the wrong form was most likely meant to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from ingest.readers.ern.mend import ISO_DATE, mended


@pytest.mark.parametrize(
    ("form", "found", "meant"),
    [
        ("duration", "3:42", "PT3M42S"),
        ("duration", "1:03:42", "PT1H3M42S"),
        ("duration", "03:42.500", "PT3M42S"),
        ("duration", "222", "PT3M42S"),
        ("duration", "PT3M42", "PT3M42S"),
        ("duration", "3M42S", "PT3M42S"),
        ("duration", "pt3m42s", "PT3M42S"),
        ("duration", "3m 42s", "PT3M42S"),
        ("duration", "75:00", "PT1H15M0S"),
        ("duration", "PT", None),
        ("duration", "about three minutes", None),
        (ISO_DATE, "2026/04/01", "2026-04-01"),
        (ISO_DATE, "20260401", "2026-04-01"),
        (ISO_DATE, "2026-4-1", "2026-04-01"),
        (ISO_DATE, "2026-04-01T00:00:00Z", "2026-04-01"),
        (ISO_DATE, "31.12.2026", "2026-12-31"),
        (ISO_DATE, "12/31/2026", "2026-12-31"),
        (ISO_DATE, "04/04/2026", "2026-04-04"),
        (ISO_DATE, "01/04/2026", None),
        (ISO_DATE, "2026-13-45", None),
        (ISO_DATE, "April 2026", None),
        ("dateTime", "2026-03-23", "2026-03-23T00:00:00"),
        ("dateTime", "2026-03-23 10:00", "2026-03-23T10:00:00"),
        ("dateTime", "2026-03-23 10:00:01Z", "2026-03-23T10:00:01Z"),
        ("dateTime", "23.03.2026", "2026-03-23T00:00:00"),
        ("dateTime", "2026-03-23 10:00+14:00", "2026-03-23T10:00:00+14:00"),
        ("dateTime", "2026-02-30", None),
        ("dateTime", "2026-02-30 10:00", None),
        ("dateTime", "0000-01-01 10:00", None),
        ("dateTime", "2026-03-23 99:99", None),
        ("dateTime", "2026-03-23 10:00:60", None),
        ("dateTime", "2026-03-23 10:00:00+14:30", None),
        ("dateTime", "now", None),
        ("boolean", "Yes", "true"),
        ("boolean", "FALSE", "false"),
        ("boolean", "maybe", None),
        ("decimal", "44,1", "44.1"),
        ("decimal", "48000 Hz", "48000"),
        ("integer", "24bit", "24"),
        ("integer", "2.5", None),
        ("integer", "two", None),
        ("string", "x", None),
    ],
)
def test_a_slip_is_mended_where_that_is_no_guess(form: str, found: str, meant: str | None) -> None:
    assert mended(form, found) == meant


@pytest.mark.parametrize("form", ["boolean", "date", "dateTime", "decimal", "duration", "integer"])
def test_what_is_proposed_has_the_form_that_is_needed(form: str) -> None:
    source = (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="v" type="xs:{form}"/></xs:schema>'
    )
    schema = etree.XMLSchema(etree.fromstring(source))

    @given(st.text(alphabet="0123456789:/-.,TPMSHpt yesno", max_size=20))
    def holds(found: str) -> None:
        meant = mended(form, found)
        element = etree.Element("v")
        element.text = meant
        assert meant is None or schema.validate(element), (found, meant)

    holds()
