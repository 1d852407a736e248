"""The kernel's fences, tried one by one in a process of their own."""

import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from acuerdo.serve.sandbox import Enforcement, seccomp_program

SOURCE = Path(__file__).parents[2] / "src"
HEAD = "from acuerdo.serve import sandbox\nassert sandbox.deny_syscalls(network=False)\n"
CALL = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
THREAD = """
import threading, socket
found = []
def go():
    try:
        socket.socket()
    except PermissionError as error:
        found.append(error)
thread = threading.Thread(target=go)
thread.start()
thread.join()
raise found[0]
"""
linux = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="seccomp is tried on Linux x86-64 and aarch64",
)


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )


@linux
@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import socket; socket.socket(socket.AF_UNIX)",
        "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "import os; os.execv('/bin/true', ['true'])",
        "import socket; a, b = socket.socketpair(); a.connect('/tmp/nowhere')",
        THREAD,
    ],
)
def test_sockets_and_programs_are_refused(attempt: str) -> None:
    done = _run(HEAD + attempt)
    assert "PermissionError" in done.stderr


@linux
@pytest.mark.parametrize(("name", "number"), [("io_uring_setup", 425)])
def test_a_ring_that_could_open_sockets_is_refused(name: str, number: int) -> None:
    probe = CALL + f"print(libc.syscall({number}, 8, 0), ctypes.get_errno())"
    assert _run(HEAD + probe).stdout.split() == ["-1", "13"]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is a thing of x86-64")
@linux
def test_x32_numbers_kill() -> None:
    """0x40000027 is x32's getpid: the filter must not read it as x86-64's number 39, nor as one unknown to it."""
    done = _run(HEAD + CALL + "libc.syscall(0x40000027)\nprint('alive')")
    assert (done.returncode, done.stdout) == (-signal.SIGSYS, "")


@linux
def test_with_network_only_sockets_are_allowed() -> None:
    head = HEAD.replace("False", "True")
    assert _run(head + "import socket; socket.socket(); print('open')").stdout == "open\n"
    assert "PermissionError" in _run(head + "import os; os.execv('/bin/true', ['true'])").stderr


@linux
def test_no_file_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "never"
    head = "from acuerdo.serve import sandbox\nsandbox.limit_files()\n"
    done = _run(head + f"file = open({str(path)!r}, 'w'); file.write('x'); file.flush()")
    assert "File too large" in done.stderr
    assert path.stat().st_size == 0


@linux
def test_memory_beyond_the_budget_is_refused() -> None:
    code = "from acuerdo.serve import sandbox\nassert sandbox.limit_memory(50 << 20)\nbytearray({} << 20)\nprint('had')"
    assert _run(code.format(20)).stdout == "had\n"
    assert "MemoryError" in _run(code.format(100)).stderr


@linux
def test_cpu_beyond_the_clock_ends_the_process() -> None:
    done = _run(
        "from acuerdo.serve import sandbox\nassert sandbox.CpuClock().allow(0.1)\nwhile True: pass"
    )
    assert done.returncode == -signal.SIGXCPU


def test_the_filter_for_aarch64_is_well_formed() -> None:
    """Not run here: every jump stays inside the program, which ends in allow and refuse."""
    import struct

    for machine in ("x86_64", "aarch64"):
        program = seccomp_program(machine, network=False)
        steps = [struct.unpack_from("HBBI", program, at) for at in range(0, len(program), 8)]
        for at, (code, yes, no, _) in enumerate(steps):
            if code in (0x15, 0x35):
                assert at + 1 + max(yes, no) < len(steps)
        assert [value for code, _, _, value in steps[-2:] if code == 0x06] == [
            0x7FFF0000,
            0x50000 | 13,
        ]


def test_what_is_not_enforced_is_said() -> None:
    assert Enforcement(sockets=True, memory=True, cpu=True).missing() == []
    assert "SERVICE" in Enforcement(memory=True, cpu=True).missing()[0]
    assert len(Enforcement().missing()) == 3
