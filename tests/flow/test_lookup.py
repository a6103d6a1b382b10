"""What people name: found, or an error that says what there is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.flow.errors import Code, Conflict, NotFound
from ingest.flow.lookup import check_dsps, label_named, package_meant, package_numbered
from ingest.store.models import Package
from tests.broken.change import edit
from tests.lives import LATER, whole
from tests.messages import BARCODE
from tests.stage import Stage, staged


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


def test_a_release_is_found_by_number_barcode_id_and_folder(on: Stage, tmp_path: Path) -> None:
    first = on.place(whole(tmp_path, "One"))
    second = on.place(whole(tmp_path, "Two", edit(LATER)))
    for package in (first, second):
        on.judge(package)
    with on.app.store.reading() as tx:
        release = tx.get_one(Package, first).release_id
        names = (str(first), "One", str(second), "Two", BARCODE, f"0{BARCODE}", str(release))
        assert [package_meant(tx, name).id for name in names] == [first, first, second, second, second, second, second]
        for name in ("99", "4006381333931", "Three", "00000000-0000-0000-0000-000000000000", "", "9" * 5000, "٣"):
            with pytest.raises(NotFound, match=r"^release-unknown: "):
                package_meant(tx, name)


def test_a_name_that_means_releases_of_several_labels_is_refused_with_their_ids(tmp_path: Path) -> None:
    with staged(tmp_path, others=[("ben", "Ben's Label")]) as on:
        ours = [on.place(whole(tmp_path, "Same"), who) for who in ("anna", "ben")]
        for package in ours:
            on.judge(package)
        with on.app.store.reading() as tx:
            ids = tuple(sorted(str(tx.get_one(Package, one).release_id) for one in ours))
            for name in (BARCODE, "Same"):
                with pytest.raises(Conflict) as caught:
                    package_meant(tx, name)
                assert (caught.value.code, caught.value.values["candidates"]) == (Code.RELEASE_AMBIGUOUS, ids)
            assert package_meant(tx, ids[0]).id in ours
