"""Rules judge facts: `check(dossier, policy)` gives the findings, `RULES` is the catalogue. Pure functions."""

from ingest.rules.catalogue import RULES, UPLOAD_INCOMPLETE, check, snippets_of
from ingest.rules.rule import Family, Rule

__all__ = ["RULES", "UPLOAD_INCOMPLETE", "Family", "Rule", "check", "snippets_of"]
