"""Rules as people look them up: `docs/rules.md` (`python -m ingest.rulebook`) and `ingest rules CODE`."""

from ingest.rulebook.entry import FILE, Example, examples, facts_of
from ingest.rulebook.markdown import page, rule_markdown
from ingest.rules import RULES
from ingest.rules.catalogue import TITLES

__all__ = ["FILE", "RULES", "TITLES", "Example", "examples", "facts_of", "page", "rule_markdown"]
