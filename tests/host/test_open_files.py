"""The limit on open files of the daemon."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import resource
from ingest.host.open_files import raise_limit
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, 500))
raise_limit()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize("soft", [100, 500])
def test_the_soft_limit_is_raised_to_the_hard_one(soft: int) -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT.format(soft=soft)], capture_output=True, check=True, text=True)
    assert ran.stdout.split() == ["500", "500"]


REFUSED = """
import resource
from ingest.host.open_files import raise_limit
def refuse(which, limits):
    raise OSError
before = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (100, before[1]))
resource.setrlimit = refuse
raise_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def test_where_the_system_refuses_the_limit_stays() -> None:
    ran = subprocess.run([sys.executable, "-c", REFUSED], capture_output=True, check=True, text=True)
    assert ran.stdout.split() == ["100"]
