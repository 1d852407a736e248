"""The process that forks workers: it opens no store, starts no thread and holds no client's connection.

Forking from the front would be unsafe (threads, RocksDB) and would hand every worker the listening socket. This process is
started before the front's event loop, as `python -m acuerdo.serve.forkserver FD [MODULE …]`. It obeys the front on a socket pair and
ends with it, all workers first.

Messages are a length and JSON; a spawn carries the worker's end of its channel as a file descriptor.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys

import msgspec

from acuerdo.serve import worker  # imported once, here: a fork then costs a few milliseconds

LENGTH = struct.Struct("!I")


def main(descriptor: int) -> None:
    """Serve until the front closes its end."""
    control = socket.socket(fileno=descriptor)
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # the end of `control` is the one order to stop
    woken, waker = os.pipe()
    for end in (woken, waker):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    gc.freeze()  # keeps the shared pages of the workers shared
    children: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            _drain(woken)
            _report_ended(control, children)
        if control.fileno() in ready and not _obey(control, children):
            break
    for pid in children.values():
        os.kill(pid, signal.SIGKILL)
    for pid in children.values():
        os.waitpid(pid, 0)


def _drain(woken: int) -> None:
    try:
        while os.read(woken, 4096):
            pass
    except BlockingIOError:
        return


def _report_ended(control: socket.socket, children: dict[int, int]) -> None:
    """Tell the front which workers ended and how; nothing stays a zombie."""
    for identity, pid in list(children.items()):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            del children[identity]
            _tell(control, {"ended": identity, "code": os.waitstatus_to_exitcode(status)})


def _tell(control: socket.socket, message: dict[str, int]) -> None:
    payload = json.dumps(message).encode()
    try:
        control.sendall(LENGTH.pack(len(payload)) + payload)
    except OSError:
        return  # the front is gone; the next read says so


def _obey(control: socket.socket, children: dict[int, int]) -> bool:
    """Carry out the next order; False when the front has closed."""
    try:
        head, descriptors, _, _ = socket.recv_fds(control, LENGTH.size, 1)
    except ConnectionResetError:  # closed before it had read what we told it
        return False
    if not head:
        return False
    while len(head) < LENGTH.size:
        head += control.recv(LENGTH.size - len(head))
    (size,) = LENGTH.unpack(head)
    payload = b""
    while len(payload) < size:
        part = control.recv(size - len(payload))
        if not part:
            return False
        payload += part
    order = json.loads(payload)
    if "kill" in order:
        # A pid is only reused after it was waited for, and it leaves `children` then.
        if order["kill"] in children:
            os.kill(children[order["kill"]], signal.SIGKILL)
        return True
    pid = os.fork()
    if pid == 0:
        _become_worker(descriptors[0], payload)
    os.close(descriptors[0])
    children[order["id"]] = pid
    _tell(control, {"started": order["id"], "pid": pid})
    return True


def _become_worker(descriptor: int, payload: bytes) -> None:
    """Never returns."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for changed in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(changed, signal.SIG_DFL)
        channel = os.dup2(descriptor, 3)
        os.closerange(4, 1 << 20)
        null = os.open(os.devnull, os.O_RDWR)
        quiet = (0, 1) if os.environ.get("ACUERDO_DEBUG") else (0, 1, 2)
        for standard in quiet:  # an engine that aborts writes to standard error
            os.dup2(null, standard)
        os.close(null)
        worker.run(socket.socket(fileno=channel), msgspec.json.decode(payload, type=worker.Spec))
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    for name in sys.argv[2:]:
        importlib.import_module(name)
    main(int(sys.argv[1]))
