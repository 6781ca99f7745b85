"""What ten times as much costs here: rows in the ledger under a budget, and accounts over HTTP."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import anyio
import httpx

from ..bench import Bench
from ..process import cpu_seconds, resident_mb
from ..servers import HERE, Contender
from ..standin import inputs, model_id, stand_in
from ..table import Row

LEDGER_ROWS = (0, 10, 1_000, 100_000)
RUNS = 30
DAY_SECONDS = 86_400.0
ACCOUNTS = (10, 100, 1_000)
STARTING_SECONDS = 60.0
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
HEADERS = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": "get_balance",
}


async def ledger_rows(bench: Bench) -> list[Row]:
    """A run that ends at once, under a budget, beside so many rows of the same day."""
    took: list[float] = []
    async with stand_in() as sandbox:
        for number in LEDGER_ROWS:
            async with bench.contenders(sandbox) as contenders:
                here = next(one for one in contenders if one.name == HERE)
                here = replace(here, settings={"WAVESPEED_DAILY_BUDGET": "1000000"})
                await _run(here, bench, 1)
                _fill(here.home / "state" / "ledger.sqlite3", number)
                took.append(await _run(here, bench, RUNS))
    return [
        Row(
            f"a run under a budget, {number:,} rows in the ledger",
            "",
            f"{milliseconds:.1f} ms, {milliseconds / took[0]:.2f} of an empty one",
            target="<= 2 of an empty one",
        )
        for number, milliseconds in zip(LEDGER_ROWS, took, strict=True)
    ]


async def _run(contender: Contender, bench: Bench, number: int) -> float:
    """The median time of so many runs one after the other in a new process, milliseconds."""
    took = []
    async with contender.started() as client:
        for _ in range(number + 1):
            tool, arguments = contender.run(model_id(0), inputs(0.0, bench.number()))
            begun = time.perf_counter()
            assert (await client.call(tool, arguments)).result
            took.append((time.perf_counter() - begun) * 1000)
        await client.leave()
    return median(took[1:])


def _fill(ledger: Path, number: int) -> None:
    """Put that many rows of the last 24 hours beside the newest one, alike but for their ids and times."""
    with closing(sqlite3.connect(ledger)) as opened, opened:
        opened.row_factory = sqlite3.Row
        row = dict(opened.execute("SELECT * FROM tasks ORDER BY key DESC LIMIT 1").fetchone())
        del row["key"]
        names, places = ", ".join(row), ", ".join(f":{name}" for name in row)
        opened.executemany(
            f"INSERT INTO tasks ({names}) VALUES ({places})",
            (
                row | {"id": f"filled-{one}", "attempted_at": time.time() - DAY_SECONDS * one / number}
                for one in range(number)
            ),
        )


async def accounts(bench: Bench) -> list[Row]:
    """The first call of so many keys over HTTP, and what each costs when it calls again."""
    rows = []
    async with stand_in() as sandbox:
        sandbox.key = None
        for number in ACCOUNTS:
            async with _serving(sandbox.url) as (url, pid), httpx.AsyncClient(trust_env=False) as client:
                await _balances(client, url, ["warming-up-0123456789"] * 5)
                keys = [f"key-of-somebody-{one:08d}" for one in range(number)]
                held = resident_mb(pid)
                first = await _processor_time(client, url, pid, keys)
                kept = (resident_mb(pid) - held) * 1000 / number
                again = await _processor_time(client, url, pid, keys)
                told = f"{first:.1f} ms and {kept:.0f} kB each; {again:.1f} ms when it calls again"
                rows.append(Row(f"{number:,} accounts over HTTP, processor time and memory", "", told))
    return rows


async def _processor_time(client: httpx.AsyncClient, url: str, pid: int, keys: list[str]) -> float:
    """Of a call of each key, milliseconds."""
    before = cpu_seconds(pid)
    await _balances(client, url, keys)
    return (cpu_seconds(pid) - before) * 1000 / len(keys)


async def _balances(client: httpx.AsyncClient, url: str, keys: list[str]) -> None:
    params = {"name": "get_balance", "arguments": {}, "_meta": META}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    for key in keys:
        answer = await client.post(url, json=body, headers={**HEADERS, "X-API-Key": key}, timeout=60.0)
        assert "balance" in answer.text, answer.text


@asynccontextmanager
async def _serving(base_url: str) -> AsyncIterator[tuple[str, int]]:
    """This server over HTTP for callers with keys of their own: its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory(prefix="wavespeed-bench-") as home:
        given = {"PATH": os.environ["PATH"], "HOME": home, "WAVESPEED_BASE_URL": base_url}
        command = [sys.executable, "-m", "wavespeed_mcp_server", "serve", "--transport", "http"]
        process = await anyio.open_process(
            [*command, "--port", str(port)], env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            await _until_ready(f"http://127.0.0.1:{port}/ready")
            yield f"http://127.0.0.1:{port}/mcp", process.pid
        finally:
            process.kill()
            await process.aclose()


async def _until_ready(url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        with anyio.fail_after(STARTING_SECONDS):
            while True:
                try:
                    if (await client.get(url)).is_success:
                        return
                except httpx.TransportError:
                    pass
                await anyio.sleep(0.1)
