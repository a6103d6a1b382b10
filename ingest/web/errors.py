"""What requests cannot have, in the guide's words where it has some: each code of flow as a status and a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from ingest.core.visible import visible
from ingest.flow.errors import Code, CodedError, NotFound
from ingest.web.envelope import ApiError, Cause, refused

NOT_FOUND: Final = {
    Code.RELEASE_UNKNOWN: "Release not found",
    Code.RELEASE_TRACK_UNKNOWN: "Track not found",
    Code.ARTIST_UNKNOWN: "Artist not found",
    Code.ASSET_UNKNOWN: "File not found",
    Code.ENDPOINT_UNKNOWN: "Webhook not found",
    Code.WEBHOOK_UNKNOWN: "Webhook not found",
    Code.JOB_UNKNOWN: "Delivery job not found",
    Code.DSP_UNKNOWN: "Unknown provider: {unknown}",
}
SENTENCES: Final = {
    Code.BARCODE_TAKEN: "upcCode {barcode} is that of another release of yours: {release}",
    Code.BARCODE_FIXED: "upcCode cannot change any more: stores know this release by {barcode}",
    Code.RELEASE_LIVE: "The release is with stores: take it down first",
    Code.RELEASE_CAME_AS_PACKAGE: "The release was uploaded as a package: upload a new one to change it",
    Code.RELEASE_HAS_ERRORS: "The release has errors that must be corrected first; its report names them",
    Code.RELEASE_TAKEN_DOWN: "The release was taken down: redeliver it to bring it back",
    Code.TOO_MANY_TRACKS: "A release has at most {most} tracks",
    Code.NOT_IN_NEEDS_QC: "The release is {status} and cannot be {decision}",
    Code.NEWER_WENT_OUT: "A newer version of the release went to stores already",
    Code.NEWER_UPLOAD: "A newer version of the release was sent: decide about that one",
    Code.FILES_CHANGED: "The files of the release changed after they were checked; we look into it",
    Code.NO_DSP_AGREED: "No store is agreed for this account, and distroStores names none that we deliver to",
    Code.DSP_IS_SANDBOX: "{dsp} is for sandbox accounts, and this account is none",
    Code.DSP_IS_LIVE: "This is a sandbox account: its releases do not go to {dsp}",
    Code.NOTHING_FOR_DSP: "There is nothing to send to {dsp}: {reasons}",
    Code.FILE_UNKNOWN: "{field} names no file of yours: send an assetId, its url, or an https URL",
    Code.NOT_MEDIA: "Unsupported file type: send WAV, FLAC, AIFF or MP3 audio, or a JPEG or PNG picture",
    Code.API_USER_REFUSED: "userId must be one line of at most {most} characters",
    Code.API_TOKEN_TIME_REFUSED: "ttl must be from {least} to {most} seconds",
    Code.DSP_NOT_AGREED: "Not agreed with your account: {dsps}",
    Code.NOT_AT_A_DSP: "No store has this release yet: submit it instead",
    Code.DSP_HAS_IT_NOT: "{dsp} does not have this release: submit it instead",
    Code.NOTHING_CHANGED: "Nothing has changed since the release was delivered",
    Code.DELIVERY_UNDER_WAY: "A delivery of the release to {dsp} is under way",
    Code.URL_REFUSED: "url cannot be used: {reason}",
    Code.EVENT_REFUSED: "events has an unknown event {event}; known: {known}",
    Code.TOO_MANY_ENDPOINTS: "An account has at most {most} webhooks",
    Code.ENDPOINT_DISABLED: "The webhook is disabled: {reason}",
    Code.WEBHOOK_STILL_OWED: "The webhook is still being sent",
    Code.NOT_DELIVERABLE: "Nothing of the release can be delivered yet",
    Code.DSP_HAS_IT: "{dsp} has this release already: redeliver it instead",
    Code.DSP_IS_SANDBOX: "Sandbox accounts deliver to sandbox stores only, and others to none of those",
    Code.TEST_NEVER_APPROVED: "The message is a test; a test is never approved",
}
OTHERWISE: Final = "This cannot be done as things stand: {code}"
STATUSES: Final = {
    **dict.fromkeys((Code.DSP_NOT_AGREED, Code.URL_REFUSED, Code.EVENT_REFUSED), 400),
    **dict.fromkeys((Code.TOO_MANY_TRACKS, Code.FILE_UNKNOWN, Code.API_USER_REFUSED, Code.API_TOKEN_TIME_REFUSED), 400),
    Code.NOT_MEDIA: 415,
}
"""Those of codes that are no conflict with how things stand."""
SERVER_ERROR: Final = "Internal server error"


def api_error(error: CodedError) -> ApiError:
    """The answer for what flow cannot do."""
    values = defaultdict(str, {name: _said(value) for name, value in error.values.items()})
    values["code"] = error.code.value
    if isinstance(error, NotFound):
        # A provider is named in the body of a request; what else is not found is named in its address.
        status = 400 if error.code is Code.DSP_UNKNOWN else 404
        told = NOT_FOUND.get(error.code, "Not found").format_map(values)
        causes = [Cause("destinations", error.code.value, told)] if error.code is Code.DSP_UNKNOWN else []
        return ApiError(status, told, causes)
    sentence = SENTENCES.get(error.code, OTHERWISE).format_map(values)
    field = error.values.get("field")
    cause = Cause(None if field is None else str(field), error.code.value, sentence)
    return ApiError(STATUSES.get(error.code, 409), sentence, [cause])


def _said(value: object) -> str:
    return visible(", ".join(map(str, value)) if isinstance(value, tuple) else str(value), 500)


@contextmanager
def instead(message: str) -> Iterator[None]:
    """The guide has one sentence for what is not valid and what is not found: `message`; `errors` say which."""
    try:
        yield
    except ApiError as error:
        if error.status != 400:
            raise
        raise ApiError(400, message, error.causes) from None
    except NotFound as error:
        told = api_error(error)
        cause = Cause("releaseId" if error.code is Code.RELEASE_UNKNOWN else "id", error.code.value, str(told.message))
        raise ApiError(404, message, [cause]) from None


def answer_errors(app: FastAPI) -> None:
    """Answer whatever a request raises in the envelope. What is a mistake of ours is left to the layer around it."""
    app.add_exception_handler(ApiError, _of_request)
    app.add_exception_handler(CodedError, _of_request)
    app.add_exception_handler(RequestValidationError, _of_request)
    app.add_exception_handler(HTTPException, _of_request)


async def _of_request(request: Request, error: Exception) -> Response:
    if isinstance(error, CodedError):
        return refused(api_error(error))
    if isinstance(error, RequestValidationError):
        return refused(_of_query(error))
    if isinstance(error, HTTPException):
        return refused(_of_route(request, error))
    assert isinstance(error, ApiError)
    return refused(error)


def _of_query(error: RequestValidationError) -> ApiError:
    """Only parameters of the query are left to the framework."""
    found = {str(one["loc"][-1]): str(one["msg"]) for one in error.errors()}
    causes = [Cause(name, "invalid", f"{name} is not valid: {told}") for name, told in found.items()]
    return ApiError(400, [one.message for one in causes], causes)


def _of_route(request: Request, error: HTTPException) -> ApiError:
    told = str(error.detail)
    if error.status_code == 404:
        told = f"Cannot {request.method} {request.url.path}"
    elif error.status_code == 405:
        told = f"Method {request.method} is not allowed for {request.url.path}"
        return ApiError(405, told, headers={"Allow": ", ".join(_allowed(request))})
    return ApiError(error.status_code, told, headers=error.headers)


def _allowed(request: Request) -> list[str]:
    """The methods of all endpoints at this path; the framework knows those of the first one only."""
    methods: set[str] = set()
    for route in (route for router in request.app.state.routers for route in router.routes):
        if isinstance(route, APIRoute) and route.path_regex.match(request.url.path):
            methods |= route.methods or set()
    return sorted(methods)
