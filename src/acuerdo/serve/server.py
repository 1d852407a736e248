"""Runs the front under uvicorn, from the bound socket to the graceful stop."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator

import uvicorn

from acuerdo.errors import GraphUnusable, WrongUsage
from acuerdo.serve.builds import published
from acuerdo.serve.connection import protocol_class
from acuerdo.serve.front import Front
from acuerdo.serve.nursery import Nursery
from acuerdo.serve.public import derive
from acuerdo.serve.settings import Settings

Announce = Callable[[str], None]


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        hint = (
            "; choose another with --port, or --port 0 for a free one" if error.errno == 98 else ""
        )
        raise WrongUsage(f"cannot listen on {host}:{port}: {error.strerror}{hint}") from error
    listener.set_inheritable(False)
    return listener


def serve(settings: Settings, announce: Announce) -> None:
    """Serve until SIGINT or SIGTERM, then let running answers finish."""
    if settings.source:
        derive(settings.source, settings.excerpt_percent)
    if settings.elsewhere is None:
        published(settings.kg)
    # What asks another store is loaded before workers are forked, and not at all where none does.
    preloaded = ("acuerdo.serve.elsewhere",) if settings.elsewhere else ()
    nursery = Nursery(*preloaded)  # before the event loop, before any thread
    try:
        listener = bind(settings.host, settings.port)
    except WrongUsage:
        nursery.close()
        raise
    with listener:
        _event_loop_run(_serve(settings, nursery, listener, announce))


class _Uvicorn(uvicorn.Server):
    """uvicorn, except that a stop by SIGTERM is a success and not a death by signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end it gracefully; a second SIGINT at once."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield  # the handlers stay: a second SIGTERM must not cut the end short
        if signal.SIGINT in self._captured_signals:
            raise KeyboardInterrupt


async def _serve(
    settings: Settings, nursery: Nursery, listener: socket.socket, announce: Announce
) -> None:
    front = Front(settings, nursery)
    try:
        if not await front.start():
            raise GraphUnusable(
                f"{front.build.endpoint or front.build.folder}: {front.pool.refusal or 'no worker could open the store'}"
            )
        for lack in front.enforced().missing():
            announce(f"Warning: {lack}.")
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        gc.freeze()  # what stands now stays: no need to look for garbage in it again and again
        announce(
            f"Serving {front.build.endpoint or front.build.digest} at http://{shown}:{port}/sparql"
        )
        await _Uvicorn(_config(front, settings)).serve(sockets=[listener])
    finally:
        front.stop()


def _config(front: Front, settings: Settings) -> uvicorn.Config:
    limits = settings.limits
    exempt = frozenset(str(n.network_address) for n in settings.proxies if n.num_addresses == 1)
    return uvicorn.Config(
        front,
        http=protocol_class(limits, exempt),
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        limit_concurrency=limits.connections,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=int(limits.drain_seconds),
    )


def _event_loop_run(main: Coroutine[None, None, None]) -> None:
    logging.getLogger("uvicorn.error").setLevel(
        logging.CRITICAL
    )  # clients' mistakes are in our own log
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main)


def to_stderr(text: str) -> None:
    """Words for the person at the terminal."""
    print(text, file=sys.stderr, flush=True)
