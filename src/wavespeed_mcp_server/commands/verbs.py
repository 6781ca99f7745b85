"""The verbs for people: the same runs as the tools, printed for a terminal or as JSON."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import anyio
import anyio.to_thread

from ..accounts import open_account
from ..api.wire import TERMINAL
from ..catalog import CatalogUnavailable, row
from ..runs import (
    EXPECTED,
    Account,
    HistoryFilter,
    RunOptions,
    Status,
    dollars,
    estimate,
    known_model,
    known_status,
    moment,
    prepare,
    price_to_agree,
    run,
    tell_bytes,
)
from ..runs.limits import OverLimit
from ..settings import Settings
from ..tools.models import sheet
from .batching import batch
from .inputs import absolute, inputs_for, max_price, typed
from .outputs import delete, download, view
from .serving import on_sandbox
from .telling import exit_status, lines_of, show_all
from .terminal import ProgressLine, agrees, bars, complain, show
from .ways_out import commands

Verb = Callable[[Account, argparse.Namespace], Awaitable[int]]
OF_EARLIER_RUNS = {"status", "history", "download", "view", "delete", "usage"}
NEW_SANDBOX = (
    "Each command with --sandbox has an account of its own, without the runs of earlier ones; "
    "`wavespeed-mcp-server sandbox` is one that stays."
)


def run_verb(name: str, settings: Settings, arguments: argparse.Namespace) -> int:
    """Run one verb; returns its exit code."""

    async def run() -> int:
        if arguments.sandbox and name in OF_EARLIER_RUNS:
            print(NEW_SANDBOX, file=sys.stderr)
        used = on_sandbox(settings) if arguments.sandbox else nullcontext(settings)
        async with used as chosen, open_account(chosen) as account:
            try:
                return await VERBS[name](account, arguments)
            except CatalogUnavailable as error:
                complain(error.__cause__ or error)
            except OverLimit as error:
                complain(error.reason, commands(error.ways, arguments))
            except EXPECTED as error:
                complain(error)
            return 1

    try:
        return anyio.run(run)
    except KeyboardInterrupt:
        complain("interrupted. A task that was submitted goes on: `status` without ids shows it.")
        sys.stdout.flush()
        sys.stderr.flush()
        # A thread may still be reading the person's answer, and the interpreter would wait for it.
        os._exit(130)


async def generate(account: Account, arguments: argparse.Namespace) -> int:
    """Run a model and print its outputs."""
    line = ProgressLine()
    inputs = await inputs_for(account, arguments)
    started = anyio.current_time()
    async with account.own_rows() as rows:
        request = await prepare(
            account,
            rows,
            arguments.model,
            inputs,
            again=arguments.again,
            sync=arguments.sync,
            deadline=started + arguments.timeout,
            progress=line,
        )
        total = await price_to_agree(account, [request], RunOptions(0.0))
        asked = f"This costs {dollars(total or 0.0)}. Run it?"
        consented = total is not None and await anyio.to_thread.run_sync(agrees, asked)
        options = RunOptions(
            arguments.timeout,
            save=arguments.save,
            save_as=arguments.save_as,
            sync=arguments.sync,
            consented=consented,
            started=started,
        )
        try:
            outcome = await run(account, request, options, rows, line)
        finally:
            line.clear()
        lines = lines_of(outcome)
        if outcome.status not in TERMINAL:
            lines.append(f"    It goes on: wavespeed-mcp-server status {outcome.id} --timeout 600")
        show(outcome.facts(), lines, as_json=arguments.json)
        await rows.answered()
    return exit_status([outcome], waited=arguments.timeout > 0, save=options.save)


async def status(account: Account, arguments: argparse.Namespace) -> int:
    """Print what became of runs."""
    line = ProgressLine()
    options = RunOptions(arguments.timeout, save=arguments.save)
    async with account.own_rows() as rows:
        looked = Status(account)
        try:
            if arguments.ids:
                outcomes = await looked.of(rows, arguments.ids, options, line)
            else:
                outcomes, _ = await looked.open(rows, options, line)
        finally:
            line.clear()
        show_all(outcomes, arguments, "Nothing is open.")
        await rows.answered()
    return exit_status(outcomes, waited=arguments.timeout > 0, save=arguments.save)


async def models(account: Account, arguments: argparse.Namespace) -> int:
    """Print models that fit a wish."""
    found = await account.catalog.search(
        " ".join(arguments.query),
        arguments.type,
        max_price(account, arguments),
        "price" if arguments.sort == "cheapest" else arguments.sort,
        arguments.limit,
    )
    rows = [row(model) for model in found.models]
    lines = []
    for one in rows:
        price = dollars(one["base_price"]) if "base_price" in one else "?"
        lines += [f"{one['model_id']}  ({one['type']}, from {price})", f"    {one['inputs']}"]
    if found.words:
        lines.append(f"{found.words!r} is no type, and was searched as words.")
    lines += [
        f"Over --max-price, with cheaper inputs maybe within it: {model.model_id} "
        f"(from {dollars(model.base_price or 0.0)})"
        for model in found.dearer
    ]
    if not found.total and not found.dearer:
        lines.append("Nothing fits: use fewer or other words, in English, or drop --type and --max-price.")
    lines.append(f"{len(rows)} of {found.total} models.")
    show({"total": found.total, "models": rows}, lines, as_json=arguments.json)
    return 0


async def show_model(account: Account, arguments: argparse.Namespace) -> int:
    """Print everything about one model that is needed to run it."""
    known = await sheet(account.catalog, arguments.model)
    needed, moving = known["required"], known["price_inputs"]
    cost = f", from {dollars(known['base_price'])}" if "base_price" in known else ""
    lines = [f"{known['model_id']}  ({known['type']}{cost})", f"    {known['description']}"]
    for name, rule in known["properties"].items():
        marks = [word for word, named in (("needed", needed), ("moves the price", moving)) if name in named]
        lines.append(f"    {name}: {', '.join([*marks, *_limits(rule)])}")
    given = " ".join(f"-i {shlex.quote(f'{key}={typed(value)}')}" for key, value in known["example"].items())
    lines.append(f"wavespeed-mcp-server generate --model {known['model_id']} {given}".rstrip())
    show(known, lines, as_json=arguments.json)
    return 0


def _limits(rule: dict[str, Any]) -> list[str]:
    """What an input may be, in a few words, and at last what it is for."""
    said = [rule.get("media") or str(rule.get("type", ""))]
    said += ["|".join(map(str, rule["enum"]))] if rule.get("enum") else []
    lowest, highest = rule.get("minimum"), rule.get("maximum")
    if lowest is not None or highest is not None:
        said.append(f"{'' if lowest is None else lowest}..{'' if highest is None else highest}")
    said += [f"else {_typed(rule['default'])}"] if "default" in rule else []
    return [part for part in [*said, rule.get("description", "")] if part]


def _typed(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def upload(account: Account, arguments: argparse.Namespace) -> int:
    """Upload a file and print its URL."""
    line = ProgressLine()
    path = absolute(arguments.file.removeprefix("@"))
    try:
        done = await account.media.upload(path, partial(tell_bytes, line, ""))
    finally:
        line.clear()
    show(asdict(done), [done.url], as_json=arguments.json)
    return 0


async def balance(account: Account, arguments: argparse.Namespace) -> int:
    """Print what is left to spend."""
    left = await account.client.balance()
    show({"balance": left, "currency": "USD"}, [dollars(left)], as_json=arguments.json)
    return 0


async def usage(account: Account, arguments: argparse.Namespace) -> int:
    """Print what was spent."""
    end = datetime.now(UTC)
    spent = await account.client.usage(end - timedelta(days=arguments.days), end)
    total = spent.summary.total_cost or 0.0
    lines = [f"{dollars(total)} in {arguments.days} days, {spent.summary.total_requests} runs"]
    if arguments.by != "day":
        lines += [
            f"    {dollars(one.total_cost or 0.0):>10}  {one.model_uuid} ({one.total_count})"
            for one in spent.per_model_usage
        ]
    if arguments.by != "model":
        lines += bars([(day.date[:10], day.amount or 0.0) for day in spent.daily_usage])
    show(spent.model_dump(mode="json"), lines, as_json=arguments.json)
    return 0


async def price(account: Account, arguments: argparse.Namespace) -> int:
    """Print what a run will cost."""
    quote = await estimate(account, arguments.model, await inputs_for(account, arguments))
    due, missing = quote.get("discounted_price"), quote["unpriced_inputs"]
    lines = [dollars(due) if due is not None else "The API gave no price."]
    if missing:
        lines.append(f"At least: {', '.join(missing)} also move the price.")
    show(quote, lines, as_json=arguments.json)
    return 0


async def history(account: Account, arguments: argparse.Namespace) -> int:
    """Print the account's past runs."""
    wanted = HistoryFilter(
        await known_model(account.catalog, arguments.model),
        known_status(arguments.status),
        moment("--since", arguments.since),
        moment("--until", arguments.until, ends=True),
        limit=arguments.limit,
    )
    async with account.own_rows() as rows:
        found = await Status(account).history(rows, wanted)
        show_all(found.outcomes, arguments, "No such runs in the last 7 days.")
        await rows.answered()
    return 0


VERBS: dict[str, Verb] = {
    one.__name__: one
    for one in (
        generate,
        batch,
        status,
        models,
        show_model,
        upload,
        download,
        view,
        balance,
        usage,
        price,
        history,
        delete,
    )
}
VERBS["show"] = VERBS.pop("show_model")
