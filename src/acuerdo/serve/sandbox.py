"""Fences that the kernel keeps around a worker, whatever a query makes it do.

Each one is tried where the server starts; `Enforcement` says which of them hold on this platform.
"""

import contextlib
import ctypes
import os
import resource
import signal
import struct
import sys
import time
from pathlib import Path

import msgspec

# Audit architecture and syscall numbers. Denied: what could reach another machine or another program.
_DENIED: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            "socket": 41,
            "connect": 42,
            "execve": 59,
            "ptrace": 101,
            "process_vm_writev": 311,
            "execveat": 322,
            "io_uring_setup": 425,  # a ring can open sockets without socket(2)
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "ptrace": 117,
            "socket": 198,
            "connect": 203,
            "execve": 221,
            "process_vm_writev": 271,
            "execveat": 281,
            "io_uring_setup": 425,
        },
    ),
}
_NETWORK = ("socket", "connect")
_X32 = 0x40000000  # x32 numbers pass under the x86-64 audit architecture

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_KILL, _ALLOW, _REFUSE = 0x80000000, 0x7FFF0000, 0x50000 | 13  # EACCES
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 1, 38, 22, 2


class Enforcement(msgspec.Struct):
    """Which fences hold around a worker."""

    sockets: bool = False
    memory: bool = False
    cpu: bool = False

    def missing(self) -> list[str]:
        """What is not enforced here, in words for the operator."""
        words = {
            "sockets": "sockets are not blocked by the kernel; SERVICE is refused by reading the query only",
            "memory": "a query's memory is not limited",
            "cpu": "a query's CPU time is limited by the server's clock only",
        }
        return [text for name, text in words.items() if not getattr(self, name)]


def seccomp_program(machine: str, *, network: bool) -> bytes:
    """The filter for one machine type; with `network` sockets stay allowed."""
    arch, numbers = _DENIED[machine]
    denied = [n for name, n in numbers.items() if not (network and name in _NETWORK)]

    def op(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("HBBI", code, yes, no, value)

    count = len(denied)
    program = [op(_LOAD, 4), op(_EQUAL, arch, 1, 0), op(_RETURN, _KILL)]
    program += [op(_LOAD, 0), op(_AT_LEAST, _X32, 0, 1), op(_RETURN, _KILL)]
    program += [op(_EQUAL, number, count - i, 0) for i, number in enumerate(denied)]
    program += [op(_RETURN, _ALLOW), op(_RETURN, _REFUSE)]
    return b"".join(program)


def deny_syscalls(*, network: bool) -> bool:
    """From now on this process and its threads cannot open sockets or start programs; False where unsupported."""
    machine = os.uname().machine
    if not sys.platform.startswith("linux") or machine not in _DENIED:
        return False
    program = seccomp_program(machine, network=network)

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    buffer = ctypes.create_string_buffer(program, len(program))
    fprog = Filter(len(program) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(fprog), 0, 0) == 0)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends (Linux)."""
    if sys.platform.startswith("linux"):
        parent = os.getppid()
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the call
            os._exit(1)


def offer_to_oom_killer() -> None:
    """Let a machine out of memory end a worker before anything else."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")


def virtual_memory() -> int | None:
    """Bytes of address space in use, or None where the system doesn't say."""
    try:
        pages = Path("/proc/self/statm").read_bytes().split(maxsplit=1)[0]
    except OSError:
        return None
    return int(pages) * resource.getpagesize()


def limit_memory(budget: int) -> bool:
    """Allow this much address space beyond what is in use; a refused allocation ends the process."""
    used = virtual_memory()
    if used is None:
        return False
    try:
        resource.setrlimit(resource.RLIMIT_AS, (used + budget, used + budget))
    except (OSError, ValueError):
        return False
    return True


def limit_files() -> None:
    """No core dump, and no byte written to any file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


class CpuClock:
    """Ends this process when one query has used far more CPU than it may; set anew only when it must be."""

    def __init__(self) -> None:
        self._soft = 0

    def allow(self, seconds: float) -> bool:
        """Leave at least that much; the kernel counts whole seconds, and the front's deadline is the exact one."""
        used = time.process_time()
        if self._soft - used > seconds + 1:
            return True
        soft = int(used + 2 * seconds) + 3
        try:
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        except (OSError, ValueError):
            return False
        self._soft = soft
        return True
