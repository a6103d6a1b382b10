"""Values on and just over each limit of the guide."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from ingest.core.deals import Period
from ingest.core.dossier import AudioFingerprint, KnownRelease, KnownTrack, ResolvedFile
from ingest.core.dossier import tracks as joined
from ingest.core.facts import (
    Damage,
    DamageFact,
    FileEntry,
    FileKind,
    Loudness,
    Measurement,
    Span,
    UploadEnd,
    UploadFact,
)
from ingest.core.kind import Kind, purpose_of
from ingest.core.message import ResourceUse
from ingest.core.resources import Artist, Genre
from ingest.rules import check
from tests.nasty import NASTY
from tests.rules.dossiers import (
    AUDIO,
    DEAL,
    GOOD,
    MASTER,
    MEASUREMENT,
    PICTURE,
    POLICY,
    RECORDING,
    REFERENCE,
    RELEASE,
    codes,
    message_of,
    only,
    text,
    with_audio,
    with_cover,
    with_deals,
    with_message,
    with_recording,
    with_release,
    with_sound,
    with_texts,
)
from tests.rules.dossiers import (
    title as titled_as,
)

DELIVER_AS_16 = (
    "Export the track again from the original session at 24 bit, or deliver it as the 16-bit file that it is."
)


@pytest.mark.parametrize(
    ("peak", "found"), [(-0.3, []), (-0.26, []), (-0.24, ["AUD-020"]), (0.4, ["AUD-020"]), (None, [])]
)
def test_a_true_peak_counts_rounded_to_a_tenth(peak: float | None, found: list[str]) -> None:
    assert codes(with_sound(replace(MEASUREMENT, true_peak=peak))) == found


@pytest.mark.parametrize(("bits", "found"), [("24", []), ("16", ["ERN-054"]), ("9" * 5000, []), ("二四", [])])
def test_a_depth_of_any_length_is_read_or_left_alone(bits: str, found: list[str]) -> None:
    details = replace(RECORDING.technical_details[0], bits=text(bits))
    assert codes(with_recording(replace(RECORDING, technical_details=(details,)))) == found


@pytest.mark.parametrize(
    ("bits", "used", "file", "fix"),
    [
        (24, 8, "a 24-bit file", "Export the track again from the original session at 24 bit."),
        (24, 12, "a 24-bit file", "Export the track again from the original session at 24 bit."),
        (16, 8, "a 16-bit file", "Export the track again from the original session at 24 bit."),
        (24, 20, "a 24-bit file", "Export the track again from the original session at 24 bit."),
        (18, 16, "an 18-bit file", DELIVER_AS_16),
        (24, 16, "a 24-bit file", DELIVER_AS_16),
    ],
)
def test_unused_bits_are_told_with_the_cures_that_there_are(bits: int, used: int, file: str, fix: str) -> None:
    master = replace(MASTER, bits=bits, measurement=replace(MEASUREMENT, effective_bits=used))
    finding = next(finding for finding in check(with_audio(master), POLICY) if finding.code == "AUD-030")
    assert finding.text == (
        f"01_Sunrise.wav is {file}, but only {used} bit are used: it was made from a file of fewer bits."
    )
    assert finding.fix == fix


def test_sixteen_bits_are_no_cure_where_they_are_not_taken() -> None:
    master = replace(MASTER, measurement=replace(MEASUREMENT, effective_bits=16))
    finding = only(with_audio(master), replace(POLICY, min_bits=24))
    assert finding.fix == "Export the track again from the original session at 24 bit."


@pytest.mark.parametrize(("bits", "used"), [(24, 23), (24, 15), (24, 17), (16, 2), (16, 15), (24, 1), (16, 16)])
def test_a_depth_that_nobody_records_in_is_no_padding(bits: int, used: int) -> None:
    master = replace(MASTER, bits=bits, measurement=replace(MEASUREMENT, effective_bits=used))
    assert "AUD-030" not in codes(with_audio(master))


@pytest.mark.parametrize(("bits", "found"), [(16, []), (24, ["AUD-030"]), (32, ["AUD-013"])])
def test_unused_bits_are_told_of_a_depth_that_stores_take(bits: int, found: list[str]) -> None:
    master = replace(MASTER, bits=bits, measurement=replace(MEASUREMENT, effective_bits=16))
    assert [code for code in codes(with_audio(master)) if code != "AUD-012"] == found


def test_a_track_of_half_a_second_has_a_length() -> None:
    short = with_audio(replace(MASTER, duration=0.5))
    texts = {finding.code: f"{finding.text} {finding.fix}" for finding in check(short, POLICY)}
    assert texts["AUD-015"].startswith("01_Sunrise.wav is only 0.5 seconds long.")
    assert "01_Sunrise.wav lasts 0.5 seconds. " in texts["ERN-053"]
    assert "write PT0.5S into <Duration>" in texts["ERN-053"]


@pytest.mark.parametrize(
    ("space", "found"),
    [("RGB", []), ("CMYK", ["carries a colour profile for CMYK"]), ("»\0\x1b", ["a colour space that we do not know"])],
)
def test_a_foreign_colour_profile_is_named_where_it_has_a_name(space: str, found: list[str]) -> None:
    findings = check(with_cover(replace(PICTURE, has_icc=True, icc_space=space)), POLICY)
    assert [words for words in found if words in findings[0].text] == found
    assert [finding.code for finding in findings] == ["ART-019"] * len(found)


@pytest.mark.parametrize(("suffix", "found"), [("png", []), ("tif", []), ("jpg", ["PKG-028"])])
def test_a_cover_of_another_format_is_not_called_accepted(suffix: str, found: list[str]) -> None:
    name = f"{'artwork' if suffix != 'jpg' else 'front'}.{suffix}"
    entries = tuple(
        replace(entry, path=name) if entry.kind is FileKind.IMAGE else entry for entry in GOOD.folder.entries
    )
    dossier = replace(GOOD, folder=replace(GOOD.folder, entries=entries), cover=name, artwork=())
    assert [code for code in codes(dossier) if code == "PKG-028"] == found


@pytest.mark.parametrize("kind", NASTY)
def test_a_message_of_any_texts_is_judged_at_once(kind: str) -> None:
    """Beside releases that we know from rows of an older version, which kept texts of any length."""
    words = NASTY[kind]
    track = KnownTrack(1, words, f"other {words}", AudioFingerprint("0" * 64))
    barcode = KnownRelease(7, "anna", True, "Delivered to DSPs", f"other {words}", "barcode", "5034567890120")
    isrc = replace(barcode, shared="isrc", value="GBDUM2600001", track=track)
    named = with_texts(GOOD.message, words)
    assert named is not None
    same = replace(named, recordings=tuple(replace(one, isrc=RECORDING.isrc) for one in named.recordings))
    codes(GOOD)
    for message in (named, same):
        begun = time.process_time()
        check(replace(GOOD, message=message, known=(barcode, isrc)), POLICY)
        assert time.process_time() - begun < 0.1


@pytest.mark.parametrize(
    ("title", "known", "found"),
    [
        ("e\u0301" * 5, "\u00e9" * 5, []),
        ("e\u0301" * 900, "\u00c9" * 900, []),
        ("a" * 1500, "a" * 1000, []),
        ("a" * 1500, "A", ["ERN-072"]),
        ("a" * 1000, "b" * 1000, ["ERN-072"]),
        ("a" * 999 + "b", "a" * 999, []),
        ("a" * 500 + "b", "a" * 501, ["ERN-072"]),
    ],
)
def test_titles_that_were_cut_differ_where_what_both_have_differs(title: str, known: str, found: list[str]) -> None:
    track = KnownTrack(1, "GBDUM2600001", known, AudioFingerprint(None))
    earlier = KnownRelease(7, "anna", True, "Delivered to DSPs", "Sunrise", "isrc", "GBDUM2600001", track=track)
    dossier = replace(with_recording(replace(RECORDING, title=titled_as(title))), known=(earlier,))
    assert [code for code in codes(dossier) if code == "ERN-072"] == found


def test_a_message_of_thousands_of_tracks_and_releases_is_judged_in_seconds() -> None:
    """Nothing is looked for in all of one kind for each of another: that would take minutes."""
    many = range(8_000)
    recordings = tuple(
        replace(RECORDING, reference=text(f"A{n}"), isrc=text(f"GBDUM26{n:05}"), genres=(), display_artists=())
        for n in many
    )
    nothing = (Genre(None, None, 1),) * len(many), (Artist(None, (), 1),) * len(many)
    main = replace(RELEASE, genres=nothing[0], display_artists=nothing[1])
    tracks = tuple(
        replace(
            RELEASE,
            types=(text("TrackRelease"),),
            references=(text(f"R{n}"),),
            resources=(ResourceUse(text(f"A{len(many) - n}")),),
        )
        for n in many[2:]
    )
    deal = replace(DEAL, releases=tuple(text(f"R{n}") for n in many))
    files = tuple(ResolvedFile(REFERENCE, f"{n}.wav", "exact", recording=n) for n in many)
    audio = tuple(replace(MASTER, file=f"{n}.wav") for n in many[:2000])
    entries = tuple(FileEntry(f"{n}.wav", 0, FileKind.AUDIO) for n in many[-2000:])
    sold = KnownRelease(7, "anna", True, "Delivered to DSPs", "Sunrise", "barcode", "1", sold=("GBDUM2600001",))
    dossier = replace(
        GOOD,
        message=message_of(recordings, (main, *tracks), (deal,)),
        files=files,
        audio=audio,
        folder=replace(GOOD.folder, entries=entries),
        known=(sold,),
    )
    begun = time.process_time()
    check(dossier, POLICY)
    assert len(joined(dossier)) == len(many)
    assert time.process_time() - begun < 6


@pytest.mark.parametrize(("year", "found"), [("2026", []), ("2099", ["STY-033"]), ("9" * 5000, [])])
def test_a_year_of_any_length_is_read_or_left_alone(year: str, found: list[str]) -> None:
    line = replace(RELEASE.p_lines[0], year=text(year))
    assert codes(with_release(replace(RELEASE, p_lines=(line,)))) == found


def test_a_true_peak_is_told_with_its_time() -> None:
    finding = only(with_sound(replace(MEASUREMENT, true_peak=-0.049, true_peak_at=83.4)))

    assert finding.text == (
        "01_Sunrise.wav has a true peak of -0.05 dBTP at 1:23.4. The most that is accepted is -0.3 dBTP."
    )


@pytest.mark.parametrize(
    ("peak", "limit", "found"),
    [(-0.001, -0.3, "0.00"), (0.001, -0.3, "0.00"), (-0.2497, -0.3, "-0.25"), (-0.2497, -0.25, "-0.2497")],
)
def test_a_true_peak_is_never_minus_zero_and_is_seen_to_be_over_the_limit(
    peak: float, limit: float, found: str
) -> None:
    finding = only(with_sound(replace(MEASUREMENT, true_peak=peak)), replace(POLICY, max_true_peak=limit))
    assert (finding.code, finding.found) == ("AUD-020", f"{found} dBTP")


@pytest.mark.parametrize(
    ("seconds", "found"), [(1.5, "1.50"), (1.0046, "1.005"), (1.0045, "1.004"), (1 + 2 / 44100, "1.00005")]
)
def test_silence_is_seen_to_be_over_the_limit(seconds: float, found: str) -> None:
    finding = only(with_sound(replace(MEASUREMENT, trail_silence=seconds)))
    assert finding.text == (
        f"01_Sunrise.wav ends with {found} seconds of silence (under -60 dBFS). At most 1 second is accepted."
    )


@pytest.mark.parametrize(
    ("seconds", "code", "found"),
    [(29.7, "AUD-015", "0:29"), (0.97, "AUD-015", "0:01"), (43_200.2, "AUD-034", "12:00:01")],
)
def test_a_length_is_seen_to_be_outside_its_limits(seconds: float, code: str, found: str) -> None:
    master = replace(MASTER, duration=seconds)
    told = [finding for finding in check(with_audio(master), POLICY) if finding.code == code]
    assert [finding.found for finding in told] == [found]


LOUD = replace(MEASUREMENT, true_peak=5.5, loudness=Loudness(1.4, 0.1), correlation=0.002)


@pytest.mark.parametrize(
    ("sound", "found"),
    [
        (LOUD, ["AUD-035"]),
        (replace(LOUD, clipped_runs=7, clipped_at=(1.0,)), ["AUD-035"]),
        (replace(LOUD, loudness=Loudness(0.0, 0.1)), ["AUD-035"]),
        (replace(LOUD, clipped_runs=32, clipped_at=(1.0,)), ["AUD-021"]),
        (replace(LOUD, true_peak=3.0), ["AUD-020"]),
        (replace(LOUD, loudness=Loudness(-3.0, 0.1)), ["AUD-020"]),
        (replace(LOUD, loudness=Loudness(None, None)), ["AUD-020"]),
        (replace(LOUD, correlation=-0.05), ["AUD-020"]),
        (replace(LOUD, correlation=None, clipped_runs=7), ["AUD-021"]),
    ],
)
def test_noise_is_as_loud_as_can_be_and_different_in_each_channel(sound: Measurement, found: list[str]) -> None:
    assert codes(with_sound(sound)) == found


@pytest.mark.parametrize(
    ("holes", "told"),
    [
        ((Span(10.0, 10.3),), "at 0:10.0 for 0.30 seconds"),
        ((Span(10.0, 10.3), Span(83.4, 83.41)), "at 0:10.0 for 0.30 seconds and at 1:23.4 for 0.01 seconds"),
        ((Span(10.0, 21.0),), None),
        (tuple(Span(second, second + 0.1) for second in range(11)), None),
    ],
)
def test_a_few_short_holes_are_told_with_their_times(holes: tuple[Span, ...], told: str | None) -> None:
    found = [
        (finding.code, finding.found) for finding in check(with_sound(replace(MEASUREMENT, dropouts=holes)), POLICY)
    ]
    assert found == ([] if told is None else [("AUD-036", told)])


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ((31.0, 20.5), ("0:20.5", "the right channel ends 10.5 seconds early.")),
        ((20.9, 31.0), ("0:20.9", "the left channel ends 10.1 seconds early.")),
        ((31.0, 21.0), None),
        ((31.0, 0.0, 0.0), None),
        ((), None),
    ],
)
def test_a_channel_that_ends_early_is_told_with_its_time(ends: tuple[float, ...], told: tuple[str, str] | None) -> None:
    found = check(with_sound(replace(MEASUREMENT, channel_ends=ends)), POLICY)
    assert [(one.code, one.found, one.text.partition("on: ")[2]) for one in found] == (
        [] if told is None else [("AUD-037", *told)]
    )


def test_loud_noise_is_accepted_where_any_peak_is() -> None:
    assert check(with_sound(LOUD), replace(POLICY, max_true_peak=6.0)) == ()


def test_clipping_is_told_once_with_its_peak() -> None:
    sound = replace(MEASUREMENT, true_peak=0.61, clipped_runs=2, clipped_at=(1.0, 61.25))

    assert [finding.text for finding in check(with_sound(sound), POLICY)] == [
        "01_Sunrise.wav is clipped 2 times, at 0:01.0 and 1:01.2 (true peak 0.61 dBTP). Clipping is not permitted."
    ]


@pytest.mark.parametrize(
    ("seconds", "found"), [(1.0, []), (1.0 + 1 / 44100, []), (1.0 + 2 / 44100, ["AUD-022"]), (1.2, ["AUD-022"])]
)
def test_silence_of_one_second_and_one_frame_is_accepted(seconds: float, found: list[str]) -> None:
    assert codes(with_sound(replace(MEASUREMENT, lead_silence=seconds))) == found


@pytest.mark.parametrize(("declared", "found"), [(33.0, []), (29.0, []), (33.1, ["ERN-053"]), (222.0, ["ERN-053"])])
def test_a_duration_may_differ_by_two_seconds(declared: float, found: list[str]) -> None:
    assert codes(with_recording(replace(RECORDING, duration_seconds=declared))) == found


@pytest.mark.parametrize(
    ("width", "height", "found"),
    [
        (3000, 3000, []),
        (3001, 3001, ["ART-010"]),
        (2999, 2999, ["ART-001"]),
        (3000, 2999, ["ART-001", "ART-002"]),
        (4000, 3000, ["ART-002"]),
    ],
)
def test_the_cover_is_a_square_of_3000_pixels(width: int, height: int, found: list[str]) -> None:
    assert codes(with_cover(replace(PICTURE, width=width, height=height))) == found


@pytest.mark.parametrize(("size", "found"), [(20_000_000, []), (20_000_001, ["ART-006"])])
def test_the_cover_has_at_most_20_megabytes(size: int, found: list[str]) -> None:
    assert codes(with_cover(replace(PICTURE, size=size))) == found


@pytest.mark.parametrize(
    ("declared", "tracks", "seconds", "found"),
    [
        ("Single", 1, 200.0, []),
        ("Single", 3, 200.0, []),
        ("Single", 4, 200.0, ["ERN-052"]),
        ("Single", 6, 200.0, ["ERN-052"]),
        ("Single", 7, 200.0, ["ERN-050"]),
        ("Album", 1, 599.0, ["ERN-051"]),
        ("Album", 1, 600.0, []),
        ("Album", 3, 200.0, ["ERN-052"]),
        ("Album", 7, 200.0, []),
        ("Album", 5, 400.0, []),
        ("EP", 1, 200.0, ["ERN-052"]),
        ("EP", 4, 200.0, []),
        ("EP", 6, 299.0, []),
        ("EP", 6, 301.0, ["ERN-052"]),
    ],
)
def test_the_release_type_fits_the_content(declared: str, tracks: int, seconds: float, found: list[str]) -> None:
    recordings = tuple(
        replace(RECORDING, isrc=text(f"GBDUM26{number:05}"), duration_seconds=seconds, reference=text(f"A{number}"))
        for number in range(tracks)
    )
    uses = tuple(replace(RELEASE.resources[0], reference=text(f"A{number}")) for number in range(tracks))
    release = replace(RELEASE, types=(text(declared, 55),), resources=uses)
    dossier = replace(with_message(message_of(recordings, (release,))), audio=(), files=())

    assert [code for code in codes(dossier) if code.startswith("ERN-05")] == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("GB", []),
        ("XK", []),
        ("UK", ["ERN-062"]),
        ("gb", ["ERN-062"]),
        ("worldwide", ["ERN-062"]),
        ("2136", ["ERN-063"]),
    ],
)
def test_territory_codes(code: str, found: list[str]) -> None:
    assert codes(with_deals(replace(DEAL, territories=(text(code, 63),)))) == found


def test_a_deal_for_all_but_some_countries_is_a_deal() -> None:
    assert codes(with_deals(replace(DEAL, territories=(), excluded_territories=(text("US", 63),)))) == []


@pytest.mark.parametrize(
    ("released", "found"),
    [
        ("2026-03-30", []),
        ("2026-03-29", ["STY-036"]),
        ("2026-03-23", ["STY-036"]),
        ("2026-03-22", ["STY-035"]),
        ("2026-04", ["ERN-006"]),
        ("2026-13-45", ["ERN-007"]),
        ("#unknown#", ["ERN-005"]),
    ],
)
def test_release_dates(released: str, found: list[str]) -> None:
    dossier = with_message(message_of(releases=(replace(RELEASE, release_date=text(released, 54)),)))

    assert [code for code in codes(dossier) if code != "ERN-067"] == found


def test_a_broken_upload_is_told_once_with_its_bytes_and_not_as_damage() -> None:
    damaged = replace(MASTER, size=3_000_000, damages=(DamageFact(Damage.TRUNCATED, 8_202_644, 3_000_000),))
    entries = tuple(
        FileEntry(entry.path, 3_000_000, entry.kind) if entry.kind is FileKind.AUDIO else entry
        for entry in GOOD.folder.entries
    )
    interrupted = replace(
        with_audio(damaged),
        folder=replace(GOOD.folder, entries=entries),
        uploads=(UploadFact(AUDIO, 3_000_000, UploadEnd.INTERRUPTED),),
    )

    assert only(interrupted).text == "The upload of 01_Sunrise.wav broke off: 3000000 of 8202644 bytes arrived."


def test_an_upload_that_broke_off_after_its_last_byte_is_whole_by_its_own_structure() -> None:
    interrupted = replace(GOOD, uploads=(UploadFact(AUDIO, 8_202_644, UploadEnd.INTERRUPTED),))
    sparse = replace(
        interrupted,
        folder=replace(GOOD.folder, entries=tuple(replace(entry, is_sparse=True) for entry in GOOD.folder.entries)),
    )

    assert codes(interrupted) == []
    assert codes(sparse) == ["PKG-008"]


def test_a_file_cut_short_by_a_client_that_closed_it_is_told_as_cut_short() -> None:
    damaged = replace(MASTER, damages=(DamageFact(Damage.TRUNCATED, 8_202_644, 3_000_000),))

    assert only(with_audio(damaged)).text == "01_Sunrise.wav is cut short: it holds 3000000 of 8202644 bytes."


def test_the_length_that_a_damaged_file_states_says_nothing_of_the_release_type() -> None:
    damage = DamageFact(Damage.TRUNCATED, 8_202_644, 3_000_000)
    stating = replace(MASTER, duration=7200.0, damages=(damage,))

    assert codes(with_audio(replace(stating, damages=()))) == ["ERN-052", "ERN-053"]
    assert codes(with_audio(stating)) == ["AUD-004"]


def test_an_artist_of_the_release_stands_in_for_that_of_the_track() -> None:
    recording = replace(RECORDING, display_artists=())
    release = replace(RELEASE, display_artists=RECORDING.display_artists)

    assert codes(with_recording(recording)) == ["ERN-035"]
    assert codes(with_message(message_of((recording,), (release,)))) == ["ERN-082"]


def test_genre_and_flag_of_the_release_stand_in_for_those_of_the_track() -> None:
    recording = replace(RECORDING, genres=(), parental_warnings=())
    release = replace(RELEASE, genres=RECORDING.genres, parental_warnings=RECORDING.parental_warnings)

    assert codes(with_recording(recording)) == ["ERN-036", "ERN-037"]
    assert codes(with_message(message_of((recording,), (release,)))) == []


def test_an_original_date_stands_in_for_the_release_date_with_a_note() -> None:
    release = replace(RELEASE, release_date=None, original_release_date=text("2026-04-01", 54))

    assert codes(with_release(release)) == ["ERN-008"]


WITHOUT_MEDIA = replace(
    GOOD, folder=replace(GOOD.folder, entries=GOOD.folder.entries[:1]), files=(), audio=(), artwork=(), cover=None
)


def test_a_deal_that_only_ends_is_a_takedown_and_misses_no_audio() -> None:
    ended = replace(DEAL, periods=(Period(None, text("2026-03-01", 64), 64),))
    dossier = replace(WITHOUT_MEDIA, message=message_of(deals=(ended,)))

    assert (purpose_of(dossier), codes(dossier)) == (Kind.TAKEDOWN, ["ERN-017"])


def test_no_deals_and_no_audio_is_a_takedown_but_no_deals_with_audio_is_a_slip() -> None:
    assert purpose_of(replace(WITHOUT_MEDIA, message=message_of(deals=()))) is Kind.TAKEDOWN
    assert codes(with_deals()) == ["ERN-060"]


def test_no_audio_for_a_release_that_we_have_is_an_update() -> None:
    known = KnownRelease(7, "sunrise", True, "Delivered to DSPs", "Sunrise", "barcode", "5034567890120")

    assert purpose_of(WITHOUT_MEDIA) is Kind.NEW_RELEASE
    assert codes(replace(WITHOUT_MEDIA, known=(known,))) == ["ERN-019"]
    lost = replace(WITHOUT_MEDIA, files=tuple(replace(file, path=None, how="exact") for file in GOOD.files))
    for status in ("Invalid", "Needs QC", "QC Rejected"):
        assert purpose_of(replace(lost, known=(replace(known, status=status),))) is Kind.NEW_RELEASE
    newer = replace(known, package=8, status="Needs QC")
    assert purpose_of(replace(lost, known=(newer, known))) is Kind.UPDATE
    assert purpose_of(replace(WITHOUT_MEDIA, known=(newer,))) is Kind.UPDATE, "it names no files"


def test_another_labels_title_and_package_are_not_told() -> None:
    track = KnownTrack(3, "GBDUM2600001", "Secret Track", AudioFingerprint("0" * 64))
    rival = KnownRelease(7, "rival", False, "Delivered to DSPs", "Secret Song", "isrc", "GBDUM2600001")
    known = replace(rival, track=track)

    finding = only(replace(GOOD, known=(known,)))

    assert "Secret" not in finding.text + finding.fix
    assert "7" not in finding.text.replace("GBDUM2600001", "")
