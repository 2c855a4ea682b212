"""Cutting a process off: no network, limited memory, gone with the thread that started it. Linux only.

There are two ways to have no network: a network namespace of one's own, and where the system forbids that, a seccomp
filter that refuses to make sockets. Either counts only when a try has shown that it works.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import multiprocessing
import os
import platform
import resource
import signal
import socket
import struct
import sys
from pathlib import Path

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER = 1, 22, 38, 2
#: By machine: its number for audits, and those of socket, socketpair and io_uring_setup (which can make sockets too).
_CALLS = {"x86_64": (0xC000003E, 41, 53, 425), "aarch64": (0xC00000B7, 198, 199, 425)}
#: From here on, calls of x86_64 are those of another convention, which would pass a list of numbers by.
_OTHER_CONVENTION = 0x40000000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM


def cut_network() -> bool:
    """Take the network from this process, one way or the other; tell whether a try before and after proved it.

    Must be called while the process has a single thread.
    """
    if sys.platform != "linux" or not _can_connect():
        return False
    return any(cut() and not _can_connect() for cut in (enter_namespace, refuse_sockets))


def enter_namespace() -> bool:
    """Move this process into a network namespace of its own, which has no way out; tell whether the system let it."""
    libc = ctypes.CDLL(None, use_errno=True)
    # The second is for those who are not root: they may make a user namespace, and in it be.
    return any(libc.unshare(kinds) == 0 for kinds in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def refuse_sockets() -> bool:
    """Have the system refuse this process any further socket, for good; tell whether it took the filter."""
    calls = _CALLS.get(platform.machine())
    if calls is None or sys.maxsize < 1 << 32:
        return False
    program = _filter(*calls)
    steps = ctypes.create_string_buffer(program, len(program))
    # The kernel wants the number of instructions, padding, and where they are.
    whole = ctypes.create_string_buffer(struct.pack("H6xQ", len(program) // 8, ctypes.addressof(steps)), 16)
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero):
        return False
    refused: int = libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_FILTER), whole, zero, zero)
    return refused == 0


def _filter(machine: int, *refused: int) -> bytes:
    """Return a program for the kernel's packet filter that looks at a call's machine and number."""
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 0, len(refused) + 2, machine), (_LOAD, 0, 0, 0)]
    steps.append((_AT_LEAST, len(refused), 0, _OTHER_CONVENTION))
    steps += [(_EQUAL, len(refused) - 1 - n, 0, call) for n, call in enumerate(refused)]
    # The last comparison that does not fit steps over the refusal.
    steps[-1] = (_EQUAL, 0, 1, refused[-1])
    steps += [(_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _can_connect() -> bool:
    """Tell whether even this machine can be reached."""
    try:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            socket.create_connection(listener.getsockname(), timeout=0.5).close()
    except OSError:
        return False
    return True


def limit(megabytes: int) -> None:
    """Limit the address space to so much more than it is now, and write no core files."""
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() if _is_linux() else 0
    resource.setrlimit(resource.RLIMIT_AS, (taken + (megabytes << 20),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def go_first() -> None:
    """Have the system end this process before others when it runs out of memory."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def end_with_parent(parent: int | None = None) -> None:
    """Have the system end this process when the thread that started it ends, even by a kill.

    Told is the number of the parent, for a fork; without it, the process that multiprocessing knows as parent.
    """
    if not _is_linux():
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is None and (known := multiprocessing.parent_process()) is not None:
        parent = known.pid
    # It may have ended before the system was told. Its number tells, and not that of its heir, which is 1: in a
    # container the parent itself has that.
    if parent is not None and os.getppid() != parent:
        os._exit(0)


def _is_linux() -> bool:
    return sys.platform == "linux"
