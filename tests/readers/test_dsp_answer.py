"""Acknowledgements of DSPs in both forms, and whatever else may lie in their folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.core.dsp_answer import AnswerStatus, DspAnswer, DspAnswers
from ingest.readers.dsp_answer import MAX_BYTES, read_dsp_answers
from tests.readers.ern.test_choreography_schema import ANSWER

NEW = """<e:ErnAcknowledgementStatusMessage xmlns:e="http://ddex.net/xml/ern-c-sftp/17">
 <MessageHeader><MessageId>ACK-1</MessageId></MessageHeader>
 <ReleaseStatus>
  <ReleaseId><ICPN>5034567890120</ICPN></ReleaseId>
  <ReleaseStatus>SuccessfullyIngestedByReleaseDistributor</ReleaseStatus>
  <Acknowledgement><MessageId>M-1</MessageId><MessageStatus>FileOK</MessageStatus></Acknowledgement>
 </ReleaseStatus>
 <ReleaseStatus>
  <ReleaseId><GRid>A12425GABC1234002M</GRid></ReleaseId>
  <ReleaseStatus Namespace="DPID:X" UserDefinedValue="CoverRejected">UserDefined</ReleaseStatus>
  <ErrorText>too
   small \u202e</ErrorText>
 </ReleaseStatus>
</e:ErnAcknowledgementStatusMessage>"""


def read(folder: Path, content: str | bytes) -> DspAnswers:
    path = folder / "ACK_1.xml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_dsp_answers(path, path.name)


def test_the_older_form_names_the_release_and_the_error(tmp_path: Path) -> None:
    assert read(tmp_path, ANSWER).answers == (
        DspAnswer(
            AnswerStatus.REJECTED,
            "ResourceMissing",
            (),
            ("5034567890120",),
            "02_Song.wav is not in the folder",
            "ResendXmlAndResources",
            True,
            ("GBDUM2600002",),
            "2026-03-23",
        ),
    )
    assert read(tmp_path, ANSWER).created == "2026-03-23T16:05:57Z"


def test_identifiers_count_however_deep_they_stand(tmp_path: Path) -> None:
    nested = ANSWER.replace(">5034567890120<", "><ICPN>5034567890120</ICPN><")
    nested = nested.replace("<ISRC>GBDUM2600002</ISRC>", "<ResourceId><ISRC>GBDUM2600002</ISRC></ResourceId>")
    (answer,) = read(tmp_path, nested).answers
    assert (answer.release_ids, answer.resources) == (("5034567890120",), ("GBDUM2600002",))


def test_the_newer_form_has_an_answer_for_each_release(tmp_path: Path) -> None:
    first, second = read(tmp_path, NEW).answers
    said = "SuccessfullyIngestedByReleaseDistributor, FileOK"
    assert first == DspAnswer(AnswerStatus.ACCEPTED, said, ("M-1",), ("5034567890120",))
    assert (second.status, second.said, second.release_ids) == (
        AnswerStatus.REJECTED,
        "CoverRejected",
        ("A12425GABC1234002M",),
    )
    assert second.text.startswith("too small") and "\u202e" not in second.text


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "it is no XML that can be read (empty)"),
        ("<a", "it is no XML that can be read (cut-off)"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "it is no XML that can be read (doctype)"),
        ("<ManifestMessage/>", "it is no acknowledgement, but ManifestMessage"),
        (b"x" * (MAX_BYTES + 1), f"it has more than {MAX_BYTES} bytes"),
    ],
)
def test_what_is_no_acknowledgement_is_told(tmp_path: Path, content: str | bytes, problem: str) -> None:
    assert read(tmp_path, content) == DspAnswers(problem=problem)


@given(st.binary(max_size=300))
def test_nothing_in_a_file_raises(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    assert isinstance(read(tmp_path_factory.mktemp("answers"), content), DspAnswers)
