"""Replies of mail servers, as they were met: about the address, about the email, or about us."""

from __future__ import annotations

import pytest

from ingest.outbound.email.replies import refuses_address, refuses_content


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (550, "no"),
        (550, "mailbox unavailable"),
        (551, "User not local; please try <forward@example.com>"),
        (553, "Requested action not taken: mailbox name not allowed"),
        (550, "5.1.1 <a@example.com>: Recipient address rejected: User unknown in relay recipient table"),
        (550, "5.1.1 The email account that you tried to reach does not exist. Please check your spelling"),
        (550, "5.1.10 the domain has a null MX"),
        (556, "5.1.10 the domain has a null MX"),
        (554, "5.1.2 no such host"),
        (550, "5.2.1 mailbox disabled"),
        (550, "5.1.0 address rejected"),
        (550, "5.5.0 Requested action not taken: mailbox unavailable"),
        (550, "<policy.limit@relay.example>: no such person"),
    ],
)
def test_what_a_server_says_of_the_address_is_for_good(code: int, text: str) -> None:
    assert refuses_address(code, text)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (450, "5.1.1 no such person"),
        (550, "4.1.1 no such person"),
        (552, "mailbox full"),
        (552, "5.2.2 mailbox full"),
        (553, "5.7.1 <x@example.com>: Sender address rejected: not owned by user desk"),
        (550, "5.1.0 sender denied"),
        (550, "5.5.0 daily limit exceeded"),
        (504, "5.5.0 what"),
        (550, "5.1.8 sender domain not found"),
        (550, "5.1.1 sender unknown"),
        (553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
        (554, "5.7.60 SMTP; Client does not have permissions to send as this sender"),
        (554, "5.2.252 SendAsDenied; desk@example.com not allowed to send as delivery@example.com"),
        (504, "5.5.2 <box>: Helo command rejected: need fully-qualified hostname"),
        (504, "5.1.1 what"),
        (554, "5.7.1 <a@example.com>: Relay access denied"),
        (554, "relay access denied"),
        (550, "relaying denied"),
        (550, "5.4.5 Daily user sending limit exceeded"),
        (550, "daily sending quota exceeded"),
        (550, "5.4.1 Recipient address rejected: Access denied"),
        (550, "5.3.2 system not accepting network messages"),
        (550, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"),
        (550, "blocked: 192.0.2.1 is listed"),
        (550, "rejected because of your reputation"),
        (530, "5.7.0 log in first"),
        (535, "5.7.8 wrong password"),
        (503, "5.5.1 MAIL first"),
    ],
)
def test_what_a_server_says_of_us_is_not(code: int, text: str) -> None:
    assert not refuses_address(code, text)
    assert not refuses_content(code, text, is_alone=False)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (554, "5.6.0 broken MIME"),
        (550, "5.6.1 media not supported"),
        (552, "5.2.3 longer than this mailbox takes"),
        (552, "message too large"),
        (552, "message exceeds fixed maximum message size"),
        (554, "virus found"),
    ],
)
def test_what_a_server_says_of_the_content_is_for_good(code: int, text: str) -> None:
    assert refuses_content(code, text, is_alone=False)
    assert not refuses_content(code - 100, text, is_alone=False)


@pytest.mark.parametrize(
    ("code", "text"),
    [(554, "no"), (554, "transaction failed"), (554, "5.7.1 spam"), (552, "5.3.4 too large"), (550, "4.6.0 MIME")],
)
def test_what_it_leaves_open_after_the_content_is_not(code: int, text: str) -> None:
    assert not refuses_content(code, text, is_alone=True)


def test_an_address_that_is_refused_after_the_content_is_known_only_where_there_is_one() -> None:
    assert refuses_content(550, "5.1.1 no such person", is_alone=True)
    assert not refuses_content(550, "5.1.1 no such person", is_alone=False)
