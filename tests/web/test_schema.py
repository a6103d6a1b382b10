"""The description of the API, against the API: every operation is called with what it describes, and with what not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.daemon import Client, serving

LEFT_OUT = "/v1/webhooks/.*/test"
"""Posts to the receiver of an endpoint."""


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with serving(tmp_path_factory.mktemp("api")) as (_, client):
        yield client


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_call_ends_in_an_error_of_ours_or_in_what_the_description_does_not_say(ask: Client, tmp_path: Path) -> None:
    """`positive_data_acceptance` is left out: a body may be well formed and name no file, release or store of ours."""
    program = Path(sys.executable).with_name("schemathesis")
    assert program.exists() or shutil.which("schemathesis")
    done = subprocess.run(
        [
            *(str(program), "run", f"http://127.0.0.1:{ask.port}/openapi.json", "-H", f"x-api-key: {ask.key}"),
            *("--seed", "17", "--max-examples", "2", "--phases", "coverage,fuzzing", "--no-color"),
            *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),
            *("--exclude-path-regex", LEFT_OUT),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
