from __future__ import annotations

import pytest

from ingest.core.written_dates import days_of, spelled, why_no_day


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("2026-04-01", ("2026-04-01",)),
        ("2026-4-1", ("2026-04-01",)),
        ("2026/04/01", ("2026-04-01",)),
        ("20260401", ("2026-04-01",)),
        ("01/04/2026", ("2026-04-01", "2026-01-04")),
        ("4.4.2026", ("2026-04-04",)),
        ("13/04/2026", ("2026-04-13",)),
        ("04/13/2026", ("2026-04-13",)),
        ("2026-13-04", ("2026-04-13",)),
        ("April 1, 2026", ("2026-04-01",)),
        ("1st Apr 2026", ("2026-04-01",)),
        ("01-Apr-2026", ("2026-04-01",)),
        ("Ju 1, 2026", ()),
        ("2026-04-01T10:00:00Z", ("2026-04-01",)),
        ("13/04/2026 10:00", ("2026-04-13",)),
        (" 2026-04-01 ", ("2026-04-01",)),
        ("2026-04-31", ()),
        ("2026401", ()),
        ("01/04/26", ()),
        ("2026-04", ()),
        ("soon", ()),
        ("", ()),
        ("1" * 100_000, ()),
    ],
)
def test_a_date_means_the_days_that_its_spelling_allows(written: str, days: tuple[str, ...]) -> None:
    assert days_of(written) == days


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("2026-04-30", None),
        ("2026-04-31", "April has 30 days"),
        ("31/04/2026", "April has 30 days"),
        ("2026-02-30", "February 2026 has 28 days"),
        ("2028-02-29", None),
        ("2028-02-30", "February 2028 has 29 days"),
        ("2026-03-32T10:00:00", "March has 31 days"),
        ("2026-13-45", "there is no month 13"),
        ("2026-13-04", "there is no month 13"),
        ("04/13/2026", None),
        ("04/31/2026", "April has 30 days"),
        ("2026-00-10", "there is no month 0"),
        ("2026-04-00", "there is no day 0"),
        ("0000-02-01", "there is no year 0"),
        ("soon", None),
    ],
)
def test_a_day_that_does_not_exist_has_a_reason(written: str, why: str | None) -> None:
    assert why_no_day(written) == why


def test_a_day_is_spelled_without_doubt() -> None:
    assert (spelled("2026-04-01"), spelled("2026-12-24")) == ("1 April", "24 December")
