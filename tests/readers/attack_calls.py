"""The system calls that a child which was taken over would make, by number (x86-64), and their arguments.

A word in quotes stands for what the request names: `own` the descriptor of the file that is read, `mine` its path,
`key` another file of the account, `folder` the one around it, `new` a name that is free there, `pid` each process.
"""

from __future__ import annotations

import ctypes
import os
import signal
import stat
from typing import Final

from ingest.readers.reads import Request

AT_FDCWD: Final = -100
MEMORY: Final = ctypes.create_string_buffer(4096)
ROOM: Final = bytes(4096)
PAGE: Final = ctypes.addressof(MEMORY) & ~4095
Word = int | bytes | None
Call = tuple[Word, ...]
"""The number of a system call and its arguments."""

Row = tuple[str | Word, ...]
"""The same with words that stand for something."""

FLAGS: Final = (os.O_WRONLY, os.O_RDWR, os.O_TRUNC, os.O_APPEND, os.O_PATH, os.O_DIRECT, os.O_NOATIME, os.O_SYNC)

BY_PATH: Final[tuple[Row, ...]] = (
    ("truncate", 76, 0),
    ("chmod", 90, 0o777),
    ("chown", 92, 1, 1),
    ("lchown", 94, 1, 1),
    ("utime", 132, None),
    ("utimes", 235, None),
    ("unlink", 87),
    ("rename", 82, "new"),
    ("link", 86, "new"),
    ("setxattr", 188, b"user.x", b"x", 1, 0),
    ("lsetxattr", 189, b"user.x", b"x", 1, 0),
    ("removexattr", 197, b"user.x"),
    ("getxattr", 191, b"user.x", ROOM, 10),
    ("open (the old call)", 2, os.O_RDONLY),
    ("access", 21, 0),
    ("execve", 59, None, None),
    ("statfs", 137, ROOM),
    ("acct", 163),
    ("swapon", 167, 0),
    ("chroot", 161),
    ("chdir", 80),
)
"""Name and number of calls that take a path, and what follows the path."""

BY_PLACE: Final[tuple[Row, ...]] = (
    ("fchmodat", 268, 0o777, 0),
    ("fchmodat2", 452, 0o777, 0),
    ("fchownat", 260, 1, 1, 0),
    ("futimesat", 261, None),
    ("utimensat", 280, None, 0),
    ("unlinkat", 263, 0),
    ("renameat", 264, AT_FDCWD, "new"),
    ("renameat2", 316, AT_FDCWD, "new", 0),
    ("linkat", 265, AT_FDCWD, "new", 0),
    ("openat2", 437, b"\0" * 24, 24),
    ("execveat", 322, None, None, 0),
    ("name_to_handle_at", 303, ROOM, ROOM, 0),
    ("readlinkat", 267, ROOM, 10),
    ("faccessat2", 439, 0, 0),
    ("open_tree", 428, 0),
    ("mount_setattr", 442, 0, None, 0),
)
"""Those that take a folder's descriptor before the path."""

FILES: Final[dict[str, Row]] = {
    "open to create": (257, AT_FDCWD, "new", os.O_CREAT, 0o600),
    "open without a name": (257, AT_FDCWD, "folder", os.O_TMPFILE, 0o600),
    "creat": (85, "new", 0o600),
    "mkdir": (83, "new", 0o700),
    "mkdirat": (258, AT_FDCWD, "new", 0o700),
    "rmdir": (84, "folder"),
    "symlink": (88, "key", "new"),
    "symlinkat": (266, "key", AT_FDCWD, "new"),
    "mknod": (133, "new", stat.S_IFIFO | 0o600, 0),
    "mknodat": (259, AT_FDCWD, "new", stat.S_IFIFO | 0o600, 0),
    "ftruncate": (77, "own", 0),
    "fchmod": (91, "own", 0o777),
    "fchown": (93, "own", 1, 1),
    "futimens": (280, "own", None, None, 0),
    "fsetxattr": (190, "own", b"user.x", b"x", 1, 0),
    "fremovexattr": (199, "own", b"user.x"),
    "fallocate": (285, "own", 0, 0, 1),
    "flock": (73, "own", 2),
    "copy_file_range": (326, "own", None, "own", None, 1, 0),
    "sendfile": (40, "own", "own", None, 1),
    "splice": (275, "own", None, "own", None, 1, 0),
    "ioctl": (16, "own", 0x40086602, ROOM),
    "fsync": (74, "own"),
    "syncfs": (306, "own"),
    "fchdir": (81, "own"),
    "open_by_handle_at": (304, "own", ROOM, 0),
}

