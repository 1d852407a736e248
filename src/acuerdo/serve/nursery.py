"""The front's end of the fork server: asks for workers, has them killed, hears how they ended."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable

import msgspec

from acuerdo.errors import GraphUnusable
from acuerdo.serve.forkserver import LENGTH
from acuerdo.serve.worker import Spec


class Nursery:
    """One fork server and the processes it has forked."""

    def __init__(self, *preloaded: str) -> None:
        """`preloaded` names modules that workers need beside their own."""
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "acuerdo.serve.forkserver", str(theirs.fileno())]
        command += preloaded
        package_root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))  # noqa: PTH120
        paths = [package_root, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the front only, which lets answers finish
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "MALLOC_ARENA_MAX": "2"},
        )
        theirs.close()
        self._control = ours
        self._next = 0
        self._ended: dict[int, asyncio.Future[int]] = {}
        self.pids: dict[int, int] = {}
        self._rest = b""
        self.lost: Callable[[], None] | None = None

    @property
    def pid(self) -> int:
        """The fork server's process."""
        return self._process.pid

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen from the event loop."""
        self._control.setblocking(False)
        loop.add_reader(self._control.fileno(), self._hear)

    def spawn(
        self, store: str, memory: int, *, network: bool = False, union: str = ""
    ) -> tuple[int, socket.socket]:
        """A new worker's number and the front's end of its channel; the worker says `UP` when it is ready."""
        self._next += 1
        spec = Spec(self._next, store, memory, network, union)
        ours, theirs = socket.socketpair()
        payload = msgspec.json.encode(spec)
        # Orders are small and the fork server answers at once: blocking here is bounded by a fork.
        self._control.setblocking(True)
        try:
            with theirs:
                message = LENGTH.pack(len(payload)) + payload
                sent = socket.send_fds(self._control, [message], [theirs.fileno()])
                self._control.sendall(message[sent:])
        except OSError as error:
            ours.close()
            raise GraphUnusable("the process that starts workers has ended") from error
        finally:
            self._control.setblocking(False)
        self._ended[spec.id] = asyncio.get_running_loop().create_future()
        return spec.id, ours

    def kill(self, identity: int) -> None:
        """End a worker now."""
        payload = json.dumps({"kill": identity}).encode()
        with contextlib.suppress(OSError):
            self._control.sendall(LENGTH.pack(len(payload)) + payload)

    async def exit_code(self, identity: int, patience: float = 2.0) -> int | None:
        """How a worker ended: negative for a signal; None where the fork server does not say so in time."""
        future = self._ended.get(identity)
        if future is None:
            return None
        try:
            return await asyncio.wait_for(asyncio.shield(future), patience)
        except TimeoutError:
            return None

    def forget(self, identity: int) -> None:
        """Its end interests nobody any more."""
        self._ended.pop(identity, None)

    def close(self) -> None:
        """End all workers and the fork server."""
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop().remove_reader(self._control.fileno())
        self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _hear(self) -> None:
        try:
            data = self._control.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            if self.lost:
                self.lost()
            return
        self._rest += data
        while len(self._rest) >= LENGTH.size:
            (size,) = LENGTH.unpack_from(self._rest)
            if len(self._rest) < LENGTH.size + size:
                return
            message = json.loads(self._rest[LENGTH.size : LENGTH.size + size])
            self._rest = self._rest[LENGTH.size + size :]
            self._note(message)

    def _note(self, message: dict[str, int]) -> None:
        if "started" in message:
            self.pids[message["started"]] = message["pid"]
            return
        self.pids.pop(message["ended"], None)
        future = self._ended.get(message["ended"])
        if future and not future.done():
            future.set_result(message["code"])
