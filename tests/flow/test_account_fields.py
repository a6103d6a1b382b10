"""What the fields of an account may hold."""

from __future__ import annotations

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.flow.account_fields import (
    MIN_PASSWORD,
    MOST_COUNT,
    check_addresses,
    check_keys,
    check_name,
    check_password,
    check_quota,
    new_password,
)
from ingest.flow.errors import Code, Refused
from ingest.inbound.sftp.accounts import MAX_PASSWORD

KEY = asyncssh.generate_private_key("ssh-ed25519")
PUBLIC = KEY.export_public_key().decode().strip()
OTHER = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()


def test_a_password_can_be_read_out() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    assert not set("".join(made)) & set("0O1lI")
    assert {len(one) for one in made} == {16}


@pytest.mark.parametrize("name", ["a", "0", "anna", "a-b_c", "9" * 63])
def test_an_ordinary_user_name_is_taken(name: str) -> None:
    check_name(name)


@given(st.text(max_size=5))
def test_a_user_name_is_the_name_of_a_folder_and_of_nothing_else(name: str) -> None:
    try:
        check_name(name)
    except Refused as refused:
        assert (refused.code, dict(refused.values)) == (Code.LABEL_NAME_REFUSED, {"label": name})
    else:
        assert name and set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_") and name[0] not in "-_"


@pytest.mark.parametrize("name", ["", "a" * 64, "-a", "_a", "A", "a.b", "a/b", "a b", "a\n", "ä", "a\0"])
def test_any_other_user_name_is_refused(name: str) -> None:
    with pytest.raises(Refused, match=r"^label-name-refused"):
        check_name(name)


def test_each_address_is_kept_once_in_the_order_given() -> None:
    assert check_addresses(["b@x.example", "a@x.example", "b@x.example"]) == ["b@x.example", "a@x.example"]
    with pytest.raises(Refused, match=r"^address-missing$"):
        check_addresses([])
    with pytest.raises(Refused, match=r"^address-refused: address='a b@x.example'$"):
        check_addresses(["a@x.example", "a b@x.example"])


def test_each_public_key_is_kept_once_without_blanks() -> None:
    assert check_keys([f" {PUBLIC}\n", OTHER, PUBLIC]) == [PUBLIC, OTHER]
    assert check_keys([]) == []


NO_KEYS = {
    "nothing": "",
    "a word": "x",
    "two lines": f"{PUBLIC}\n{OTHER}",
    "two lines for some": f"{PUBLIC}\x0bx",
    "a private key": KEY.export_private_key().decode(),
    "cut off": PUBLIC[:-10],
}


@pytest.mark.parametrize("what", NO_KEYS)
def test_what_is_not_one_public_key_is_refused(what: str) -> None:
    with pytest.raises(Refused, match=r"^key-refused$"):
        check_keys([PUBLIC, NO_KEYS[what]])


@pytest.mark.parametrize("password", ["x" * MIN_PASSWORD, "x" * MAX_PASSWORD, "pass phrase with ümläuts"])
def test_a_long_printable_line_may_be_a_password(password: str) -> None:
    check_password(password)


@pytest.mark.parametrize("password", ["", "x" * (MIN_PASSWORD - 1), "x" * (MAX_PASSWORD + 1), "long enough but\ntwo"])
def test_any_other_password_is_refused_with_the_lengths_that_are_not(password: str) -> None:
    with pytest.raises(Refused) as refused:
        check_password(password)
    assert dict(refused.value.values) == {"least": MIN_PASSWORD, "most": MAX_PASSWORD}


@pytest.mark.parametrize(
    "password",
    [
        "correct horse \N{GRINNING FACE}",
        "correct horse \N{BITCOIN SIGN}",
        "שלום עולם שלום 1",
        "shalom שלום shalom שלום",
    ],
)
def test_a_password_that_some_programs_could_not_send_is_refused(password: str) -> None:
    with pytest.raises(Refused, match=r"^password-unsendable$"):
        check_password(password)


@pytest.mark.parametrize("password", ["שלום עולם שלום עולם", "Größe 17 m² für ﬁnale™"])
def test_a_password_that_every_program_can_send_is_taken(password: str) -> None:
    check_password(password)


def test_characters_that_do_not_count_do_not_make_a_password_long_enough() -> None:
    with pytest.raises(Refused, match=r"^password-refused"):
        check_password("short" + "\N{VARIATION SELECTOR-1}" * MIN_PASSWORD)


@pytest.mark.parametrize("value", [None, 0, 1, MOST_COUNT])
def test_a_quota_is_none_or_a_number_up_to_the_most(value: int | None) -> None:
    check_quota(value, MOST_COUNT)


@pytest.mark.parametrize("value", [-1, MOST_COUNT + 1])
def test_any_other_quota_is_refused(value: int) -> None:
    with pytest.raises(Refused, match=f"^quota-refused: most={MOST_COUNT}$"):
        check_quota(value, MOST_COUNT)
