"""`python -m ingest.rulebook`: the page `docs/rules.md` on standard output."""

from ingest.rulebook.markdown import page

print(page(), end="")
