"""The turns of addresses at the check of passwords."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from ingest.inbound.sftp.login_turns import IN_A_ROW, LATELY_SECONDS, LoginTurns


async def order_of(turns: LoginTurns, addresses: list[str]) -> list[str]:
    """The order in which checks of these addresses run that come at once while another one runs."""
    ran: list[str] = []

    async def check(address: str) -> None:
        async with turns.turn(address):
            ran.append(address)
            await asyncio.sleep(0)

    async with turns.turn("busy"):
        checks = [asyncio.create_task(check(address)) for address in addresses]
        await asyncio.sleep(0)
        assert ran == []
    await asyncio.gather(*checks)
    return ran


async def test_an_address_with_many_logins_lets_each_other_address_between() -> None:
    assert await order_of(LoginTurns(1), ["a", "a", "a", "b", "c", "b"]) == ["a", "b", "c", "a", "b", "a"]


async def test_who_logged_in_lately_waits_for_no_stranger() -> None:
    turns = LoginTurns(1)
    turns.succeeded("known")
    assert await order_of(turns, [f"stranger{number}" for number in range(300)] + ["known"]) == [
        "known",
        *(f"stranger{number}" for number in range(300)),
    ]


async def test_strangers_get_a_turn_among_many_that_logged_in_lately() -> None:
    turns = LoginTurns(1)
    turns.succeeded("known")
    order = await order_of(turns, ["stranger"] + ["known"] * 50)
    assert order.index("stranger") == IN_A_ROW


async def test_an_hour_after_its_login_an_address_is_a_stranger_again() -> None:
    now = [1000.0]
    turns = LoginTurns(1, lambda: now[0])
    turns.succeeded("known")
    now[0] += LATELY_SECONDS - 1
    assert await order_of(turns, ["stranger", "known"]) == ["known", "stranger"]
    now[0] += 1
    assert await order_of(turns, ["stranger", "known"]) == ["stranger", "known"]


@pytest.mark.parametrize("most", [1, 2, 5])
async def test_never_more_run_at_a_time_and_every_one_runs(most: int) -> None:
    turns, ran, running = LoginTurns(most), Counter[str](), 0

    async def check(address: str) -> None:
        nonlocal running
        async with turns.turn(address):
            running += 1
            assert running <= most
            await asyncio.sleep(0)
            running -= 1
            ran[address] += 1

    await asyncio.gather(*(check(f"a{number % 7}") for number in range(100)))
    assert ran.total() == 100


@pytest.mark.parametrize("is_its_turn", [False, True])
async def test_a_login_that_is_given_up_while_it_waits_takes_no_turn_from_others(is_its_turn: bool) -> None:
    turns = LoginTurns(1)
    holding = turns.turn("a")
    await holding.__aenter__()

    async def check() -> None:
        async with turns.turn("b"):
            pass

    waiting = asyncio.create_task(check())
    await asyncio.sleep(0)
    if is_its_turn:
        await holding.__aexit__(None, None, None)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    if not is_its_turn:
        await holding.__aexit__(None, None, None)
    async with asyncio.timeout(5), turns.turn("c"):
        pass
