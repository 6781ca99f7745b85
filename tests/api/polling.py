"""Waiting on a clock that only counts: what a schedule of polls comes to, without any waiting."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import ceil
from statistics import mean

from wavespeed_mcp_server.api.run_times import KEPT_RUNS
from wavespeed_mcp_server.api.schedule import Span, gap

ROUND_TRIP = 0.005


@dataclass(frozen=True)
class Run:
    """One run that took `took` seconds: its end was known `lag` seconds later, after so many `polls`."""

    took: float
    lag: float
    polls: int
    span: Span


def official_polls(took: float) -> int:
    """How often the official server asks: at once, and then every 2 s."""
    return 1 + ceil(took / 2)


def watched(took: float, known: list[Span]) -> Run:
    """Ask as the schedule says until a run of `took` seconds is seen to have ended."""
    asked, after, polls = 0.0, 0.0, 0
    while True:
        asked += gap(asked, known)
        polls += 1
        answered = asked + ROUND_TRIP
        if asked + ROUND_TRIP / 2 >= took:
            return Run(took, answered - took, polls, Span(after, answered))
        after = asked


def history(took: float, runs: int, chance: random.Random, jitter: float = 0.0) -> list[Run]:
    """Runs of one model, one after the other, each learned from; `jitter` is the share that they vary by."""
    known: list[Span] = []
    seen: list[Run] = []
    for _ in range(runs):
        run = watched(took * (1 + chance.uniform(-jitter, jitter)), known)
        known = [*known, run.span][-KEPT_RUNS:]
        seen.append(run)
    return seen


def run_times(first: float, last: float, count: int) -> list[float]:
    """So many run times, evenly from `first` to `last` seconds."""
    return [first + (last - first) * number / (count - 1) for number in range(count)]


def mean_lag(runs: list[Run]) -> float:
    """The average time between an end and its being known, seconds."""
    return mean(run.lag for run in runs)


def poll_ratio(runs: list[Run]) -> float:
    """The polls of these runs over those the official server needs for them."""
    return sum(run.polls for run in runs) / sum(official_polls(run.took) for run in runs)
