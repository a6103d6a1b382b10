"""The machine and the installation: what can be checked without a configuration."""

from __future__ import annotations

import ctypes
import importlib
import os
import platform
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from ingest.doctor.check import Check, fail, ok, warn, words
from ingest.host.data_files import PACKAGE, data_dir
from ingest.host.openat import check_available
from ingest.readers.landlock import NEWEST
from ingest.readers.sandbox import Confinement, probe

LIBRARIES: Final = ("asyncssh", "dbos")
SHIPPED: Final = (("schemas", "ern382.xsd"), ("templates", "email/layout.html.j2"), ("systemd", "ingestd.service"))
FULL_CURE: Final = (
    "Use Linux 6.12 or newer with Landlock among its security modules (lsm=landlock,... at boot); in a container or "
    "under an own unit, allow the three landlock_ system calls, prctl and seccomp."
)
KERNEL_CURE: Final = "Use Linux 6.12 or newer."
CALLS_CURE: Final = "Run on x86-64 with a kernel that has CONFIG_SECCOMP_FILTER."
INOTIFY: Final = "fs.inotify.max_user_instances"
INSTALL_AGAIN: Final = "Install ingest again from its wheel, with the locked requirements.txt."


def versions() -> Iterator[Check]:
    """The versions of Python and of the most important libraries, if they can be loaded."""
    try:
        sound = str(importlib.import_module("miniaudio").lib_version())
        libraries = [f"{name} {version(name)}" for name in LIBRARIES]
    except (ImportError, OSError, PackageNotFoundError) as error:
        yield fail("versions", f"a library is missing: {error}", INSTALL_AGAIN)
        return
    openssl = " ".join(ssl.OPENSSL_VERSION.split()[:2])
    yield ok("versions", ", ".join([f"Python {platform.python_version()}", openssl, f"miniaudio {sound}", *libraries]))


def kernel() -> Iterator[Check]:
    """The SFTP server opens labels' files with openat2(2), so that no path leads out of a label's home."""
    try:
        check_available(Path("/"))
    except OSError as error:
        cure = "Use Linux 5.6 or newer; in a container, allow the system call openat2."
        yield fail("kernel", f"Linux {platform.release()} refuses openat2: {words(error)}", cure)
        return
    yield ok("kernel", f"Linux {platform.release()}, openat2 works")


def sandbox() -> Iterator[Check]:
    """What confines a child process that reads a label's file: one is confined as a test, and reads none."""
    name = "sandbox"
    try:
        held = probe()
    except OSError as error:
        yield fail(name, f"no child can be confined, so no file is read: {words(error)}", FULL_CURE)
        return
    if held.landlock < 1:
        yield warn(name, f"no Landlock: a hostile file may read others' files; {_calls(held)}", FULL_CURE)
    elif not held.seccomp:
        yield warn(name, f"Landlock {held.landlock}; {_calls(held)}", CALLS_CURE)
    elif held.landlock < NEWEST:
        text = f"Landlock {held.landlock} of {NEWEST}; {_calls(held)}, which alone holds what this version lacks"
        yield warn(name, text, KERNEL_CURE)
    else:
        yield ok(name, f"Landlock {held.landlock}, {_calls(held)}")


def _calls(held: Confinement) -> str:
    return "system calls are filtered" if held.seccomp else "system calls are not filtered: a hostile file may use them"


def inotify() -> Iterator[Check]:
    """The kernel tells of changes on the disk, so that folders placed by other means than SFTP are found at once."""
    name = "inotify"
    descriptor, number = _inotify_instance()
    if descriptor < 0:
        text = f"no instance is free ({os.strerror(number)}): what is placed by other means is found by the rescan only"
        yield warn(name, text, f"Raise it: sysctl {INOTIFY}=1024, and the same line in /etc/sysctl.d/.")
        return
    os.close(descriptor)
    yield ok(name, "changes on the disk are told by the kernel")


def _inotify_instance() -> tuple[int, int]:
    """The descriptor of an inotify instance, and 0; or -1 and the error number."""
    descriptor = ctypes.CDLL(None, use_errno=True).inotify_init1(os.O_CLOEXEC)
    return descriptor, ctypes.get_errno() if descriptor < 0 else 0


def shipped_files() -> Iterator[Check]:
    """The schema and the email templates came with the installation and can be read."""
    for folder, name in SHIPPED:
        try:
            with (data_dir(folder) / name).open("rb") as file:
                is_empty = not file.read(1)
        except OSError as error:
            yield fail("shipped files", f"{folder}/{name} cannot be read: {words(error)}", INSTALL_AGAIN)
            return
        if is_empty:
            yield fail("shipped files", f"{folder}/{name} is empty", INSTALL_AGAIN)
            return
    yield ok("shipped files", "schemas, email templates and units are there")


def clock() -> Iterator[Check]:
    """A clock in the past would settle folders too early and make every release date look far away."""
    installed = (PACKAGE / "__init__.py").stat().st_mtime
    now = time.time()
    told = datetime.fromtimestamp(now, UTC)
    if now < installed:
        text = f"it is {told:%Y-%m-%d %H:%M} UTC by the clock, before ingest was installed"
        yield fail("clock", text, "Set the clock: timedatectl set-ntp true.")
        return
    yield ok("clock", f"{told:%Y-%m-%d %H:%M:%S} UTC")
