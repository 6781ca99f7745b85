"""`python -m benchmarks`: measure, and print the table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import anyio
import platformdirs

from .bench import Bench
from .rows.answers import catalog_answers, catalog_speed, first_answers, greetings
from .rows.growth import accounts, ledger_rows
from .rows.load import at_once, memory, scale
from .rows.upload import uploads
from .rows.waiting import long_tasks, short_tasks
from .servers import install_official
from .table import Row, markdown, save

ROWS: dict[str, Callable[[Bench], Awaitable[list[Row]]]] = {
    "short": short_tasks,
    "long": long_tasks,
    "at-once": at_once,
    "memory": memory,
    "start": greetings,
    "first": first_answers,
    "answers": catalog_answers,
    "catalog": catalog_speed,
    "upload": uploads,
    "scale": scale,
    "rows": ledger_rows,
    "accounts": accounts,
}
# The longest leaves room below the 600 s that a call of this server waits at most.
LONG = (60.0, 120.0, 300.0, 590.0)
SHORTER = (60.0, 90.0)


def main() -> int:
    """Run the rows that were asked for."""
    arguments = _parser().parse_args()
    official = arguments.official or platformdirs.user_cache_path("wavespeed-mcp-benchmarks", appauthor=False)
    install_official(official)
    bench = Bench(
        official_dir=official,
        tasks=arguments.tasks,
        repeats=arguments.repeats,
        long_seconds=LONG if arguments.long else SHORTER,
        progress=arguments.progress,
        say=lambda text: print(text, file=sys.stderr),
    )
    rows: list[Row] = []
    load_before = os.getloadavg()[0]
    for name in arguments.rows or ROWS:
        print(f"measuring {name} ...", file=sys.stderr)
        rows += anyio.run(ROWS[name], bench)
    machine = _machine(load_before)
    print(machine)
    print()
    print(markdown(rows))
    if arguments.save:
        save(arguments.save, machine, rows)
    return 0


def _machine(load_before: float) -> str:
    """Where and when this was measured."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores of {model}, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"load average {load_before:.1f} before and {os.getloadavg()[0]:.1f} after"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure this server beside the official one."
    )
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="which rows (all)")
    parser.add_argument("--official", type=Path, help="where the official server is, or is to be, installed")
    parser.add_argument("--tasks", type=int, default=48, help="run times sampled by the short rows (48)")
    parser.add_argument("--repeats", type=int, default=3, help="repetitions of the other rows (3)")
    parser.add_argument("--long", action="store_true", help="tasks of 1 to 10 minutes (takes 20 minutes)")
    parser.add_argument("--save", type=Path, help="also keep the rows as data here (docs/performance.json)")
    parser.add_argument("--progress", action="store_true", help="ask for progress messages, as hosts may")
    return parser


if __name__ == "__main__":
    sys.exit(main())
