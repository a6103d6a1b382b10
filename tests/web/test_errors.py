"""What flow cannot do, as answers of the API."""

from __future__ import annotations

from string import Formatter

import pytest

from ingest.flow.errors import Code, Conflict, NotFound, Refused
from ingest.web.envelope import ApiError
from ingest.web.errors import NOT_FOUND, SENTENCES, api_error, instead


@pytest.mark.parametrize("code", list(Code))
def test_every_code_is_an_answer_of_the_caller_never_an_error_of_ours(code: Code) -> None:
    names = {name for _, name, _, _ in Formatter().parse(SENTENCES.get(code, "")) if name}
    assert api_error(Conflict(code)).status == api_error(Conflict(code, **dict.fromkeys(names, "x"))).status
    told = api_error(Conflict(code))
    assert told.status in (400, 409, 413, 415)
    assert [one.code for one in told.causes] == [code.value]


@pytest.mark.parametrize("code", list(NOT_FOUND))
def test_what_is_not_there_is_404_but_for_a_provider(code: Code) -> None:
    told = api_error(NotFound(code.value.removesuffix("-unknown"), "x", unknown=("x", "y")))  # type: ignore[arg-type]
    assert told.status == (400 if code is Code.DSP_UNKNOWN else 404)
    assert "{" not in str(told.message)


def test_what_labels_wrote_is_shown_without_controls() -> None:
    told = api_error(Refused(Code.NOTHING_FOR_DSP, dsp="a\u202eb\n", reasons=("one", "two")))
    assert told.message == "There is nothing to send to a‹U+202E›b‹U+000A›: one, two"


def test_one_sentence_stands_for_what_is_not_valid_and_what_is_not_there() -> None:
    for error, status in ((ApiError(400, ["x"]), 400), (NotFound("release", "x"), 404), (ApiError(409, "y"), 409)):
        with pytest.raises(ApiError) as told, instead("Sorry"):
            raise error
        assert (told.value.status, told.value.message) == (status, "y" if status == 409 else "Sorry")
