"""What the fields of an account may hold."""

from __future__ import annotations

from ingest.flow.account_fields import new_password


def test_a_password_can_be_read_out() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    assert not set("".join(made)) & set("0O1lI")
    assert {len(one) for one in made} == {16}
