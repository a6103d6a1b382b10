"""Email addresses: what can be written to, and what cannot."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.core.address import NoAddress, parts
from ingest.outbound.email.headers import mailbox


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("anna@label.example", ("anna", "label.example")),
        ("root@localhost", ("root", "localhost")),
        ("a.b+releases@mail.label.example", ("a.b+releases", "mail.label.example")),
        ("o'neil@label.example", ("o'neil", "label.example")),
        ("info@müsik.example", ("info", "xn--msik-0ra.example")),
        (f"{'a' * 64}@label.example", ("a" * 64, "label.example")),
    ],
)
def test_an_address_has_a_name_and_a_domain_in_ascii(address: str, expected: tuple[str, str]) -> None:
    assert parts(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@label.example",
        "anna@",
        "anna@label@example.com",
        "anna,bob@label.example",
        "anna bob@label.example",
        "anna@label.example ",
        "anna@label..example",
        "anna@-label.example",
        "anna@label_example.com",
        "<anna@label.example>",
        "änna@label.example",
        "anna@b\r\nBcc: c@d",
        "anna@label.example\n",
        "anna\x9b@label.example",
        "anna@label\u202e.example",
        "anna@[127.0.0.1]",
        f"{'a' * 65}@label.example",
        f"a@{'b' * 64}.example",
        f"a@{'label.' * 42}example",
    ],
)
def test_what_is_no_address_is_refused_in_a_sentence(address: str) -> None:
    with pytest.raises(NoAddress) as refused:
        parts(address)
    assert str(refused.value) == f"{address!r} is no email address"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_every_address_that_passes_stands_in_a_header(local: str, domain: str) -> None:
    try:
        expected = parts(f"{local}@{domain}")
    except NoAddress:
        return
    assert mailbox(f"{local}@{domain}").addr_spec == "@".join(expected)
