from __future__ import annotations

import pytest

from ingest.rules.dates import DateWords, date_words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (
            "01/04/2026",
            DateWords(
                "is not in the form YYYY-MM-DD",
                "2026-04-01 or 2026-01-04",
                "Write 2026-04-01 if 1 April is meant, or 2026-01-04 if 4 January is meant.",
            ),
        ),
        (
            "2026-04-01T10:00:00",
            DateWords("is not in the form YYYY-MM-DD", "2026-04-01", "Write 2026-04-01, if 1 April is meant."),
        ),
        (
            "2026-13-04",
            DateWords("does not exist: there is no month 13", "2026-04-13", "Write 2026-04-13, if 13 April is meant."),
        ),
        (
            "2026-04-31",
            DateWords(
                "does not exist: April has 30 days",
                "a day that exists",
                "Correct the date, and write it as year, month and day: YYYY-MM-DD.",
            ),
        ),
        (
            "31/04/2026",
            DateWords(
                "is not in the form YYYY-MM-DD, and April has 30 days",
                "a day that exists",
                "Correct the date, and write it as year, month and day: YYYY-MM-DD.",
            ),
        ),
        (
            "soon",
            DateWords(
                "is not in the form YYYY-MM-DD",
                "YYYY-MM-DD, such as 2026-04-01",
                "Write the year, month and day with hyphens, such as 2026-04-01.",
            ),
        ),
    ],
)
def test_the_words_for_a_date_are_of_its_own_day(written: str, words: DateWords) -> None:
    assert date_words(written) == words
