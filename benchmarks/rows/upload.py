"""A 150 MB file: time beside a bare PUT of the same bytes, and memory."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import anyio
import anyio.to_thread

from wavespeed_mcp_server.sandbox import Sandbox

from ..bench import Bench, Server
from ..process import peak_mb
from ..servers import HERE, OFFICIAL
from ..standin import stand_in
from ..table import Row, compared

SIZE_MB = 150
BARE_PUT = Path(__file__).parents[1] / "bare_put.py"
SETTLED_SECONDS = 4.0
CHUNK = 1024 * 1024
SMALL_BYTES = 1000
# The start of an MP4 file (ISO 14496-12: a box of 24 bytes, type ftyp), for servers that look at content.
MP4_START = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"


async def uploads(bench: Bench) -> list[Row]:
    """Each server uploads files of its own, none seen before; the bare PUT sends equal ones.

    A small file goes first, so that nobody's start-up is measured; the bare PUT leaves its own out.
    """
    took: dict[str, list[float]] = {OFFICIAL: [], HERE: [], "bare": []}
    grown: dict[str, float] = {}
    async with stand_in(models=1) as sandbox, bench.servers(sandbox) as servers:
        with _stored_in_memory():
            await _measure(bench, sandbox, servers, took, grown)
    bare = median(took["bare"])
    return [
        Row(
            f"upload of {SIZE_MB} MB, hashing included; over a bare PUT ({bare:.2f} s)",
            _beside(took[OFFICIAL], bare),
            _beside(took[HERE], bare),
            median(took[HERE]) / median(took[OFFICIAL]),
            "<= 1.5 of the bare PUT",
        ),
        compared("memory that the first upload adds", grown[OFFICIAL], grown[HERE], "MB", "constant", 1),
    ]


async def _measure(
    bench: Bench,
    sandbox: Sandbox,
    servers: list[Server],
    took: dict[str, list[float]],
    grown: dict[str, float],
) -> None:
    for server in servers:
        await _upload(server, _small(server.contender.home))
    for _ in range(bench.repeats):
        paths = {server.name: server.contender.home / "files" / "clip.mp4" for server in servers}
        for path in paths.values():
            await anyio.to_thread.run_sync(_write, path, bench.number())
        # A file changed just now is hashed a second time here; most uploads are of older ones.
        await anyio.sleep(SETTLED_SECONDS)
        for server in servers:
            path = paths[server.name]
            took["bare"].append(await _bare_put(sandbox.url, path))
            before, started = peak_mb(server.client.pid), time.time()
            took[server.name].append(await _upload(server, path) - started)
            grown.setdefault(server.name, peak_mb(server.client.pid) - before)
            path.unlink()
        sandbox.storage.close()


@contextmanager
def _stored_in_memory() -> Iterator[None]:
    """The stand-in keeps its files in memory where the system can, so that no disk is measured."""
    before, memory = tempfile.tempdir, Path("/dev/shm")
    if memory.is_dir():
        tempfile.tempdir = str(memory)
    try:
        yield
    finally:
        tempfile.tempdir = before


async def _upload(server: Server, path: Path) -> float:
    """The Unix time at which the answer was there."""
    reply = await server.client.call("upload_file", {"path": str(path)})
    assert reply.result
    return reply.at


def _small(home: Path) -> Path:
    path = home / "files" / "small.mp4"
    path.write_bytes(MP4_START + bytes(SMALL_BYTES))
    return path


def _beside(took: list[float], bare: float) -> str:
    return f"{median(took):.2f} s ({median(took) / bare:.2f})"


def _write(path: Path, number: int) -> None:
    with path.open("wb") as file:
        file.write(MP4_START)
        block = number.to_bytes(8, "big") * (CHUNK // 8)
        for _ in range(SIZE_MB * 1_000_000 // CHUNK):
            file.write(block)


async def _bare_put(base_url: str, path: Path) -> float:
    """What sending these bytes costs in a process that does nothing else, seconds."""
    done = await anyio.run_process([sys.executable, str(BARE_PUT), base_url, str(path)])
    return float(done.stdout)
