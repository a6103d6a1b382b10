"""Secrets of the API: random, recognised by their form, never kept in clear."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

import pytest

from ingest.flow.api_secrets import LIVE_KEY, TEST_KEY, TOKEN, digest_of, is_secret, new_id, new_secret, start_of
from tests.stage import START


@pytest.mark.parametrize("beginning", [LIVE_KEY, TEST_KEY, TOKEN])
def test_a_secret_has_256_random_bits_behind_what_it_is_recognised_by(beginning: str) -> None:
    made = {new_secret(beginning) for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(rf"{beginning}[A-Za-z0-9]{{43}}", one) and is_secret(one) for one in made)
    assert len({one[-1] for one in made}) > 30
    secret = made.pop()
    assert start_of(secret) == secret[: len(beginning) + 4]
    assert digest_of(secret) == hashlib.sha256(secret.encode()).hexdigest()


@pytest.mark.parametrize(
    "text", ["", "isp_live_", "isp_live_" + "a" * 42, "isp_live_" + "a" * 44, "isp_dead_" + "a" * 43, "ist_" + "é" * 43]
)
def test_nothing_else_has_the_form_of_a_secret(text: str) -> None:
    assert not is_secret(text)
    assert not is_secret(f"{new_secret(LIVE_KEY)}{text or ' '}")


def test_public_ids_sort_by_time() -> None:
    ids = [new_id("key", START + timedelta(seconds=seconds)) for seconds in range(20)]
    assert ids == sorted(ids) and len(set(ids)) == 20
    assert all(re.fullmatch(r"key_[0-9A-HJKMNP-TV-Z]{26}", one) for one in ids)
