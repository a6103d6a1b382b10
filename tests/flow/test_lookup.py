"""What people name: found, or an error that says what there is not."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.flow.errors import NotFound
from ingest.flow.lookup import check_dsps, label_named, package_numbered
from tests.stage import Stage


def test_a_package_is_found_by_its_number_and_a_label_by_its_name(on: Stage, sealed: int) -> None:
    with on.app.store.reading() as tx:
        assert package_numbered(tx, sealed).id == sealed
        assert label_named(tx, "anna").title == "Anna's Label"


@pytest.mark.parametrize("number", [0, -1, 2, 2**31])
def test_a_number_that_no_package_has_is_not_found(on: Stage, sealed: int, number: int) -> None:
    with on.app.store.reading() as tx, pytest.raises(NotFound, match=f"^package-unknown: package={number}$"):
        package_numbered(tx, number)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(exclude_categories=())).filter(lambda name: name != "anna"))
def test_any_other_text_is_the_name_of_no_label(on: Stage, name: str) -> None:
    with on.app.store.reading() as tx, pytest.raises(NotFound) as error:
        label_named(tx, name)
    assert dict(error.value.values) == {"label": name}


def test_all_names_that_are_no_dsps_are_told_with_those_that_are(on: Stage) -> None:
    check_dsps(on.app.config, [])
    check_dsps(on.app.config, ["beta", "alpha", "beta"])
    with pytest.raises(NotFound) as error:
        check_dsps(on.app.config, ["alpha", "gamma", "Alpha"])
    assert dict(error.value.values) == {"dsp": "gamma", "unknown": ("gamma", "Alpha"), "known": ("alpha", "beta")}
