"""The log: one line per event on standard error, as JSON for machines or readable at a terminal.

Lines contain text that labels and their clients chose. It is escaped, so that it cannot start a new line, send control
sequences to the terminal or imitate another event. Values under keys that name a secret are never written.
"""

from __future__ import annotations

import json
import logging
import math
import os
import re
import sys
import threading
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
PRIORITY: Final = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}
"""Syslog priorities (RFC 5424, table 2), by which `journalctl -p` selects."""
COLOURS: Final = {"critical": "\x1b[1;31m", "error": "\x1b[31m", "warning": "\x1b[33m", "debug": "\x1b[2m"}
PLAIN: Final = "\x1b[0m"
HIDDEN: Final = "[hidden]"

_SECRET: Final = re.compile(r"password|passwd|secret|token|authorization|api_?key", re.IGNORECASE)
_URL_PASSWORD: Final = re.compile(r"(?<=://)([^\s:/@]*):[^\s/@]+@")
_HEAD: Final = ("timestamp", "level", "logger", "event")


def configure(level: str, format: str, stream: TextIO | None = None) -> None:
    """Write events of `level` and above to `stream` (default: standard error).

    `format`: `json`, `console`, or `auto`, which is `console` at a terminal and `json` elsewhere. Under the systemd
    journal each line starts with its priority. Of libraries that use the standard `logging`, warnings and worse are
    written.
    """
    out = sys.stderr if stream is None else stream
    line = Line(out, format)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    _route_libraries(Routed(out, line), max(LEVELS[level], logging.WARNING))


def logger(name: str) -> FilteringBoundLogger:
    """The log of one part of the program. Before `configure` was called, only warnings and worse are written."""
    if not structlog.is_configured():
        configure("warning", "auto")
    log: FilteringBoundLogger = structlog.get_logger().bind(logger=name)
    return log


def hear_interpreter() -> None:
    """Log Python's warnings and uncaught exceptions, of threads and finalizers too, instead of printing them.

    For processes whose standard error is the log. KeyboardInterrupt is not logged.
    """
    logging.captureWarnings(True)
    log = logger("python")

    def report(where: str, kind: type[BaseException], value: BaseException | None, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            log.error("fault that nobody caught", where=where, exc_info=(kind, value, trace))

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, SystemExit):
            report(args.thread.name if args.thread else "thread", args.exc_type, args.exc_value, args.exc_traceback)

    def in_passing(args: sys.UnraisableHookArgs) -> None:
        where = f"{args.err_msg or 'ignored in'}: {_written(args.object)}"
        report(where, args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = lambda kind, value, trace: report("main thread", kind, value, trace)
    threading.excepthook = in_thread
    sys.unraisablehook = in_passing


class Line:
    """Renders an event as text: the last processor, for our own events and for those of libraries."""

    def __init__(self, stream: TextIO, format: str) -> None:
        terminal = stream.isatty()
        self._console = format == "console" or (format == "auto" and terminal)
        self._coloured = terminal and not os.environ.get("NO_COLOR")
        # A shell in a desktop session inherits JOURNAL_STREAM although its terminal is not connected to the journal.
        self._journal = bool(os.environ.get("JOURNAL_STREAM")) and not terminal

    def __call__(self, log: WrappedLogger, method: str, event: EventDict) -> str:
        clean = redacted(event)
        text = self._readable(clean) if self._console else _json(_head_first(clean))
        if not self._journal:
            return text
        prefix = f"<{PRIORITY.get(str(clean.get('level')), 6)}>"
        return "\n".join(prefix + line for line in text.split("\n"))

    def _readable(self, event: Mapping[str, Any]) -> str:
        """`12:30:01 warning  sftp     connection refused  address=192.0.2.1`, and a traceback indented below it."""
        level = str(event.get("level", ""))
        word = f"{level:8}"
        if self._coloured and level in COLOURS:
            word = COLOURS[level] + word + PLAIN
        head = f"{str(event.get('timestamp', ''))[11:19]} {word} {_bare(event.get('logger', '')):8}"
        rest = {key: value for key, value in event.items() if key not in (*_HEAD, "exception")}
        pairs = "".join(f" {_bare(key)}={_shown(value)}" for key, value in rest.items())
        trace = str(event.get("exception", "")).splitlines()
        first = f"{head} {_bare(event.get('event', ''))}" + (f" {pairs}" if pairs else "")
        return "\n".join([first, *(f"         | {_bare(line)}" for line in trace)])


class Routed(logging.StreamHandler[TextIO]):
    """Passes records of the standard `logging` on to our log."""

    def __init__(self, stream: TextIO, line: Line) -> None:
        super().__init__(stream)
        self._line = line

    def format(self, record: logging.LogRecord) -> str:
        event: MutableMapping[str, Any] = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if record.exc_info:
            event["exception"] = logging.Formatter().formatException(record.exc_info)
        return self._line(None, record.levelname.lower(), event)


def redacted(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with secrets replaced: values under keys that name a secret, at any depth, and passwords in URLs."""
    return {key: HIDDEN if _SECRET.search(key.replace("-", "_")) else _without_secrets(event[key]) for key in event}


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return redacted({str(key): inner for key, inner in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_secrets(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else _written(value)
    return _URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text)


def _written(value: object) -> str:
    """The `repr` of a value; its type where `repr` raises, so that the event is not lost."""
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - any class's `__repr__` may raise anything, and the event must be logged
        return f"<{type(value).__name__}>"


def _head_first(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event with timestamp, level, logger and event first, so that lines can be read in columns."""
    return {key: event[key] for key in _HEAD if key in event} | dict(event)


def _json(value: object) -> str:
    """JSON on one line. Printable characters stay as they are; others (controls, bidirectional marks) are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(one if one.isprintable() else _escaped(one) for one in text)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _bare(value: object) -> str:
    """The text, with escapes where it has characters that are not printable."""
    text = str(value)
    return text if text.isprintable() else _json(text)[1:-1]


def _shown(value: object) -> str:
    """A value as it stands after its key. Text gets no quotes unless it holds spaces, quotes or `=`."""
    if isinstance(value, str) and value.isprintable() and value and not set(value) & set(" \"'="):
        return value
    return _json(value)


def _route_libraries(handler: Routed, level: int) -> None:
    """Send the standard `logging` to `handler`, in place of the handler of an earlier call."""
    root, engine = logging.getLogger(), logging.getLogger("dbos")
    for one in (root, engine):
        for old in list(one.handlers):
            # DBOS adds its own handler unless its logger has one. Other handlers of the root logger are left alone.
            if isinstance(old, Routed) or one is engine:
                one.removeHandler(old)
        one.addHandler(handler)
        one.setLevel(level)
    engine.propagate = False