ON_OTHERS: Final[tuple[Row, ...]] = (
    ("kill", 62, "pid", signal.SIGKILL),
    ("tkill", 200, "pid", signal.SIGKILL),
    ("tgkill", 234, "pid", "pid", signal.SIGKILL),
    ("rt_sigqueueinfo", 129, "pid", signal.SIGKILL, ROOM),
    ("rt_tgsigqueueinfo", 297, "pid", "pid", signal.SIGKILL, ROOM),
    ("pidfd_open", 434, "pid", 0),
    ("F_SETOWN", 72, "own", 8, "pid"),
    ("setpriority", 141, 0, "pid", 5),
    ("sched_setaffinity", 203, "pid", 8, b"\1" + bytes(7)),
    ("sched_setscheduler", 144, "pid", 3, bytes(4)),
    ("sched_setparam", 142, "pid", bytes(4)),
    ("sched_setattr", 314, "pid", bytes(48), 0),
    ("ioprio_set", 251, 1, "pid", 3 << 13),
    ("ptrace", 101, 16, "pid", 0, 0),
    ("process_vm_readv", 310, "pid", None, 0, None, 0, 0),
    ("process_vm_writev", 311, "pid", None, 0, None, 0, 0),
    ("prlimit64", 302, "pid", 7, None, ROOM),
    ("prlimit64 to set", 302, "pid", 7, bytes(16), None),
    ("migrate_pages", 256, "pid", 0, None, None),
    ("move_pages", 279, "pid", 0, None, None, None, 0),
    ("setpgid", 109, "pid", 0),
    ("kcmp", 312, "pid", "pid", 0, 0, 0),
    ("get_robust_list", 274, "pid", None, None),
)
"""Calls on each process that can be named."""

COMMANDS: Final = (4, 6, 7, 8, 10, 15, 37, 38, 1024, 1026, 1031, 1033, 1036, 1040)
"""F_SETFL, locks, F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ, seals and hints."""

ON_OURSELVES: Final[dict[str, Row]] = {
    **{f"fcntl {command}": (72, "own", command, 1) for command in COMMANDS},
    "fork": (57,),
    "vfork": (58,),
    "clone": (56, signal.SIGCHLD, 0, 0, 0, 0),
    "clone of a thread": (56, 0x10F00, 0, 0, 0, 0),
    "clone3": (435, bytes(64), 64),
    "pidfd_send_signal": (424, "own", signal.SIGKILL, None, 0),
    "pidfd_getfd": (438, "own", 0, 0),
    "prlimit64 to set ours": (302, 0, 7, b"\xff" * 16, None),
    "setrlimit": (160, 7, bytes(16)),
    "prctl": (157, 1, 0, 0, 0, 0),
    "prctl seccomp": (157, 22, 2, 0, 0, 0),
    "seccomp": (317, 1, 0, None),
    "personality": (135, 0x0400000),
    "setsid": (112,),
    "setuid": (105, 0),
    "setresuid": (117, 0, 0, 0),
    "setgroups": (116, 0, None),
    "capset": (126, None, None),
    "rt_sigaction": (13, signal.SIGXCPU, None, None, 8),
    "setitimer": (38, 0, None, None),
    "timer_create": (222, 0, None, None),
}

