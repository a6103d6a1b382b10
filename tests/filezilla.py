"""FileZilla itself on a virtual screen, used with the mouse as a label uses it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fzsftp import environment, fzsftp
from tests.sftp_clients import PASSWORD, need

RESUME: Final = 5
SCREEN: Final = (1280, 900)
FIRST_LOCAL: Final = (60, 358)
"""The first entry below `..` in the local list of the window as it opens, in pixels from the screen's corner."""
REMOTE_LIST: Final = (900, 480)
TOOLS: Final = ("filezilla", "fzsftp", "Xvfb", "openbox", "xdotool", "ffmpeg")


@dataclass
class Screen:
    """A virtual screen with a window manager; `environment` is what its programs run with."""

    environment: dict[str, str]
    pictures: Path

    def run(self, *command: object) -> None:
        subprocess.run([str(word) for word in command], env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def move(self, x: int, y: int) -> None:
        self.run("xdotool", "mousemove", x, y)
        time.sleep(0.05)

    def click(self, x: int, y: int) -> None:
        self.move(x, y)
        self.run("xdotool", "click", 1)
        time.sleep(0.3)

    def drag(self, source: tuple[int, int], target: tuple[int, int], steps: int = 20) -> None:
        """Press, pull a little until the toolkit sees a drag, pull over, and let go."""
        self.move(*source)
        self.run("xdotool", "mousedown", 1)
        time.sleep(0.3)
        for step in range(1, 5):
            self.move(source[0] + 4 * step, source[1] + step)
        (x, y), (to_x, to_y) = source, target
        for step in range(1, steps + 1):
            self.move(x + (to_x - x) * step // steps, y + (to_y - y) * step // steps)
        time.sleep(0.5)
        self.run("xdotool", "mouseup", 1)

    def picture(self, name: str) -> Path:
        """Take a screenshot; returns its file."""
        path = self.pictures / f"{name}.png"
        size = "x".join(map(str, SCREEN))
        grab = ["-f", "x11grab", "-video_size", size, "-i", self.environment["DISPLAY"], "-frames:v", "1"]
        self.run("ffmpeg", "-y", "-loglevel", "error", *grab, path)
        return path


@contextmanager
def screen(home: Path) -> Iterator[Screen]:
    """A virtual screen under a number that is free. Pictures go to $FILEZILLA_PICTURES, else into `home`."""
    for tool in TOOLS:
        need(tool)
    pictures = Path(os.environ.get("FILEZILLA_PICTURES", home))
    size = "x".join(map(str, SCREEN))
    with ExitStack() as programs:
        reading, writing = os.pipe()
        server = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
        programs.enter_context(started(server, environment(home), (writing,)))
        os.close(writing)
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        here = Screen(environment(home) | {"DISPLAY": f":{number}"}, pictures)
        programs.enter_context(started(["openbox"], here.environment))
        yield here


@contextmanager
def started(
    command: Sequence[str], env: dict[str, str], pass_fds: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """A program and whatever it starts, killed together at the end."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, env=env, pass_fds=pass_fds, stdout=quiet, stderr=quiet, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the whole group: FileZilla and its engines."""
    if process.poll() is None:
        os.killpg(process.pid, 9)
        process.wait(20)


def configure(home: Path, port: int, *, transfers: int, kibibytes_a_second: int = 0) -> None:
    """What a label would set and answer once: connections, speed, resume what is there, and trust in the host key."""
    settings = {
        "Number of Transfers": transfers,
        "Greeting version": "3.63.0",
        "Update Check": 0,
        "File exists action upload": RESUME,
        "Enable speed limits": int(kibibytes_a_second > 0),
        "Speedlimit outbound": kibibytes_a_second,
    }
    lines = "".join(f'<Setting name="{name}">{value}</Setting>' for name, value in settings.items())
    folder = home / ".config" / "filezilla"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "filezilla.xml").write_text(f'<?xml version="1.0"?><FileZilla3><Settings>{lines}</Settings></FileZilla3>')
    with fzsftp(home) as engine:
        engine.open(port)


def filezilla(port: int, local: Path) -> list[str]:
    """The command that opens FileZilla connected to /incoming with a local folder beside it."""
    return ["filezilla", f"sftp://anna:{PASSWORD}@127.0.0.1:{port}/incoming", f"--local={local}"]


def drop_into_incoming(here: Screen, begun: Callable[[], bool]) -> None:
    """Drag the first local entry into the remote list; again where the window was not ready, or fonts moved the row."""
    x, y = FIRST_LOCAL
    for shift in (0, 0, -10, 10, -20, 20, 0):
        here.click(x, y + shift)
        here.drag((x, y + shift), REMOTE_LIST)
        end = time.monotonic() + 4
        while time.monotonic() < end:
            if begun():
                return
            time.sleep(0.1)
    here.picture("not-begun")
    raise AssertionError("FileZilla did not begin to upload")
