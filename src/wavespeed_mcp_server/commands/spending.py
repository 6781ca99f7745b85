"""Who of a team spent what: the ledger's sums, quote beside charge."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio

from ..ledger import LedgerUnavailable, SharedStore, Spending, Tokens
from ..process import open_store
from ..runs import dollars
from ..settings import Settings
from .terminal import complain, show

NO_TOKEN = "no token was issued here; usage without --by shows what the account spent, by model and by day."
COLUMNS = ("runs", "completed", "quoted", "charged", "billed")


def usage_by(settings: Settings, arguments: Namespace, database_url: str = "") -> int | None:
    """Print what the tokens spent, by token, model or day; returns the exit code.

    None where there are no tokens, so that a model or a day means the account's own usage.
    """

    async def run() -> int | None:
        store = open_store(settings, database_url)
        try:
            names = {token.caller: token.name for token in await Tokens(store).every()}
            if not names and arguments.by != "token":
                return None
            if not names:
                complain(NO_TOKEN)
                return 1
            await _print(store, names, arguments)
        except LedgerUnavailable:
            complain(f"the ledger cannot be used: {store.fault or store.damage}.")
            return 1
        finally:
            await store.aclose()
        return 0

    return anyio.run(run)


async def _print(store: SharedStore, names: dict[str, str], arguments: Namespace) -> None:
    end = datetime.now(UTC)
    since, until = (end - timedelta(days=arguments.days)).timestamp(), end.timestamp() + 1
    lines = await store.run(lambda tx: tx.spending(list(names), since, until))
    found = _summed(lines, names, arguments.by)
    rows = [_line(one, arguments.by) for one in found]
    total = sum(one["cost"] for one in found)
    rows.append(f"{dollars(round(total, 6))} in {arguments.days} days")
    show({"by": arguments.by, "days": arguments.days, "usage": found}, rows, as_json=arguments.json)


def _summed(lines: Iterable[Spending], names: dict[str, str], by: str) -> list[dict[str, Any]]:
    """One entry for each token, model or day: what was quoted beside what was charged, USD."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        key = {"token": names.get(line.account, line.account), "model": line.model, "day": line.day}[by]
        sums = found.setdefault(key, {by: key, **dict.fromkeys((*COLUMNS, "cost"), 0)})
        for name, value in zip(
            (*COLUMNS, "cost"),
            (line.runs, line.completed, line.expected, line.charged, line.billed, line.cost),
            strict=True,
        ):
            sums[name] = round(sums[name] + value, 6)
    most_first = sorted(found.values(), key=lambda one: one["cost"], reverse=True)
    return sorted(found.values(), key=lambda one: str(one[by])) if by == "day" else most_first


def _line(one: dict[str, Any], by: str) -> str:
    billed = f"charged {dollars(one['charged'])} for {one['billed']}" if one["billed"] else "not billed yet"
    return f"{one[by]}: {one['runs']} runs, quoted {dollars(one['quoted'])}, {billed}"
