"""Cutting a process off: no network, limited memory, gone with the thread that started it. Linux only."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import sys

_CLONE_NEWUSER, _CLONE_NEWNET, _PR_SET_PDEATHSIG = 0x10000000, 0x40000000, 1


def cut_network() -> bool:
    """Move this process into a network namespace of its own, which has no way out; tell whether that was proved.

    Must be called while the process has a single thread.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) and libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
        return False
    return not _can_connect()


def _can_connect() -> bool:
    """Tell whether even this machine can be reached."""
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            socket.create_connection(listener.getsockname(), timeout=0.5).close()
        except OSError:
            return False
    return True


def limit(megabytes: int) -> None:
    """Limit the address space, write no core files, and end with the thread of the parent that started this process."""
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == 1:
            os._exit(0)
