"""The verb for many runs at once, read from a file."""

from __future__ import annotations

import argparse
from typing import Any

import anyio
import anyio.to_thread

from ..runs import Account, Batch, RunOptions, dollars, price_to_agree, room_for
from ..tools.generate import prepare_requests
from .inputs import prompt_of
from .request_files import read_requests
from .telling import exit_status, lines_of
from .terminal import ProgressLine, agrees, show


async def batch(account: Account, arguments: argparse.Namespace) -> int:
    """Run every request of a file and print what became of each."""
    prompt = await prompt_of(account, arguments.model)
    requests = await anyio.to_thread.run_sync(read_requests, arguments.file, arguments.model, prompt)
    line = ProgressLine()
    started = anyio.current_time()
    async with account.own_rows() as rows:
        prepared = await prepare_requests(
            account, rows, requests, started + arguments.timeout, line, again=arguments.again
        )
        total = await price_to_agree(account, prepared, RunOptions(0.0))
        asked = f"These {len(prepared)} runs cost {dollars(total or 0.0)}. Run them?"
        options = RunOptions(
            arguments.timeout,
            save=arguments.save,
            consented=total is not None and await anyio.to_thread.run_sync(agrees, asked),
            room=room_for(len(prepared)),
            started=started,
        )
        at_once = account.settings.max_in_flight
        try:
            outcomes = await Batch(account, rows, options, at_once, line).run(prepared)
        finally:
            line.clear()
        costs = [one.cost for one in outcomes if one.cost is not None]
        lines = [text for one in outcomes for text in lines_of(one)]
        lines.append(f"{len(outcomes)} runs, {dollars(sum(costs))}")
        facts: dict[str, Any] = {
            "predictions": [one.facts() for one in outcomes],
            "price": round(sum(costs), 6),
        }
        show(facts, lines, as_json=arguments.json)
        await rows.answered()
    return exit_status(outcomes, waited=True, save=arguments.save)
