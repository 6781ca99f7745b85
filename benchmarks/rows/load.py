"""Many runs at once: wall time, processor time, memory, requests; and how they grow with the number."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import anyio

from wavespeed_mcp_server.sandbox import Sandbox

from ..bench import Bench, Server
from ..process import cpu_seconds, peak_mb, resident_mb
from ..servers import HERE, OFFICIAL
from ..standin import inputs, stand_in
from ..table import Row, compared

RUNS_AT_ONCE = 50
RUN_SECONDS = 3.0
MEMORY_RUNS = 200
MEMORY_RUN_SECONDS = 0.3
SCALE = (10, 100, 1000)
SCALE_RUN_SECONDS = 10.0
SCALE_SPREAD = 0.1


@dataclass(frozen=True)
class Load:
    """What a number of runs at once took; seconds, and requests to the API."""

    wall: float
    cpu: float
    requests: int
    busiest_second: int


async def at_once(bench: Bench) -> list[Row]:
    """50 runs of 3 s at once, never run before, taking turns."""
    loads: dict[str, list[Load]] = {OFFICIAL: [], HERE: []}
    async with stand_in() as sandbox, bench.servers(sandbox) as servers:
        for _ in range(bench.repeats):
            for server in servers:
                load = await _burst(bench, sandbox, server, RUNS_AT_ONCE, RUN_SECONDS)
                loads[server.name].append(load)
    walls, cpus = (
        {name: median(getattr(load, what) for load in seen) for name, seen in loads.items()}
        for what in ("wall", "cpu")
    )
    return [
        compared("50 runs of 3 s at once, wall time", walls[OFFICIAL], walls[HERE], "s", "<= 3.5 s"),
        compared("their processor time", cpus[OFFICIAL], cpus[HERE], "s", "<= 2"),
    ]


async def memory(bench: Bench) -> list[Row]:
    """Memory after 200 runs, 50 at a time."""
    held: dict[str, float] = {}
    peak: dict[str, float] = {}
    async with stand_in() as sandbox, bench.servers(sandbox) as servers:
        for server in servers:
            for _ in range(MEMORY_RUNS // RUNS_AT_ONCE):
                await _burst(bench, sandbox, server, RUNS_AT_ONCE, MEMORY_RUN_SECONDS)
            held[server.name] = resident_mb(server.client.pid)
            peak[server.name] = peak_mb(server.client.pid)
    return [
        compared("memory after 200 runs", held[OFFICIAL], held[HERE], "MB", "<= 1.1", 1),
        compared("the most held until then", peak[OFFICIAL], peak[HERE], "MB", "", 1),
    ]


async def scale(bench: Bench) -> list[Row]:
    """10, 100 and 1,000 runs of 9 to 11 s waited for by one process, a fresh one for each number."""
    rows: list[Row] = []
    for number in SCALE:
        loads: dict[str, Load] = {}
        peaks: dict[str, float] = {}
        async with stand_in() as sandbox, bench.servers(sandbox) as servers:
            for server in servers:
                loads[server.name] = await _burst(
                    bench, sandbox, server, number, SCALE_RUN_SECONDS, spread=SCALE_SPREAD
                )
                peaks[server.name] = peak_mb(server.client.pid)
        official, here = loads[OFFICIAL], loads[HERE]
        cpu = {name: load.cpu / number * 1000 for name, load in loads.items()}
        rows += [
            compared(f"{number} runs of 9 to 11 s at once, wall time", official.wall, here.wall, "s"),
            compared("their processor time a run", cpu[OFFICIAL], cpu[HERE], "ms"),
            compared(
                "their requests a run", official.requests / number, here.requests / number, "", digits=1
            ),
            compared(
                "their busiest second", official.busiest_second, here.busiest_second, "requests", digits=0
            ),
            compared("the most memory held", peaks[OFFICIAL], peaks[HERE], "MB", digits=1),
        ]
    return rows


async def _burst(
    bench: Bench, sandbox: Sandbox, server: Server, number: int, seconds: float, *, spread: float = 0.0
) -> Load:
    """So many runs at once, their times evenly spread by that share around `seconds`."""
    model, pid = bench.unused_model(), server.client.pid
    ends: list[float] = []

    async def run(share: float) -> None:
        took = seconds * (1 + spread * (2 * share - 1))
        tool, arguments = server.contender.run(model, inputs(took, bench.number()))
        reply = await server.client.call(tool, arguments, progress=bench.progress)
        assert reply.result
        ends.append(reply.at)

    before, started, requests = cpu_seconds(pid), time.time(), len(sandbox.requests)
    async with anyio.create_task_group() as group:
        for index in range(number):
            group.start_soon(run, (index + 0.5) / number)
    times = [request.time for request in sandbox.requests[requests:]]
    return Load(max(ends) - started, cpu_seconds(pid) - before, len(times), _busiest_second(times))


def _busiest_second(times: Sequence[float]) -> int:
    """The most requests that fell into any one second."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] > 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most
