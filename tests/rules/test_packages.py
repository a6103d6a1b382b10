from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.core.dossier import Policy
from ingest.core.finding import Severity
from ingest.core.verdict import Verdict, judge
from ingest.readers.dossier import ReaderSettings, read_dossier
from ingest.rulebook import examples
from ingest.rules import RULES, check
from tests.broken import audio, folder, release, style
from tests.broken.change import Broken, add, both, edit, edit_all, replace_audio
from tests.good import master, wav
from tests.messages import SECONDS
from tests.packages import BROKEN, RECEIVED, UNBROKEN, Good, write_good
from tests.rules.examples import example_of, is_like
from tests.rules.reading import findings_after, findings_of, read_here

EQUALLY_GOOD = {**folder.EQUALLY_GOOD, **release.EQUALLY_GOOD, **audio.EQUALLY_GOOD, **style.EQUALLY_GOOD}


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    read_here(monkeypatch)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder that is emptied at once: packages are large."""
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in Good if kind is not Good.GUIDE])
def test_a_good_package_gives_no_finding_at_all(kind: Good, place: Path) -> None:
    assert findings_of(write_good(place, kind)) == ()


@pytest.mark.slow
def test_the_guides_own_example_gives_no_error(place: Path) -> None:
    findings = findings_of(write_good(place, Good.GUIDE))

    assert judge(findings) is Verdict.PASSED
    assert [finding.code for finding in findings] == ["STY-041", "ERN-003", "STY-030", "AUD-012", "STY-032", "STY-025"]


_FILE = "01_Sunrise.wav"
SLOW = {"AUD-010", "AUD-032", "ERN-050", "ART-014", "ART-015"}


def _marked(code: str) -> object:
    return pytest.param(code, marks=pytest.mark.slow if code in SLOW else ())


@pytest.mark.parametrize("code", [_marked(code) for code in sorted(BROKEN)])
def test_a_broken_package_gives_its_code_and_no_other(code: str, place: Path) -> None:
    findings = findings_after(place, BROKEN[code])

    assert {finding.code for finding in findings} == {code}
    assert {finding.severity for finding in findings} == {RULES[code].severity}
    assert is_like(example_of(findings[0]), examples().get(code)), f"run: python -m tests.rules.examples {code}"


@pytest.mark.parametrize("name", [name for name in EQUALLY_GOOD if EQUALLY_GOOD[name].good is not Good.GUIDE])
def test_a_package_just_inside_the_limits_gives_no_warning(name: str, place: Path) -> None:
    findings = findings_after(place, EQUALLY_GOOD[name])

    assert [finding for finding in findings if finding.severity is not Severity.INFO] == []


TWO_CAUSES = {
    "a near name does not hide what is wrong with the sound": (
        both(edit((_FILE, "01_sunrise.WAV")), replace_audio(lambda: wav(SECONDS, rate=96_000))),
        ["AUD-010", "PKG-005"],
    ),
    "nor does a path of Windows": (
        both(edit((_FILE, f"resources\\{_FILE}")), replace_audio(lambda: wav(SECONDS, bits=16))),
        ["PKG-005", "AUD-012"],
    ),
    "a file that ends in its header holds no audio": (replace_audio(lambda: master("wav")[:40]), ["AUD-004"]),
    "a copy of a track is no second cause": (add("02_Copy.wav", master("wav", SECONDS, 1)), ["PKG-020"]),
}


@pytest.mark.parametrize("name", TWO_CAUSES)
def test_each_cause_has_one_finding(name: str, place: Path) -> None:
    change, found = TWO_CAUSES[name]

    assert [finding.code for finding in findings_after(place, Broken(Good.SINGLE, change))] == found


def test_every_rule_has_a_broken_package_or_a_reason_why_not() -> None:
    assert sorted([*BROKEN, *UNBROKEN]) == sorted(RULES)


def test_one_change_that_breaks_three_tracks_is_told_three_times(place: Path) -> None:
    genre = r"        <Genre><GenreText>Afrobeats</GenreText></Genre>\n"
    findings = findings_after(place, Broken(Good.EP, edit_all(genre, "")))

    assert [(finding.code, finding.track) for finding in findings] == [("ERN-036", track) for track in range(1, 6)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [Good.SINGLE, Good.AIFF, Good.ERN])
def test_the_sandboxed_reader_agrees(kind: Good, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    folder = write_good(place, kind)

    dossier = read_dossier(folder, folder.name, ReaderSettings())

    assert (dossier.unread, check(dossier, Policy(received=RECEIVED))) == ((), ())
