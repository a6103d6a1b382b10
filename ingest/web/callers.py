"""Who may call an endpoint: partner keys by their scopes, and users' tokens where the guide allows them.

Dependencies are coroutines: the framework runs plain functions in threads of their own, which costs more than they do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from ingest.core.caller import Caller, Scope
from ingest.web.envelope import ApiError

NOT_A_KEY = "A user token cannot be used here; use a partner key"
NO_SCOPE = "This API key lacks the scope {}"


async def anyone(request: Request) -> Caller:
    """Who asks, with a key or a token; the layer of authentication let nobody else through."""
    caller: Caller = request.scope["state"]["caller"]
    return caller


def _with_scope(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    async def key_with_scope(request: Request) -> Caller:
        caller = await anyone(request)
        if caller.user_id is not None:
            raise ApiError(403, NOT_A_KEY)
        if scope not in caller.scopes:
            raise ApiError(403, NO_SCOPE.format(scope.value))
        return caller

    return key_with_scope


async def writing_key_or_token(request: Request) -> Caller:
    """Who asks, with a key that may write or with a user's token (guide, "Create Artist")."""
    caller = await anyone(request)
    if caller.user_id is None and Scope.WRITE not in caller.scopes:
        raise ApiError(403, NO_SCOPE.format(Scope.WRITE.value))
    return caller


Anyone = Annotated[Caller, Depends(anyone)]
WriterOrUser = Annotated[Caller, Depends(writing_key_or_token)]
Reader = Annotated[Caller, Depends(_with_scope(Scope.READ))]
Writer = Annotated[Caller, Depends(_with_scope(Scope.WRITE))]
Moderator = Annotated[Caller, Depends(_with_scope(Scope.MODERATE))]
