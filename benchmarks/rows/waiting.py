"""From a task's end to the tool's answer, and how many polls it took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

import anyio

from wavespeed_mcp_server.sandbox import Sandbox

from ..bench import Bench, Server
from ..servers import HERE, OFFICIAL
from ..standin import inputs, stand_in, task_of
from ..table import Row

SHORTEST, LONGEST = 0.3, 8.0
AT_ONCE = 8
KNOWN_PASSES = 4
JITTER = 0.1
VARIED = (0.99, 1.01)


@dataclass(frozen=True)
class Seen:
    """One run: `lag` seconds from its end to the answer, after so many `polls`."""

    lag: float
    polls: int


Outcome = dict[str, list[Seen]]
Task = tuple[str, float]


async def short_tasks(bench: Bench) -> list[Row]:
    """Tasks of 0.3 to 8 s: first runs, then the same models again, then with run times that vary."""
    step = (LONGEST - SHORTEST) / bench.tasks
    times = [SHORTEST + step * (number + bench.random.random()) for number in range(bench.tasks)]
    bench.random.shuffle(times)
    tasks = [(bench.unused_model(), seconds) for seconds in times]
    async with stand_in() as sandbox, bench.servers(sandbox) as servers:
        first = await _in_waves(bench, sandbox, servers, tasks)
        second = await _in_waves(bench, sandbox, servers, tasks)
        later = [await _in_waves(bench, sandbox, servers, tasks) for _ in range(KNOWN_PASSES - 2)]
        for _ in range(2):
            await _in_waves(bench, sandbox, servers, _varied(bench, tasks))
        varied = await _in_waves(bench, sandbox, servers, _varied(bench, tasks))
    known = _joined(later)
    return [
        *_rows("end to answer, 0.3 to 8 s, first run", first, "<= 0.28 s", "<= 2.2"),
        *_rows("the same, second run", second, "<= 0.1 s", "<= 1"),
        *_rows("the same, third and fourth run", known, "<= 0.1 s", "<= 1"),
        *_rows("the same, run times that vary by 10 %, third such run", varied, "", ""),
    ]


async def long_tasks(bench: Bench) -> list[Row]:
    """Tasks of a minute and more, in real time, all at once: first runs, then the same models again."""
    tasks = [(bench.unused_model(), seconds) for seconds in bench.long_seconds]
    rows: list[Row] = []
    async with stand_in() as sandbox, bench.servers(sandbox) as servers:
        for name, lag, polls in (("first run", "< 2 s", "+20"), ("known", "<= 0.6", "<= 1.0")):
            # A run time varies a little from run to run, and is no whole number of the official server's 2 s.
            varied = [(model, seconds * bench.random.uniform(*VARIED)) for model, seconds in tasks]
            outcome = await _at_once(bench, sandbox, servers, varied)
            seconds = ", ".join(f"{one:.0f}" for one in bench.long_seconds)
            rows += _rows(f"end to answer, {seconds} s, {name}", outcome, lag, polls)
    return rows


def _varied(bench: Bench, tasks: Sequence[Task]) -> list[Task]:
    return [(model, seconds * bench.random.uniform(1 - JITTER, 1 + JITTER)) for model, seconds in tasks]


async def _in_waves(
    bench: Bench, sandbox: Sandbox, servers: Sequence[Server], tasks: Sequence[Task]
) -> Outcome:
    waves = [tasks[start : start + AT_ONCE] for start in range(0, len(tasks), AT_ONCE)]
    return _joined([await _at_once(bench, sandbox, servers, wave) for wave in waves])


async def _at_once(
    bench: Bench, sandbox: Sandbox, servers: Sequence[Server], tasks: Sequence[Task]
) -> Outcome:
    """Every task on every server at the same time."""
    outcome: Outcome = {server.name: [] for server in servers}

    async def run(server: Server, model: str, seconds: float) -> None:
        tool, arguments = server.contender.run(model, inputs(seconds, bench.number()))
        reply = await server.client.call(tool, arguments, progress=bench.progress)
        task = task_of(sandbox, reply)
        assert task.completed_at is not None
        outcome[server.name].append(Seen(reply.at - task.completed_at, task.polls))

    async with anyio.create_task_group() as group:
        for model, seconds in tasks:
            for server in servers:
                group.start_soon(run, server, model, seconds)
    return outcome


def _joined(outcomes: Sequence[Outcome]) -> Outcome:
    return {name: [seen for one in outcomes for seen in one[name]] for name in outcomes[0]}


def _rows(what: str, outcome: Outcome, lag: str, polls: str) -> list[Row]:
    official, here = outcome[OFFICIAL], outcome[HERE]
    return [
        Row(
            what,
            _lags(official),
            _lags(here),
            _ratio([one.lag for one in official], [one.lag for one in here]),
            lag,
        ),
        Row(
            "its polls a run",
            _polls(official),
            _polls(here),
            _ratio([one.polls for one in official], [one.polls for one in here]),
            polls,
        ),
    ]


def _ratio(official: Sequence[float], here: Sequence[float]) -> float:
    return mean(here) / mean(official)


def _lags(seen: Sequence[Seen]) -> str:
    lags = [one.lag for one in seen]
    return f"{mean(lags):.3f} s (most {max(lags):.2f})"


def _polls(seen: Sequence[Seen]) -> str:
    counts = [one.polls for one in seen]
    return f"{mean(counts):.1f} ({min(counts)} to {max(counts)})"
