"""A process that works on a ledger as it is told, line by line: `python ledger_worker.py DIRECTORY`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from reliability.ledgers import buy, followed
from wavespeed_mcp_server.ledger import Ledger, OverBudget, Scope, SharedStore


async def do(ledger: Ledger, what: str, arguments: list[Any]) -> object:
    """One thing, and what to say about it."""
    try:
        if what == "begin":
            model, inputs, cost, budget = arguments
            await buy(ledger, model, inputs, cost=cost, budget=budget)
            return "noted"
        if what == "hold":
            await ledger.hold(*arguments)
            return "held"
    except OverBudget:
        return "over budget"
    if what == "pick_up":
        return await followed(ledger, *arguments)
    if what == "look":
        for _ in range(arguments[0]):
            await ledger.open_rows(ledger.process)
        return "looked"
    if what == "fault":
        return ledger.fault
    return await ledger.spent()


async def work(directory: Path) -> None:
    """Do what standard input says until it ends."""
    ledger = Ledger(SharedStore(directory), Scope("https://api.example.com", "account"))
    print('"ready"', flush=True)
    while line := await anyio.to_thread.run_sync(sys.stdin.readline):
        what, *arguments = json.loads(line)
        print(json.dumps(await do(ledger, what, arguments)), flush=True)


if __name__ == "__main__":
    anyio.run(work, Path(sys.argv[1]))
