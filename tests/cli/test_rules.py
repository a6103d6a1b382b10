"""`ingest rules [CODE]`"""

from __future__ import annotations

import html
import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.cli import main
from ingest.rulebook import examples, rule_markdown
from ingest.rules import RULES


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration but the test's own is found."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INGEST_CONFIG", raising=False)
    monkeypatch.setattr("ingest.config.file.SEARCH", ("config.toml",))


def ingest(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_every_rule_is_listed_once_with_its_severity_and_text() -> None:
    lines = ingest("rules").stdout.splitlines()
    listed = [line for line in lines if line.startswith("  ")]
    assert listed == [f"  {rule.code}  {rule.severity.value:8} {rule.text}" for rule in RULES.values()]


def test_a_rule_is_explained_in_small_letters_too() -> None:
    result = ingest("rules", "art-001")
    rule, example = RULES["ART-001"], examples()["ART-001"]
    assert (result.exit_code, result.stdout) == (
        0,
        "ART-001  error  (Cover artwork)\n"
        f"  Finds     {rule.text}\n"
        f"  Why       {rule.why}\n"
        "  Fix       Export the artwork again at {side} × {side} pixels. Enlarging the small file does not\n"
        "            help.\n"
        f"  Example   {example.text}\n"
        f"  Found     {example.found}\n"
        f"  Expected  {example.expected}\n"
        "  Cure      Export the artwork again at 3000 × 3000 pixels. Enlarging the small file does not help.\n"
        f"  Source    {rule.source}\n"
        "  DDEX      FileStatus ResourceNotMeetingSpecifications\n",
    )


def test_the_page_of_rules_tells_the_same_in_the_same_order() -> None:
    for code, rule in RULES.items():
        told = re.sub(r"\s+", " ", ingest("rules", code).stdout)
        page = html.unescape(rule_markdown(rule))
        lines = [line.removeprefix("* ") for line in page.splitlines() if line.startswith("* ")]
        assert re.sub(r"\s+", " ", " ".join(line.replace(": ", " ", 1) for line in lines)) in told


def test_every_rule_can_be_explained() -> None:
    for code in RULES:
        text = ingest("rules", code).stdout
        assert text.startswith(f"{code}  ")
        assert max(len(line) for line in text.splitlines()) <= 110


def test_what_the_configuration_does_to_a_rule_is_told() -> None:
    text = '[rules]\nsilenced = ["ART-001"]\n[rules.severity]\nAUD-020 = "warning"\n'
    Path("config.toml").write_text(text, "utf-8")
    silenced = ingest("rules", "ART-001").stdout.splitlines()
    softened = ingest("rules", "AUD-020").stdout.splitlines()
    assert silenced[-1] == "  Here      silenced by config.toml: it is never reported."
    assert (softened[0], softened[-1]) == (
        "AUD-020  error  (Audio)",
        "  Here      reported as warning, as config.toml says.",
    )
    listed = ingest("rules").stdout
    assert f"  ART-001  silenced {RULES['ART-001'].text}\n" in listed
    assert f"  AUD-020  warning  {RULES['AUD-020'].text}\n" in listed


def test_a_rule_as_json_names_both_severities() -> None:
    Path("config.toml").write_text('[rules.severity]\nAUD-020 = "warning"\n', "utf-8")
    rule = RULES["AUD-020"]
    assert json.loads(ingest("rules", "AUD-020", "--format", "json").stdout) == {
        "code": "AUD-020",
        "severity": "warning",
        "default_severity": "error",
        "silenced": False,
        "text": rule.text,
        "fix": rule.fix,
        "snippet": "",
        "why": " ".join(rule.why.split()),
        "source": rule.source,
        "ddex_status": rule.ddex_status.value,
        "example": asdict(examples()["AUD-020"]),
    }


def test_all_rules_as_json_come_in_the_order_of_their_codes() -> None:
    listed = json.loads(ingest("rules", "--format", "json").stdout)["rules"]
    assert [rule["code"] for rule in listed] == sorted(RULES)


def test_an_unknown_code_is_wrong_usage_with_the_nearest_one() -> None:
    near, far = ingest("rules", "AUB-020"), ingest("rules", "nonsense")
    assert (near.exit_code, far.exit_code) == (2, 2)
    assert "there is no rule AUB-020; did you mean AUD-020?" in near.stderr
    assert "there is no rule nonsense; `ingest rules` lists them" in far.stderr
