from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.core.dossier import Policy
from ingest.core.finding import Fault, Severity
from ingest.rulebook import examples
from ingest.rules import RULES, UPLOAD_INCOMPLETE, catalogue
from ingest.rules.catalogue import FAMILIES
from ingest.rules.rule import Rule
from tests.rules.dossiers import GOOD, POLICY

HERE = Path(__file__).parent
REGISTRY = (HERE / "codes.txt").read_text("utf-8").split()
"""Every code ever given out: append only, never reuse."""

VERBS = set(
    re.findall(
        r"\w+",
        """
        Add Apply Ask Call Check Choose Close Compare Convert Copy Correct Crop Delete Encode Export Flatten Follow
        Give Go Leave Mark Master Move Name Number Nothing Open Put Remove Rename Save Send Start Take Tell Trim Turn
        Unpack Upload Use Wait Write
        """,
    )
)


def test_codes_are_those_given_out_and_none_is_used_twice() -> None:
    every = [rule.code for family in FAMILIES for rule in family.rules]

    assert sorted(every) == sorted(set(every)) == sorted(REGISTRY)
    assert list(RULES) == sorted(every)


def test_a_rule_that_is_broken_by_thousands_is_told_two_thousand_times(monkeypatch: pytest.MonkeyPatch) -> None:
    def often(subject: int, policy: Policy) -> Iterator[Fault]:
        yield from [Fault(file=f"{subject}.wav", found="0:07"), Fault(file=f"{subject}.wav", found="0:08")]

    rule = replace(RULES["AUD-015"], subjects=lambda dossier: range(100_000), judge=often)
    monkeypatch.setattr(catalogue, "RULES", {"AUD-015": rule})

    told = catalogue.check(GOOD, POLICY)

    assert {finding.text for finding in told} == {
        f"{number}.wav is only {found} long." for number in range(1000) for found in ("0:07", "0:08")
    }


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_has_words_a_cure_and_a_reason(rule: Rule) -> None:
    assert re.fullmatch(r"(PKG|XML|ERN|REF|AUD|ART|STY)-\d{3}", rule.code)
    assert rule.code.startswith(f"{rule.family}-")
    assert rule.why
    assert rule.why.endswith(".")
    assert rule.source
    for words in (rule.text, rule.fix):
        assert not re.search(r"\b(invalid|please|sorry|malformed)\b", words, re.IGNORECASE), words


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_cure_is_an_instruction(rule: Rule) -> None:
    fix = examples()[rule.code].fix if rule.fix == "{cure}" else rule.fix

    assert re.split(r"\W+", fix)[0] in VERBS
    assert fix.rstrip().endswith((".", "}", "?>")), fix


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_templates_name_plain_values_only(rule: Rule) -> None:
    for words in (rule.text, rule.fix):
        names = [name for _, name, _, _ in string.Formatter().parse(words) if name is not None]
        assert all(name.isidentifier() for name in names), names


def test_only_the_guides_musts_and_what_cannot_be_read_are_errors_of_style() -> None:
    assert [code for code, rule in RULES.items() if code.startswith("STY") and rule.severity is Severity.ERROR] == []


def test_every_code_is_named_in_a_test() -> None:
    tests = HERE.parent.rglob("*.py")
    named = set(re.findall(r"\b[A-Z]{3}-\d{3}\b", "".join(path.read_text("utf-8") for path in tests)))

    assert set(RULES) - named == set()


def test_the_codes_of_incomplete_uploads_exist() -> None:
    assert set(RULES) >= UPLOAD_INCOMPLETE
