"""The log as machines and people read it, with hostile words in it."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from ingest.host.logs import Routed, configure, logger, redacted


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No journal around the test, and the process's logging as it was, afterwards."""
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    kept = [(one, list(one.handlers), one.level, one.propagate) for one in map(logging.getLogger, (None, "dbos"))]
    yield
    structlog.reset_defaults()
    for one, handlers, level, propagate in kept:
        one.handlers[:], one.propagate = handlers, propagate
        one.setLevel(level)


def written(event: str, level: str = "info", format: str = "json", **values: object) -> str:
    out = io.StringIO()
    configure("debug", format, out)
    getattr(logger("sftp"), level)(event, **values)
    return out.getvalue()


def test_an_event_is_one_line_of_json() -> None:
    line = written("connection refused", "warning", address="192.0.2.1", attempts=3)

    fields = json.loads(line)
    assert line.endswith("}\n")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", fields.pop("timestamp"))
    assert list(fields.items()) == [
        ("level", "warning"),
        ("logger", "sftp"),
        ("event", "connection refused"),
        ("address", "192.0.2.1"),
        ("attempts", 3),
    ]


@pytest.mark.parametrize(("level", "priority"), [("debug", 7), ("info", 6), ("warning", 4), ("error", 3)])
def test_under_the_journal_a_line_starts_with_its_priority(
    monkeypatch: pytest.MonkeyPatch, level: str, priority: int
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1234")

    assert written("sealed", level).startswith(f'<{priority}>{{"timestamp"')


def test_a_terminal_inside_a_journalled_session_gets_no_priorities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1234")
    out = Terminal()
    configure("info", "auto", out)
    logger("sftp").info("sealed")

    assert not out.getvalue().startswith("<")


def test_at_a_terminal_an_event_is_readable_and_coloured() -> None:
    out = Terminal()
    configure("info", "auto", out)
    logger("sftp").warning("connection refused", address="192.0.2.1", why="too many")

    assert re.fullmatch(
        r"\d\d:\d\d:\d\d \x1b\[33mwarning \x1b\[0m sftp     connection refused  address=192.0.2.1 why=\"too many\"\n",
        out.getvalue(),
    )


def test_colours_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert re.fullmatch(r"\d\d:\d\d:\d\d error    sftp     lost\n", written("lost", "error", "console"))

    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    configure("info", "auto", out)
    logger("sftp").error("lost")
    assert "\x1b" not in out.getvalue()


def test_events_below_the_level_are_not_written() -> None:
    out = io.StringIO()
    configure("warning", "json", out)
    log = logger("sftp")
    log.info("sealed")
    log.warning("torn")

    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["torn"]


def test_a_verb_that_configured_nothing_writes_warnings_to_standard_error() -> None:
    script = "from ingest.host.logs import logger; log = logger('x'); log.info('quiet'); log.warning('loud')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30)

    assert done.stdout == ""
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == ["loud"]


def test_secrets_are_never_written() -> None:
    line = written(
        "login",
        password="hunter2",
        Smtp_Password="hunter2",
        api_key="hunter2",
        headers={"Authorization": "Basic hunter2", "X-Auth-Token": "hunter2", "accept": ["a", {"secret": "hunter2"}]},
        url="postgresql://ingest:hunter2@db/ingest",
        setting=SecretStr("hunter2"),
    )

    assert "hunter2" not in line
    fields = json.loads(line)
    assert fields["headers"] == {
        "Authorization": "[hidden]",
        "X-Auth-Token": "[hidden]",
        "accept": ["a", {"secret": "[hidden]"}],
    }
    assert fields["url"] == "postgresql://ingest:[hidden]@db/ingest"


def test_what_is_no_secret_stays() -> None:
    event: dict[str, Any] = {"author": "x", "keys": 2, "url": "sftp://host:22/a@b", "free": None, "ok": True}

    assert redacted(event) == event


@pytest.mark.parametrize("format", ["json", "console"])
def test_a_folder_name_cannot_forge_a_line_or_colour_the_terminal(format: str) -> None:
    evil = 'x\n<3>{"event": "forged"}\r\x1b[31m\x9b\x85\u2028\u202e\ud800"'
    odd: dict[str, Any] = {"bad\nkey": 1}
    line = written(f"sealed {evil}", format=format, folder=evil, **odd)

    assert line.count("\n") == 1
    assert line[:-1].isprintable()
    assert r"\u001b[31m\u009b\u0085\u2028\u202e\ud800" in line


@settings(max_examples=60, deadline=None)
@given(text=st.text(), value=st.recursive(st.none() | st.text() | st.floats() | st.binary(), st.lists, max_leaves=5))
def test_whatever_is_said_is_one_printable_line(text: str, value: object) -> None:
    for format in ("json", "console"):
        line = written(text, format=format, value=value)
        assert line.count("\n") == 1 and line[:-1].isprintable()
    fields = json.loads(written(text), parse_constant=pytest.fail)
    assert fields["event"] == redacted({"event": text})["event"]


def test_a_fault_is_told_with_its_traceback() -> None:
    try:
        raise ValueError("forged\ninfo     sftp     login")
    except ValueError:
        as_json = written("intake failed", "error", exc_info=True)
        as_text = written("intake failed", "error", "console", exc_info=True)

    assert json.loads(as_json)["exception"].endswith("ValueError: forged\ninfo     sftp     login")
    assert as_json.count("\n") == 1
    first, *trace = as_text.splitlines()
    assert first.endswith("intake failed")
    assert trace and all(line.startswith("         | ") for line in trace)


def test_a_value_that_cannot_be_written_costs_no_event() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no words")

    assert json.loads(written("read", value=Broken()))["value"] == "<Broken>"


@pytest.mark.parametrize("library", ["asyncssh", "dbos", "sqlalchemy.engine", "alembic.runtime", "watchdog.observers"])
def test_libraries_are_heard_from_warnings_on_in_the_same_form(library: str) -> None:
    out = io.StringIO()
    configure("debug", "json", out)
    configure("debug", "json", out)
    log = logging.getLogger(library)
    log.info("chatter")
    log.warning("lost %s", "x\ny")

    (line,) = out.getvalue().splitlines()
    fields = json.loads(line)
    del fields["timestamp"]
    assert fields == {"level": "warning", "logger": library, "event": "lost x\ny"}


def test_a_library_tells_its_fault_with_the_traceback() -> None:
    out = io.StringIO()
    configure("info", "json", out)
    try:
        raise OSError("gone")
    except OSError:
        logging.getLogger("asyncssh").exception("uncaught")

    assert json.loads(out.getvalue())["exception"].endswith("OSError: gone")


def test_the_engine_finds_a_handler_and_adds_none_of_its_own() -> None:
    configure("info", "json", io.StringIO())

    engine = logging.getLogger("dbos")
    assert [type(one) for one in engine.handlers] == [Routed]
    assert not engine.propagate


UNHEARD = """
import threading
from ingest.host.logs import configure, hear_interpreter
class Ended:
    def __del__(self):
        raise OSError("in a finalizer")
async def forgotten(): ...
def in_thread():
    raise ValueError("in a thread\\nof two lines")
configure("info", "json")
hear_interpreter()
Ended()
forgotten()
thread = threading.Thread(target=in_thread, name="door")
thread.start()
thread.join()
raise RuntimeError("in the main thread")
"""


def test_what_python_itself_would_print_is_an_event_like_any_other() -> None:
    done = subprocess.run([sys.executable, "-c", UNHEARD], capture_output=True, text=True, check=False, timeout=60)

    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert done.returncode == 1
    told = [(line["level"], line["logger"], line.get("where", "")) for line in lines]
    assert [(level, name, where.split(":")[0]) for level, name, where in told] == [
        ("error", "python", "ignored in"),
        ("warning", "py.warnings", ""),
        ("error", "python", "door"),
        ("error", "python", "main thread"),
    ]
    assert "coroutine 'forgotten' was never awaited" in lines.pop(1)["event"]
    assert [line["event"] for line in lines] == ["fault that nobody caught"] * 3
    assert [line["exception"].splitlines()[-1] for line in lines] == [
        "OSError: in a finalizer",
        "of two lines",
        "RuntimeError: in the main thread",
    ]
