"""The log as modules use it: a function."""

from __future__ import annotations

from typing import Protocol


class Log(Protocol):
    """Writes one event with its values."""

    def __call__(self, event: str, **values: object) -> object: ...
