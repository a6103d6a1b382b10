"""Findings whose words, found and expected must agree with each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.core.facts import Container, Damage, DamageFact
from ingest.core.message import MessageProblem, UnreadableMessage
from ingest.core.schema_fault import SchemaFault, SchemaProblem
from ingest.rules import check
from ingest.rules.units import an, clock
from tests.rules.dossiers import (
    GOOD,
    MASTER,
    MEASUREMENT,
    MESSAGE,
    POLICY,
    RECORDING,
    RELEASE,
    codes,
    message_of,
    only,
    text,
    titled,
    with_audio,
    with_message,
    with_recording,
    with_release,
    with_sound,
)

UNEXPECTED = SchemaProblem.UNEXPECTED_ELEMENT


@pytest.mark.parametrize(
    ("barcode", "fault", "expected"),
    [
        (
            "5 034567 890120",
            "has spaces in it. Without them it is 5034567890120",
            "5034567890120",
        ),
        (
            "5-034567-890120",
            "has hyphens, points or spaces in it. Without them it is 5034567890120",
            "5034567890120",
        ),
        ("5034567", "has 7 digits. It must have 12 or 13", "12 or 13 digits"),
        ("05034567890120", "has 14 digits. It must have 12 or 13", "5034567890120"),
        ("15034567890120", "has 14 digits. It must have 12 or 13", "12 or 13 digits"),
        (
            "5034567890120.0",
            "has .0 at its end, which a spreadsheet adds. Without it, it is 5034567890120",
            "5034567890120",
        ),
        ("5.03457E+12", "was shortened by a spreadsheet, and its last digits are lost", "12 or 13 digits"),
        ("5,03457e12", "was shortened by a spreadsheet, and its last digits are lost", "12 or 13 digits"),
        (
            "5034567890120 EAN",
            "has characters in it that are not digits. It must have 12 or 13 digits",
            "12 or 13 digits",
        ),
        (
            "５０３４５６７８９０１２０",
            "has characters in it that are not digits. It must have 12 or 13 digits",
            "12 or 13 digits",
        ),
    ],
)
def test_a_barcode_is_told_with_what_is_wrong_about_it(barcode: str, fault: str, expected: str) -> None:
    finding = only(with_release(replace(RELEASE, barcode=text(barcode, 52))))

    assert finding.code == "ERN-002"
    assert finding.text == f'metadata.xml, line 52: the barcode "{barcode}" {fault}.'
    assert (finding.found, finding.expected) == (barcode, expected)


@pytest.mark.parametrize(
    ("barcode", "fix", "expected"),
    [
        (
            "36000291452",
            "Write 036000291452, if that is the barcode that you were given: spreadsheets drop leading zeros.",
            "036000291452",
        ),
        (
            "36000291453",
            "Write the barcode again with every digit, without spaces or hyphens: spreadsheets drop leading zeros.",
            "12 or 13 digits",
        ),
        (
            "12345678901234",
            "Write the barcode with its 12 or 13 digits, as you were given it.",
            "12 or 13 digits",
        ),
        (
            "05034567890120",
            "Write 5034567890120: leave out the zero at the beginning.",
            "5034567890120",
        ),
        (
            "00036000291452",
            "Write 036000291452: leave out the zero at the beginning.",
            "036000291452",
        ),
        (
            "5.03457E+12",
            "Write the barcode again with every digit, as you were given it. In the spreadsheet, format the cell as"
            " text before you type the barcode into it.",
            "12 or 13 digits",
        ),
        (
            "5034-5678-90120",
            "Write 5034567890120: plain digits, without spaces, hyphens or points.",
            "5034567890120",
        ),
    ],
)
def test_the_cure_of_a_barcode_is_the_barcode_where_it_can_be_known(barcode: str, fix: str, expected: str) -> None:
    finding = only(with_release(replace(RELEASE, barcode=text(barcode, 52))))

    assert (finding.code, finding.fix, finding.expected) == ("ERN-002", fix, expected)


@pytest.mark.parametrize(
    ("isrc", "fault", "fix"),
    [
        ("GB-DUM-26-0001", "has 11 characters without its hyphens, points and spaces. It must have 12.", None),
        ("GBDUM26000011", "has 13 characters. It must have 12.", None),
        ("-", "has 0 characters without its hyphens, points and spaces. It must have 12.", None),
        ("GB DUM 26 00001", "has hyphens, points or spaces in it. Without them it is GBDUM2600001.", "GBDUM2600001"),
        (
            "GB-DUM-26-0000X",
            "has hyphens, points or spaces in it. Without them it is GBDUM260000X, which is not two letters,"
            " three letters or digits, seven digits.",
            None,
        ),
    ],
)
def test_the_characters_of_an_isrc_are_counted_without_hyphens(isrc: str, fault: str, fix: str | None) -> None:
    finding = only(with_recording(replace(RECORDING, isrc=text(isrc, 24))))

    assert (finding.code, finding.text) == ("ERN-031", f'metadata.xml, line 24 (track 1): the ISRC "{isrc}" {fault}')
    copied = "Write the ISRC again as you were given it: 12 letters and digits, such as GBDUM7620001."
    assert finding.fix == (copied if fix is None else f"Write {fix}.")


def test_clipping_is_told_at_five_places_that_can_be_told_apart() -> None:
    at = tuple(index / 50 for index in range(500))
    sound = replace(MEASUREMENT, true_peak=0.2, clipped_runs=58_774, clipped_at=at)

    finding = only(with_sound(sound))

    assert finding.text == (
        "01_Sunrise.wav is clipped 58774 times, first at 0:00.0, 0:00.1, 0:00.2, 0:00.3 and 0:00.4"
        " (true peak 0.20 dBTP). Clipping is not permitted."
    )
    assert (finding.found, finding.expected) == ("58774 times", "-0.3 dBTP or lower")
    assert finding.fix == "Master the track again with the limiter's true-peak ceiling at -0.3 dBTP or lower."


def test_one_clipped_place_is_told_as_one() -> None:
    finding = only(with_sound(replace(MEASUREMENT, true_peak=0.2, clipped_runs=1, clipped_at=(4.0,))))

    assert finding.text.startswith("01_Sunrise.wav is clipped 1 time, at 0:04.0 (")
    assert finding.found == "1 time"


def test_missing_lines_are_not_told_as_found() -> None:
    finding = only(with_release(replace(RELEASE, p_lines=(), c_lines=())))

    assert finding.code == "STY-032"
    assert finding.text == "metadata.xml, line 50: the release has no PLine (℗) and no CLine (©)."
    assert (finding.found, finding.expected) == (None, "<PLine> and <CLine>")


def test_a_duration_that_differs_is_found_in_the_message_and_measured_in_the_file() -> None:
    declared = replace(RECORDING, duration=text("PT3M42S", 29), duration_seconds=222.0)

    finding = only(with_recording(declared))

    assert finding.code == "ERN-053"
    assert finding.text == (
        "metadata.xml, line 29 (track 1): the XML gives the track 3:42, but 01_Sunrise.wav lasts 0:31."
    )
    assert finding.fix == "Check that 01_Sunrise.wav is the right file, and write PT0M31S into <Duration>."
    assert (finding.found, finding.expected) == ("3:42", "0:31")


def test_technical_details_that_differ_are_found_in_the_message_too() -> None:
    details = replace(RECORDING.technical_details[0], bits=text("16", 36))

    finding = only(with_recording(replace(RECORDING, technical_details=(details,))))

    assert finding.code == "ERN-054"
    assert finding.text == "metadata.xml, line 36 (track 1): the XML says 16 bit, but 01_Sunrise.wav has 24 bit."
    assert (finding.found, finding.expected) == ("16 bit", "24 bit")


def test_an_isrc_of_three_tracks_is_told_at_each_later_one() -> None:
    recordings = tuple(
        replace(RECORDING, line=line, isrc=text(isrc, line + 2), reference=text(f"A{line}"))
        for line, isrc in ((20, "GBDUM2600001"), (40, "gbdum2600001"), (60, "GBDUM2600001"), (80, "GBDUM2600002"))
    )

    message = message_of(recordings)
    found = check(replace(with_message(message), files=(), audio=()), POLICY)
    findings = [one.text.partition(": ")[2] for one in found if one.code == "ERN-033"]

    told = "the ISRC GBDUM2600001 is used for more than one track (also on line 22)."
    assert findings == [told, told]


@pytest.mark.parametrize(
    ("departure", "code", "words", "fix"),
    [
        (
            SchemaFault(29, UNEXPECTED, "Genre", "SoundRecording", belongs_in=("SoundRecordingDetailsByTerritory",)),
            "XML-010",
            "metadata.xml, line 29: <Genre> is not allowed in <SoundRecording>.",
            "Correct its name, or remove <Genre> here. Its place is in <SoundRecordingDetailsByTerritory>.",
        ),
        (
            SchemaFault(29, UNEXPECTED, "Duration", "SoundRecording", after="ReferenceTitle", before="ResourceGroup"),
            "XML-017",
            "metadata.xml, line 29: <Duration> stands in the wrong place in <SoundRecording>. We read it as if it stood"
            " after <ReferenceTitle> and before <ResourceGroup>.",
            "Move <Duration> after <ReferenceTitle> and before <ResourceGroup>. In ERN all elements have a fixed"
            " order.",
        ),
        (
            SchemaFault(29, UNEXPECTED, "Duration", "SoundRecording", repeated=True),
            "XML-018",
            "metadata.xml, line 29: <Duration> stands more than once in <SoundRecording>. Once is allowed.",
            "Remove every <Duration> in <SoundRecording> except the one that is right.",
        ),
    ],
)
def test_an_unexpected_element_is_told_with_its_place(departure: SchemaFault, code: str, words: str, fix: str) -> None:
    finding = only(with_message(replace(message_of(), schema_faults=(departure,))))

    assert (finding.code, finding.text, finding.fix) == (code, words, fix)


@pytest.mark.parametrize("digit", ["²", "①"])
def test_a_digit_that_is_no_number_breaks_no_rule(digit: str) -> None:
    details = replace(RECORDING.technical_details[0], bits=text(digit, 36))
    year = replace(RELEASE.p_lines[0], year=text(digit, 57))
    message = message_of((replace(RECORDING, technical_details=(details,)),), (replace(RELEASE, p_lines=(year,)),))

    assert codes(with_message(message)) == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("WAV", "a WAV"),
        ("FLAC", "a FLAC"),
        ("AIFF-C", "an AIFF-C"),
        ("RF64", "an RF64"),
        ("BW64", "a BW64"),
        ("AVIF", "an AVIF"),
        ("GIF", "a GIF"),
        ("TIFF", "a TIFF"),
    ],
)
def test_a_format_has_the_article_with_which_it_is_read(name: str, told: str) -> None:
    assert an(name) == told


@pytest.mark.parametrize(
    ("problem", "found", "words"),
    [
        (MessageProblem.EMPTY, None, "the file is empty (0 bytes)."),
        (MessageProblem.EMPTY, "9 bytes, all of them blank or zero", "(9 bytes, all of them blank or zero)."),
    ],
)
def test_what_a_file_does_not_say_is_not_told_of_it(problem: MessageProblem, found: str | None, words: str) -> None:
    unread = UnreadableMessage(MESSAGE, problem, None, found)
    assert only(replace(GOOD, message=None, unreadable=unread, files=())).text.endswith(words)


def test_a_sign_that_was_turned_into_xml_twice_is_shown() -> None:
    finding = only(titled("Tom &amp; Jerry"))
    assert finding.text.endswith('the title "Tom &amp; Jerry" contains "&amp;", a sign that was turned into XML twice.')


@pytest.mark.parametrize(
    ("codec", "told"),
    [(None, "no audio format that we know"), ("CAF", "a CAF file"), ("HTML", "an HTML file"), ("ZIP", "a ZIP file")],
)
def test_a_file_that_is_no_audio_is_called_what_it_is(codec: str | None, told: str) -> None:
    other = replace(MASTER, container=Container.OTHER, codec=codec, measurement=None, duration=None, frames=None)
    finding = only(with_audio(other))
    assert finding.text == f"01_Sunrise.wav holds {told}. Only WAV, FLAC and AIFF are accepted."


def test_sound_without_values_is_not_called_silence() -> None:
    assert codes(with_sound(replace(MEASUREMENT, is_silent=True, non_finite=9))) == ["AUD-033"]
    assert codes(with_sound(replace(MEASUREMENT, is_silent=True))) == ["AUD-024"]


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(7.6e-5, "less than a thousandth of a second"), (0.002, "0.002 seconds"), (0.5, "0.5 seconds"), (1.2, "0:01")],
)
def test_a_length_is_told_in_words_of_its_size(seconds: float, told: str) -> None:
    assert clock(seconds) == told


@pytest.mark.parametrize(
    ("channels", "silent", "told"),
    [(2, (0,), "left"), (2, (1,), "right"), (3, (2,), None), (6, (3,), None), (6, (0, 1, 3, 4, 5), None)],
)
def test_a_silent_channel_is_told_of_a_stereo_file(channels: int, silent: tuple[int, ...], told: str | None) -> None:
    master = replace(MASTER, channels=channels, measurement=replace(MEASUREMENT, silent_channels=silent))
    found = [one.found for one in check(with_audio(master), POLICY) if one.code == "AUD-028"]
    assert found == ([] if told is None else [told])


@pytest.mark.parametrize(("present", "amount"), [(443_728, "less"), (882_001, "more")])
def test_another_amount_of_sound_is_told_in_samples(present: int, amount: str) -> None:
    damage = DamageFact(Damage.TOTAL_MISMATCH, 882_000, present, "samples")
    finding = only(with_audio(replace(MASTER, damages=(damage,))))
    assert finding.text == (
        f"01_Sunrise.wav is damaged: it holds {amount} sound than its header says ({present} samples, not 882000)."
    )


@pytest.mark.parametrize(("bits", "container", "is_told"), [(32, Container.FLAC, True), (64, Container.WAV, False)])
def test_sound_that_could_not_be_checked_is_not_passed_over(bits: int, container: Container, is_told: bool) -> None:
    codec, suffix = ("FLAC", ".flac") if container is Container.FLAC else ("PCM", ".wav")
    measurement = None if is_told else MEASUREMENT
    master = replace(MASTER, container=container, codec=codec, suffix=suffix, bits=bits, measurement=measurement)
    (finding,) = [one for one in check(with_audio(master), POLICY) if one.code == "AUD-013"]
    assert finding.text.endswith("Its sound could not be checked.") is is_told


@pytest.mark.parametrize(
    ("container", "codec", "code", "text"),
    [
        (Container.OTHER, "Musepack", "AUD-002", "holds a Musepack file."),
        (Container.MP4, "MPEG-4 ALS", "AUD-002", "holds MPEG-4 ALS audio."),
        (Container.MP4, "AAC", "AUD-001", "is AAC audio."),
    ],
)
def test_a_format_is_called_by_its_name(container: Container, codec: str, code: str, text: str) -> None:
    facts = replace(MASTER, container=container, codec=codec, measurement=None)
    finding = next(one for one in check(with_audio(facts), POLICY) if one.code.startswith("AUD"))
    assert (finding.code, text in finding.text) == (code, True)
