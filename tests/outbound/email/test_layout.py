"""The HTML part in a real browser, on a screen as narrow as a telephone's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.core.notice import NoticeKind
from ingest.outbound.email.render import render
from tests.outbound.browser import NARROW, widths
from tests.outbound.email.samples import OPERATOR, SENDER, USUAL, full_of, html_of


@pytest.mark.browser
def test_no_email_is_wider_than_a_telephone(tmp_path: Path) -> None:
    pages = {f"{kind}-usual": html_of(render(USUAL[kind], OPERATOR, SENDER)) for kind in NoticeKind}
    pages |= {f"{kind}-long": html_of(render(full_of(kind, "W" * 300), OPERATOR, SENDER)) for kind in NoticeKind}
    assert widths(pages, tmp_path) == dict.fromkeys(pages, NARROW)
