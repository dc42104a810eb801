"""What a process may touch of the machine, given up for good: Landlock (Linux 5.13 and later), without privileges or a library.

The numbers are those of ``linux/landlock.h``; its system calls bear the same ones on every architecture.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_VERSION, _BENEATH = 1, 1
_FILES = (13, 14, 15, 15, 16)
"""How many rights on files each version knows, from the first on; they are bits in a row."""
_TCP, _OTHERS = 0b11, 0b11
"""To bind and to connect (version 4); abstract sockets and signals of processes outside (version 6)."""
_READ = 0b1100
"""To read files and to list folders."""
_NO_NEW_PRIVILEGES = 38
"""PR_SET_NO_NEW_PRIVS."""


def confine(readable: Iterable[str]) -> bool:
    """Give up all files but to read those in ``readable`` folders, starting programs, TCP, and signals to other processes.

    What is open stays open. Older kernels give up as much of it as they know; returns False where they know nothing of it.
    Raises ``OSError`` where one that does refuses.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))
    if version < 1:
        return False
    attributes = struct.pack("=QQQ", (1 << _FILES[min(version, len(_FILES)) - 1]) - 1, _TCP, _OTHERS)
    attributes = attributes[: 8 if version < 4 else 16 if version < 6 else 24]
    rules = _sound(libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0)))
    for folder in filter(os.path.isdir, readable):
        at = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        _sound(libc.syscall(_ADD, rules, _BENEATH, struct.pack("=Qi", _READ, at), ctypes.c_uint32(0)))
        os.close(at)
    _sound(libc.prctl(_NO_NEW_PRIVILEGES, *(ctypes.c_ulong(one) for one in (1, 0, 0, 0))))
    _sound(libc.syscall(_RESTRICT, rules, ctypes.c_uint32(0)))
    os.close(rules)
    return True


def _sound(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "the kernel does not let this process be confined")
    return result
