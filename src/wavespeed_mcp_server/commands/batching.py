"""The verb for many runs at once, read from a file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from pydantic import TypeAdapter, ValidationError

from ..runs import Account, Batch, RunOptions, dollars, price_to_agree
from ..runs import prepare as prepare_run
from ..runs.outcome import room_for
from ..tools.generate import Request, spread
from .inputs import BadInput, marked
from .telling import exit_status, lines_of
from .terminal import ProgressLine, agrees, show


async def batch(account: Account, arguments: argparse.Namespace) -> int:
    """Run every request of a file and print what became of each."""
    requests = await anyio.to_thread.run_sync(_read, arguments.file, arguments.model)
    line = ProgressLine()
    started = anyio.current_time()
    async with account.own_rows() as rows:
        prepared = [
            await prepare_run(
                account,
                rows,
                one.model,
                inputs,
                again=one.again or arguments.again,
                deadline=started + arguments.timeout,
                in_batch=True,
                progress=line,
            )
            for _, one, inputs in spread(requests)
        ]
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


def _read(name: str, model: str) -> list[Request]:
    """The requests of a file ("-": stdin): a JSON list, an object with `requests`, or an object a line."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{name} cannot be read: {error}.") from error
    found = _parsed(name, text)
    listed = found.get("requests", [found]) if isinstance(found, dict) else found
    if not isinstance(listed, list) or not listed:
        raise BadInput(f'{name}: a list of {{"model": ..., "input": {{...}}}} is wanted.')
    filled = [{"model": model, **one} if model and isinstance(one, dict) else one for one in listed]
    try:
        requests = TypeAdapter(list[Request]).validate_python(filled)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"{name}: request {place}: {first['msg']}. A request is {{model, input, vary, again}}."
        ) from error
    for one in requests:
        one.input, one.vary = marked(one.input), marked(one.vary)
    return requests


def _parsed(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                found.append(json.loads(line))
            except ValueError as error:
                raise BadInput(f"{name}, line {number}, is no JSON: {error}.") from error
    return found
