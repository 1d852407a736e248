"""`/export/…`: the build's dump, as it stands on disk or in another format."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from acuerdo.serve.builds import Build
from acuerdo.serve.exchange import Exchange, Headers
from acuerdo.serve.problem import Problem
from acuerdo.serve.settings import Limits

FILES = {
    "graph.nq.gz": ("graph.nq.gz", "application/gzip"),
    "manifest.json": ("manifest.json", "application/json"),
}
PIECE = 256 << 10


async def send_file(exchange: Exchange, build: Build, name: str, limits: Limits) -> None:
    """Stream one of the build's files; a range that a client names is not honoured, a tag is."""
    if name not in FILES:
        raise Problem("not-found", f"There is {', '.join(FILES)}.")
    file_name, content = FILES[name]
    if build.endpoint:
        raise Problem("not-found", "The dump lies where the graph was built, not here.")
    path = build.folder / file_name
    tag = f'"{build.digest}-{file_name}"'.encode()
    headers: Headers = [
        (b"content-type", content.encode()),
        (b"etag", tag),
        (b"cache-control", b"no-cache"),
        (b"acuerdo-build", build.digest.encode()),
    ]
    if tag.decode() in [part.strip() for part in exchange.header(b"if-none-match").split(",")]:
        await exchange.whole(304, headers)
        return
    async with _opened(path) as file:
        size = await asyncio.to_thread(lambda: path.stat().st_size)
        await exchange.begin(200, [*headers, (b"content-length", str(size).encode())])
        if exchange.method == "HEAD":
            await exchange.finish()
            return
        await _stream(exchange, file, size, limits)


async def _stream(exchange: Exchange, file: BinaryIO, size: int, limits: Limits) -> None:
    waited, left = 0.0, size
    leaving = asyncio.create_task(exchange.until_left())
    try:
        while left > 0 and not leaving.done():
            data = await asyncio.to_thread(file.read, min(PIECE, left))
            left -= len(data)
            waited += await exchange.piece(data, limits)
            if not data or waited > limits.write_grace + exchange.sent / limits.write_rate:
                break
    except (TimeoutError, OSError):
        pass
    finally:
        leaving.cancel()
    if not left:
        await exchange.finish()
    elif not exchange.disconnected:
        exchange.outcome = "slow-reader"
        exchange.abort()


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[BinaryIO]:
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except OSError:
        raise Problem("not-found", "This build has no such file.") from None
    try:
        yield file
    finally:
        file.close()
