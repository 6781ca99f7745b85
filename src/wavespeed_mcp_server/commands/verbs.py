"""The verbs for people: the same runs as the tools, printed for a terminal or as JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from ..accounts import open_account
from ..api.wire import TERMINAL
from ..catalog import CatalogUnavailable, row
from ..files import looks_like_local_path
from ..runs import (
    EXPECTED,
    Account,
    HistoryFilter,
    Outcome,
    RunError,
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
from ..runs import delete as delete_for_good
from ..settings import Settings
from .serving import on_sandbox
from .terminal import ProgressLine, agrees, bars, complain, show

Verb = Callable[[Account, argparse.Namespace], Awaitable[int]]


class BadInput(RunError):
    """An argument of the command line that makes no sense."""


def run_verb(name: str, settings: Settings, arguments: argparse.Namespace) -> int:
    """Run one verb; returns its exit code."""

    async def run() -> int:
        used = on_sandbox(settings) if arguments.sandbox else nullcontext(settings)
        async with used as chosen, open_account(chosen) as account:
            try:
                return await VERBS[name](account, arguments)
            except CatalogUnavailable as error:
                complain(error.__cause__ or error)
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
    inputs = _inputs(arguments)
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
        total = await price_to_agree(account, [request], None)
        asked = f"This costs {dollars(total or 0.0)}. Run it?"
        consented = total is not None and await anyio.to_thread.run_sync(agrees, asked)
        options = RunOptions(
            arguments.timeout,
            save=arguments.save,
            sync=arguments.sync,
            consented=consented,
            started=started,
        )
        try:
            outcome = await run(account, request, options, rows, line)
        finally:
            line.clear()
        lines = _lines(outcome)
        if outcome.status not in TERMINAL:
            lines.append(f"    It goes on: wavespeed-mcp-server status {outcome.id} --timeout 600")
        show(outcome.facts(), lines, as_json=arguments.json)
        await rows.answered()
    return 0


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
        _show_all(outcomes, arguments, "Nothing is open.")
        await rows.answered()
    return 0


async def models(account: Account, arguments: argparse.Namespace) -> int:
    """Print models that fit a wish."""
    found = await account.catalog.search(" ".join(arguments.query), arguments.type, limit=arguments.limit)
    rows = [row(model) for model in found.models]
    lines = []
    for one in rows:
        price = dollars(one["base_price"]) if "base_price" in one else "?"
        lines += [f"{one['model_id']}  ({one['type']}, from {price})", f"    {one['inputs']}"]
    lines.append(f"{len(rows)} of {found.total} models.")
    show({"total": found.total, "models": rows}, lines, as_json=arguments.json)
    return 0


async def upload(account: Account, arguments: argparse.Namespace) -> int:
    """Upload a file and print its URL."""
    line = ProgressLine()
    path = _absolute(arguments.file.removeprefix("@"))
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
    lines += [
        f"    {dollars(one.total_cost or 0.0):>10}  {one.model_uuid} ({one.total_count})"
        for one in spent.per_model_usage
    ]
    lines += bars([(day.date[:10], day.amount or 0.0) for day in spent.daily_usage])
    show(spent.model_dump(mode="json"), lines, as_json=arguments.json)
    return 0


async def price(account: Account, arguments: argparse.Namespace) -> int:
    """Print what a run will cost."""
    quote = await estimate(account, arguments.model, _inputs(arguments))
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
        _show_all(found.outcomes, arguments, "No such runs in the last 7 days.")
        await rows.answered()
    return 0


async def delete(account: Account, arguments: argparse.Namespace) -> int:
    """Delete runs for good."""
    done = await delete_for_good(account.client, arguments.ids)
    lines = [f"{one}  deleted" for one in done.deleted]
    lines += [f"{one}  not deleted: {why}" for one, why in done.not_deleted.items()]
    not_deleted = [{"id": one, "reason": why} for one, why in done.not_deleted.items()]
    show({"deleted": done.deleted, "not_deleted": not_deleted}, lines, as_json=arguments.json)
    return 1 if done.not_deleted else 0


VERBS: dict[str, Verb] = {
    one.__name__: one for one in (generate, status, models, upload, balance, usage, price, history, delete)
}


def _show_all(outcomes: list[Outcome], arguments: argparse.Namespace, nothing: str) -> None:
    lines = [line for one in outcomes for line in _lines(one)] or [nothing]
    show({"predictions": [one.facts() for one in outcomes]}, lines, as_json=arguments.json)


def _lines(outcome: Outcome) -> list[str]:
    cost = f", {dollars(outcome.price)}" if outcome.price is not None else ""
    took = f", {outcome.elapsed_seconds:g} s" if outcome.elapsed_seconds is not None else ""
    lines = [f"{outcome.id or '-'}  {outcome.status}  {outcome.model}{took}{cost}".rstrip()]
    lines += [
        f"    {output if isinstance(output, str) else json.dumps(output)}" for output in outcome.outputs
    ]
    lines += [f"    saved: {path}" for path in outcome.saved]
    lines += [f"    {text}" for text in (outcome.error, outcome.note) if text]
    return lines


def _inputs(arguments: argparse.Namespace) -> dict[str, Any]:
    """The prompt and every -i as one input."""
    found: dict[str, Any] = {"prompt": arguments.prompt} if arguments.prompt is not None else {}
    for pair in arguments.input:
        name, equals, text = pair.partition("=")
        if not equals:
            raise BadInput(f"-i {pair!r}: write it as KEY=VALUE.")
        value = _value(text)
        if name in found and name != "prompt":
            # The same input twice is a list of both: `-i images=@a.png -i images=@b.png`.
            before = found[name]
            value = [*(before if isinstance(before, list) else [before]), value]
        found[name] = value
    return found


def _value(text: str) -> Any:
    if text.startswith("@"):
        return _marked(text)
    try:
        return _marked(json.loads(text))
    except ValueError:
        return text


def _marked(value: Any) -> Any:
    """A value with the whole path in place of each `@FILE` that this shell knows, or that looks like one."""
    if isinstance(value, list):
        return [_marked(item) for item in value]
    if isinstance(value, dict):
        return {key: _marked(item) for key, item in value.items()}
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    path = value[1:]
    return "@" + _absolute(path) if looks_like_local_path(path) or _exists(path) else value


def _exists(path: str) -> bool:
    try:
        return bool(path) and Path(path).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


def _absolute(path: str) -> str:
    """A path as the person means it in this shell."""
    return str(Path(path).expanduser().absolute())