MEMORY_CALLS: Final[dict[str, Row]] = {
    "mmap of code": (9, None, 4096, 5, 0x22, -1, 0),
    "mmap of code to be": (9, None, 4096, 7, 0x22, -1, 0),
    "mmap of shared memory": (9, None, 4096, 3, 0x21, -1, 0),
    "mmap of shared memory, validated": (9, None, 4096, 3, 0x23, -1, 0),
    "mmap locked": (9, None, 4096, 3, 0x2022, -1, 0),
    "mmap of huge pages": (9, None, 2 << 20, 3, 0x40022, -1, 0),
    "mprotect to code": (10, PAGE, 4096, 7),
    "pkey_mprotect": (329, PAGE, 4096, 7, -1),
    "remap_file_pages": (216, 0, 4096, 0, 0, 0),
    **{f"madvise {advice}": (28, None, 0, advice) for advice in (9, 10, 12, 16, 18, 20, 21, 22, 23, 25, 100, 101)},
    **{f"futex {command}": (202, ROOM, command, 1, None, None, 0) for command in (2, 3, 5, 6, 11, 12, 13)},
    "mlock": (149, ROOM, 4096),
    "mlock2": (325, ROOM, 4096, 0),
    "mlockall": (151, 1),
    "mincore": (27, None, 0, None),
    "memfd_create": (319, b"x", 0),
    "memfd_secret": (447, 0),
    "userfaultfd": (323, 0),
    "process_madvise": (440, 0, None, 0, 0, 0),
    "shmget": (29, 0, 4096, 0o1600),
    "shmat": (30, 0, None, 0),
    "shmctl": (31, 0, 0, None),
    "semget": (64, 0, 1, 0o1600),
    "semop": (65, 0, None, 0),
    "semctl": (66, 0, 0, 0),
    "msgget": (68, 0, 0o1600),
    "msgsnd": (69, 0, None, 0, 0),
    "mq_open": (240, b"ingest", os.O_CREAT | os.O_RDWR, 0o600, None),
    "mq_unlink": (241, b"ingest"),
}

SOCKETS: Final[dict[str, Row]] = {
    f"socket {family} {kind}": (41, family, kind, 0) for family in (1, 2, 10, 16, 17, 38, 40, 44) for kind in (1, 2, 3)
}

WITHOUT_ARGUMENTS: Final = {
    "socketpair": 53,
    "connect": 42,
    "bind": 49,
    "sendto": 44,
    "sendmsg": 46,
    "recvmsg": 47,
    "accept4": 288,
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "io_setup": 206,
    "bpf": 321,
    "perf_event_open": 298,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "unshare": 272,
    "setns": 308,
    "mount": 165,
    "umount2": 166,
    "pivot_root": 155,
    "fsopen": 430,
    "syslog": 103,
    "quotactl": 179,
    "quotactl_fd": 443,
    "inotify_init": 253,
    "inotify_init1": 294,
    "inotify_add_watch": 254,
    "fanotify_init": 300,
    "fanotify_mark": 301,
    "init_module": 175,
    "kexec_load": 246,
    "modify_ldt": 154,
    "arch_prctl": 158,
    "pipe2": 293,
    "eventfd2": 290,
    "epoll_create1": 291,
    "signalfd4": 289,
    "timerfd_create": 283,
    "landlock_create_ruleset": 444,
    "landlock_restrict_self": 446,
}


def forbidden(request: Request, own: int) -> dict[str, Call]:
    """Every call, by what it is and on what; `own` is the descriptor of the file that is read."""
    folder = request["folder"]
    meant = {"mine": request["path"], "key": request["key"], "folder": folder, "new": f"{folder}/new"}
    words: dict[str, Word] = {name: path.encode() for name, path in meant.items()} | {"own": own}
    rows = _on_files() | FILES | ON_OURSELVES | MEMORY_CALLS | SOCKETS
    calls = {name: _said(row, words) for name, row in rows.items()}
    for who in ("keeper", "sibling", "daemon", "bystander"):
        named = words | {"pid": request[who]}
        calls |= {f"{row[0]!s} {who}": _said(row[1:], named) for row in ON_OTHERS}
    return calls | {name: (number, *[0] * 6) for name, number in WITHOUT_ARGUMENTS.items()}


def _on_files() -> dict[str, Row]:
    opened: dict[str, Row] = {
        f"open {which} {flags:o}": (257, AT_FDCWD, which, flags, 0o600) for which in ("mine", "key") for flags in FLAGS
    }
    by_path = {f"{row[0]!s} {which}": (row[1], which, *row[2:]) for which in ("mine", "key") for row in BY_PATH}
    by_place = {
        f"{row[0]!s} {which}": (row[1], AT_FDCWD, which, *row[2:]) for which in ("mine", "key") for row in BY_PLACE
    }
    return opened | by_path | by_place


def _said(row: Row, words: dict[str, Word]) -> Call:
    return tuple(words[word] if isinstance(word, str) else word for word in row)
