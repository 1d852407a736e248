"""Who is next: a bounded queue that is fair between clients.

Clients take turns, whatever each has waiting. When the queue is full the client with most waiting loses its latest, so a
flood displaces itself. One worker beyond the usual number is kept for a client that has nothing running.
"""

import asyncio
from collections import Counter, OrderedDict, deque


class QueueFull(Exception):
    """There is no place to wait, or it took too long."""


def _give_up(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_exception(QueueFull())


class Turns:
    """Grants permission to run; `release` it afterwards."""

    def __init__(self, running: int, waiting: int) -> None:
        self._limit, self._room = running, waiting
        self._running: Counter[str] = Counter()
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self.waiting = 0
        self.running = 0
        self.displaced = 0

    def take_now(self, client: str) -> bool:
        """Take a turn that is free; False where one must wait."""
        if self.waiting or not self._may_run(client):
            return False
        self._start(client)
        return True

    async def take(self, client: str, patience: float) -> None:
        """Wait for a turn; raises QueueFull."""
        if self.waiting >= self._room and not self._displace(client):
            raise QueueFull
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(client, deque()).append(future)
        self.waiting += 1
        self._grant()
        timer = asyncio.get_running_loop().call_later(patience, _give_up, future)
        try:
            await future
        except BaseException:
            if future.done() and not future.cancelled() and not future.exception():
                self.release(client)  # granted in the moment it was given up
            else:
                self._leave(client, future)
            raise
        finally:
            timer.cancel()

    def release(self, client: str) -> None:
        """The client's query has ended."""
        self.running -= 1
        self._running[client] -= 1
        if not self._running[client]:
            del self._running[client]
        self._grant()

    def _may_run(self, client: str) -> bool:
        return self.running < self._limit or (
            self.running == self._limit and not self._running[client]
        )

    def _start(self, client: str) -> None:
        self.running += 1
        self._running[client] += 1

    def _grant(self) -> None:
        while client := next((name for name in self._queues if self._may_run(name)), None):
            self._next_of(client)

    def _next_of(self, client: str) -> None:
        queue = self._queues[client]
        future = queue.popleft()
        self.waiting -= 1
        self._queues.move_to_end(client)
        if not queue:
            del self._queues[client]
        self._start(client)
        future.set_result(None)

    def _displace(self, client: str) -> bool:
        """Make room at the expense of the client with most waiting, if it has more than this one."""
        longest = max(self._queues, key=lambda name: len(self._queues[name]))
        if len(self._queues[longest]) <= len(self._queues.get(client, ())) + 1:
            return False
        victim = self._queues[longest].pop()
        self.waiting -= 1
        self.displaced += 1
        victim.set_exception(QueueFull())
        return True

    def _leave(self, client: str, future: asyncio.Future[None]) -> None:
        queue = self._queues.get(client)
        if queue and future in queue:
            queue.remove(future)
            self.waiting -= 1
            if not queue:
                del self._queues[client]
