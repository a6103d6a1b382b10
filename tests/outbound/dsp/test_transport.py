"""What all transports share: names that are taken from listings, and failures in words."""

from __future__ import annotations

import pytest

from ingest.outbound.dsp.transport import TransportError, is_plain_name


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc", "a\0"])
def test_a_name_that_leads_elsewhere_is_none(name: str) -> None:
    assert not is_plain_name(name)


def test_any_other_name_is_one() -> None:
    assert all(map(is_plain_name, ("a", "...", "a b", "ä", "-rf")))


def test_a_failure_says_what_to_do() -> None:
    told = TransportError("the disk is full", "Make room", permanent=True)
    assert (str(told), told.reason, told.cure, told.permanent) == (
        "the disk is full. Make room",
        "the disk is full",
        "Make room",
        True,
    )
