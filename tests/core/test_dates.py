from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ingest.core.allowed import GUIDE_RELEASE_TYPES, RELEASE_TYPES, TERRITORIES
from ingest.core.dates import day, is_full_date, iso_or_written, moment


@pytest.mark.parametrize(
    ("value", "full", "found"),
    [
        ("2026-04-01", True, date(2026, 4, 1)),
        ("2026-04-01T10:00:00.1234567+01:00", False, date(2026, 4, 1)),
        ("2026-02-30", True, None),
        ("2026-13-45", True, None),
        ("2026-04", False, None),
        ("2026", False, None),
        ("01/04/2026", False, None),
        ("20260401", False, None),
        ("２026-04-01", False, None),
        ("", False, None),
    ],
)
def test_dates_of_the_form_yyyy_mm_dd(value: str, full: bool, found: date | None) -> None:
    assert (is_full_date(value), day(value)) == (full, found)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-03-23T10:00:00", datetime(2026, 3, 23, 10, tzinfo=UTC)),
        (" 2026-03-23T10:00:00+02:00", datetime(2026, 3, 23, 8, tzinfo=UTC)),
        ("2026-03-23", datetime(2026, 3, 23, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("yesterday", None),
    ],
)
def test_moments_are_in_utc_and_none_beyond_the_calendar(value: str, found: datetime | None) -> None:
    assert moment(value) == found


def test_the_allowed_values_are_complete() -> None:
    assert (len(RELEASE_TYPES), len(TERRITORIES)) == (71, 255)
    assert set(GUIDE_RELEASE_TYPES) < RELEASE_TYPES


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("2026-04-01", ("2026-04-01", None)),
        ("2026-04-01T10:00:00", ("2026-04-01", None)),
        ("01/04/2026", (None, "01/04/2026")),
        ("2026-04-31", (None, "2026-04-31")),
        (None, (None, None)),
    ],
)
def test_a_date_for_programs_is_a_day_or_what_was_written(
    written: str | None, told: tuple[str | None, str | None]
) -> None:
    assert iso_or_written(written) == told
