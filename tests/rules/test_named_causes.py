"""What a label did wrong, in whole packages: the cause that is named, and what is asked for in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.broken.change import Broken, edit, edit_all, ern, single
from tests.rules.reading import findings_after, read_here

REFERENCE = "      <ReleaseReference>R1</ReleaseReference>\n"
URI = "<URI>01_Sunrise.wav<"


@pytest.mark.parametrize(
    ("broken", "code", "words", "found", "needed", "cure"),
    [
        (
            single(edit((REFERENCE, ""))),
            "REF-003",
            "the deal refers to release R1, but the release at line 56 has no <ReleaseReference>.",
            "R1",
            None,
            "Write <ReleaseReference>R1</ReleaseReference> into the release at line 56.",
        ),
        (
            single(edit(("<DealReleaseReference>R1<", "<DealReleaseReference>R7<"))),
            "REF-003",
            "the deal refers to release R7, which is not in the XML.",
            "R7",
            None,
            "Correct <DealReleaseReference> to the ReleaseReference of your release, such as R1.",
        ),
        (
            ern(
                edit(
                    (
                        "      </ReleaseResourceReferenceList>",
                        '        <ReleaseResourceReference ReleaseResourceType="SecondaryResource">A98'
                        "</ReleaseResourceReference>\n      </ReleaseResourceReferenceList>",
                    )
                )
            ),
            "REF-002",
            "the release refers to the extra resource A98, which is not in the XML.",
            "A98",
            None,
            "Add it to <ResourceList> with this ResourceReference, or remove the reference.",
        ),
        (
            ern(edit_all(r"    <Image>.*?</Image>\n", "")),
            "REF-002",
            "the release refers to the picture A99, which is not in the XML.",
            "A99",
            None,
            "Add the picture to <ResourceList> as an <Image> with this ResourceReference, or remove the reference: the"
            " cover may also lie in the folder as artwork.jpg without being named.",
        ),
        (
            single(edit((URI, "<URI>01_Sunrise.mp3<"))),
            "PKG-005",
            "you wrote 01_Sunrise.mp3, but the file is 01_Sunrise.wav. The difference is in the ending.",
            "01_Sunrise.mp3",
            "01_Sunrise.wav",
            "Write 01_Sunrise.wav into the XML.",
        ),
        (
            single(edit((URI, "<URI>01_sunrise.WAV<"))),
            "PKG-005",
            "you wrote 01_sunrise.WAV, but the file is 01_Sunrise.wav. The difference is in capital and small letters.",
            "01_sunrise.WAV",
            "01_Sunrise.wav",
            "Write 01_Sunrise.wav into the XML, or rename the file to 01_sunrise.WAV.",
        ),
        (
            single(edit((URI, r"<URI>C:\Users\x\01_Sunrise.wav<"))),
            "PKG-005",
            r"you wrote C:\Users\x\01_Sunrise.wav, but the file is 01_Sunrise.wav. The difference is in the folder.",
            r"C:\Users\x\01_Sunrise.wav",
            "01_Sunrise.wav",
            "Write 01_Sunrise.wav into the XML.",
        ),
        (
            single(edit((URI, "<URI>https://example.org/a/01_Sunrise.wav<"))),
            "PKG-007",
            "https://example.org/a/01_Sunrise.wav leads out of the release folder.",
            "https://example.org/a/01_Sunrise.wav",
            "01_Sunrise.wav",
            "Write only 01_Sunrise.wav, without folders or a web address before it, and put the file into the release"
            " folder.",
        ),
        (
            single(edit((URI, "<URI>../<"))),
            "PKG-007",
            "../ leads out of the release folder.",
            "../",
            "the file's name alone",
            "Write only the file's name, such as 01_TrackTitle.wav, without folders or a web address before it, and put"
            " the file into the release folder.",
        ),
        (
            single(edit(("<ReleaseType>Single<", "<ReleaseType>Bundel<"))),
            "ERN-010",
            '"Bundel" is not an allowed ReleaseType. Did you mean Bundle?',
            "Bundel",
            "Bundle",
            "Write Bundle, with exactly these capitals.",
        ),
        (
            single(edit(("<AudioCodecType>WAV<", "<AudioCodecType>mp3<"))),
            "ERN-055",
            "the XML declares the audio as MP3, a lossy format, but 01_Sunrise.wav is not lossy.",
            "MP3",
            "PCM",
            "Write PCM into <AudioCodecType>.",
        ),
    ],
)
def test_the_cause_and_the_cure_name_the_same_thing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: Broken,
    code: str,
    words: str,
    found: str,
    needed: str | None,
    cure: str,
) -> None:
    read_here(monkeypatch)

    told = {one.code: one for one in findings_after(tmp_path, broken)}

    assert words in told[code].text
    assert (told[code].found, told[code].expected, told[code].fix) == (found, needed, cure)
    assert not {"XML-014"} & set(told)
