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
FEW_RUNS = 8
SETTLED_SECONDS = 1.5
SCALE = (10, 100, 1000, 3000)
MANY = 1000
SCALE_RUN_SECONDS = 10.0
SCALE_SPREAD = 0.1


@dataclass(frozen=True)
class Load:
    """What a number of runs at once took; seconds, requests to the API, and the process's most MB so far."""

    wall: float
    cpu: float
    requests: int
    busiest_second: int
    peak: float


async def at_once(bench: Bench) -> list[Row]:
    """50 runs of 3 s at once, taking turns: of one model that was never run before, and of 50 such models."""
    loads = {apart: _no_loads() for apart in (False, True)}
    async with stand_in() as sandbox, bench.servers(sandbox) as servers:
        for _ in range(bench.repeats):
            for apart in loads:
                for server in servers:
                    load = await _burst(bench, sandbox, server, RUNS_AT_ONCE, RUN_SECONDS, apart=apart)
                    loads[apart][server.name].append(load)
    one, many = loads[False], loads[True]
    return [
        compared("50 runs of 3 s at once, one model: wall time", *_both(one, "wall"), "s", "<= 0.9"),
        compared("their processor time", *_both(one, "cpu"), "s", "<= 1.0"),
        compared("50 runs of 3 s at once, 50 models: wall time", *_both(many, "wall"), "s", "<= 0.9"),
        compared("their processor time", *_both(many, "cpu"), "s", "<= 1.2"),
    ]


async def memory(bench: Bench) -> list[Row]:
    """Memory of a new process that has listed its tools, after 8 runs, and after 200, 50 at a time."""
    held: dict[str, list[float]] = {OFFICIAL: [], HERE: []}
    async with stand_in() as sandbox, bench.contenders(sandbox) as contenders:
        for contender in contenders:
            async with contender.started() as client:
                server = Server(contender, client)
                await client.request("tools/list", {})
                # A ping is answered by the server proper, so its modules are loaded when this returns.
                await client.request("ping", {})
                await anyio.sleep(SETTLED_SECONDS)
                held[server.name].append(resident_mb(client.pid))
                await server.warm()
                await _burst(bench, sandbox, server, FEW_RUNS, MEMORY_RUN_SECONDS)
                held[server.name].append(resident_mb(client.pid))
                for _ in range(MEMORY_RUNS // RUNS_AT_ONCE):
                    await _burst(bench, sandbox, server, RUNS_AT_ONCE, MEMORY_RUN_SECONDS)
                held[server.name].append(resident_mb(client.pid))
    rows = (
        ("memory idle", "<= 1.05"),
        ("memory after 8 runs", "<= 1.1"),
        ("memory after 200 runs", "<= 0.7"),
    )
    return [
        compared(what, held[OFFICIAL][index], held[HERE][index], "MB", target, 1)
        for index, (what, target) in enumerate(rows)
    ]


async def scale(bench: Bench) -> list[Row]:
    """10 to 3,000 runs of 9 to 11 s waited for by one process, fresh ones for each number and turn."""
    rows: list[Row] = []
    for number in SCALE:
        loads = _no_loads()
        for _ in range(bench.repeats):
            async with stand_in() as sandbox, bench.servers(sandbox) as servers:
                for server in servers:
                    load = await _burst(
                        bench, sandbox, server, number, SCALE_RUN_SECONDS, spread=SCALE_SPREAD
                    )
                    loads[server.name].append(load)
        rows += _scale_rows(number, loads)
    return rows


def _scale_rows(number: int, loads: dict[str, list[Load]]) -> list[Row]:
    wall = f"{number:,} runs of 9 to 11 s at once, wall time"
    within = "<= 0.9" if number >= MANY else ""
    cpu = _both(loads, "cpu", number / 1000)
    return [
        compared(wall, *_both(loads, "wall"), "s", within, series="wall time, s", x=number),
        compared(
            "their processor time a run", *cpu, "ms", "<= 1.0", series="processor time a run, ms", x=number
        ),
        compared(
            "their requests a run",
            *_both(loads, "requests", number),
            "",
            digits=1,
            series="requests a run",
            x=number,
        ),
        compared("their busiest second", *_both(loads, "busiest_second"), "requests", digits=0),
        compared(
            "the most memory held",
            *_both(loads, "peak"),
            "MB",
            digits=1,
            series="most memory held, MB",
            x=number,
        ),
    ]


def _no_loads() -> dict[str, list[Load]]:
    return {OFFICIAL: [], HERE: []}


def _both(loads: dict[str, list[Load]], what: str, each: float = 1.0) -> tuple[float, float]:
    """The medians of something of either server's loads, in units of `each`."""
    official, here = (median(getattr(load, what) for load in loads[name]) / each for name in (OFFICIAL, HERE))
    return official, here


async def _burst(
    bench: Bench,
    sandbox: Sandbox,
    server: Server,
    number: int,
    seconds: float,
    *,
    spread: float = 0.0,
    apart: bool = False,
) -> Load:
    """So many runs at once, their times evenly spread by that share around `seconds`.

    All are of one model that was not run before, or each of its own if `apart`.
    """
    model, pid = bench.unused_model(), server.client.pid
    ends: list[float] = []

    async def run(share: float) -> None:
        took = seconds * (1 + spread * (2 * share - 1))
        of = bench.unused_model() if apart else model
        tool, arguments = server.contender.run(of, inputs(took, bench.number()))
        reply = await server.client.call(tool, arguments, progress=bench.progress)
        assert reply.result
        ends.append(reply.at)

    # The stand-in remembers a limited number.
    sandbox.requests.clear()
    before, started = cpu_seconds(pid), time.time()
    async with anyio.create_task_group() as group:
        for index in range(number):
            group.start_soon(run, (index + 0.5) / number)
    times = [request.time for request in sandbox.requests]
    cpu = cpu_seconds(pid) - before
    return Load(max(ends) - started, cpu, len(times), _busiest_second(times), peak_mb(pid))


def _busiest_second(times: Sequence[float]) -> int:
    """The most requests that fell into any one second."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] > 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most
