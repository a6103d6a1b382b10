"""Pages in a real browser, on a screen as narrow as a telephone's."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

NARROW = 390

MEASURE = """
<title>-</title>
<script>
addEventListener("load", () => {
  const widths = {};
  for (const frame of document.querySelectorAll("iframe")) {
    widths[frame.id] = frame.contentDocument.documentElement.scrollWidth;
  }
  document.title = JSON.stringify(widths);
});
</script>
"""


def widths(pages: dict[str, str], folder: Path) -> dict[str, int]:
    """How wide each page is when it is shown on a narrow screen, in CSS pixels."""
    chromium = shutil.which("chromium")
    if chromium is None:
        assert not os.environ.get("CI"), "chromium is missing, and CI must run this test"
        pytest.skip("chromium is not installed")
    frames = (
        f'<iframe id="{name}" style="border:0;width:{NARROW}px;height:900px" srcdoc="{html.escape(page)}"></iframe>'
        for name, page in pages.items()
    )
    (folder / "all.html").write_text(MEASURE + "".join(frames), "utf-8")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-background-networking",
        "--no-first-run",
    ]
    command = [chromium, *flags, f"--user-data-dir={folder / 'profile'}", "--dump-dom", (folder / "all.html").as_uri()]
    dumped = subprocess.run(command, capture_output=True, check=True, timeout=90).stdout.decode()
    found = re.search(r"<title>(.*?)</title>", dumped)
    assert found is not None
    widths: dict[str, int] = json.loads(html.unescape(found[1]))
    return widths
