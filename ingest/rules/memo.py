"""What many rules ask of one dossier is found once in each check of it, and forgotten with the check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, TypeVar

from ingest.core.dossier import Dossier
from ingest.core.message import Message

Asked = TypeVar("Asked", Dossier, Message)
Found = TypeVar("Found")

_memo: Final[ContextVar[dict[object, Any] | None]] = ContextVar("what was found in this check", default=None)


@contextmanager
def one_check() -> Iterator[None]:
    """Within the block, which judges one dossier, each decorated function is asked once about the same thing."""
    token = _memo.set({})
    try:
        yield
    finally:
        _memo.reset(token)


def once_per_check(find: Callable[[Asked], Found]) -> Callable[[Asked], Found]:
    """Keep the answer about a dossier or its message within `one_check`; outside of it, find it each time."""

    def found(asked: Asked) -> Found:
        memo = _memo.get()
        if memo is None:
            return find(asked)
        key = find, id(asked)  # both live as long as the check, so that nothing else has this id meanwhile
        if key not in memo:
            memo[key] = find(asked)
        answer: Found = memo[key]
        return answer

    return found


def picked_once(pick: Callable[[Asked], Iterable[Found]]) -> Callable[[Asked], tuple[Found, ...]]:
    """As `once_per_check`, for subjects that are picked one by one."""
    return once_per_check(lambda asked: tuple(pick(asked)))
