"""Fixtures shared by all tests: one PostgreSQL server for the run, and tools that must be there under CI."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import empty_database, newest_programs, server

settings.register_profile(
    "suite",
    settings.get_profile(settings.get_current_profile_name()),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

CI = os.environ.get("CI") == "true"


def missing(tool: str) -> NoReturn:
    """Skip because a tool is not installed; under CI=true that is a failure."""
    if CI:
        pytest.fail(f"{tool} is not installed, and CI must run this test")
    pytest.skip(f"{tool} is not installed")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server on a socket of its own; INGEST_TEST_PG names one that runs already."""
    if given := os.environ.get("INGEST_TEST_PG"):
        yield given
        return
    programs = newest_programs() or missing("postgresql")
    with server(programs) as url:
        yield url


@pytest.fixture
def fresh_postgres(postgres: str) -> Iterator[str]:
    """The URL of an empty database of its own."""
    with empty_database(postgres) as url:
        yield url
