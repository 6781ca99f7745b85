"""The account's money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from ..api.wire import Charge, Usage
from ..ledger import Spending
from ..runs import UnknownFilter, known_model, moment, no_such_model
from ..runs.whole_ids import whole_ids
from .arguments import Since, SomeIds, Until
from .call import CurrentCall
from .results import facts

LONGEST_DAYS = 31
MOST_MODELS = 100
MOST_CHARGES = 200
DEFAULT_DAYS = 7
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class Balance(BaseModel):
    """What is left to spend."""

    balance: float
    currency: str
    budget_left: float | None = None


class ModelCost(BaseModel):
    """What one model cost, USD."""

    model: str
    cost: float
    count: int


class DayCost(BaseModel):
    """What one day cost, USD."""

    date: str
    cost: float
    count: int


class ChargeLine(BaseModel):
    """One bill of a prediction, USD; `type` is deduct or refund."""

    id: str
    model: str
    price: float
    type: str = ""


class UsageReport(BaseModel):
    """What was spent, USD."""

    total_cost: float | None = None
    total_requests: int = 0
    success_requests: int = 0
    models: list[ModelCost] = []
    days: list[DayCost] = []
    charges: list[ChargeLine] = []
    unbooked: list[str] = []
    next: str = ""


async def get_balance(call: CurrentCall) -> Annotated[CallToolResult, Balance]:
    """What the account has left to spend, USD; budget_left: of the person's daily budget."""
    account = call.account
    budget = {}
    if not account.settings.shares_key:
        balance = await account.client.balance()
        if (daily := account.limits.daily) is not None:
            budget["budget_left"] = round(max(0.0, daily - await account.ledger.spent()), 6)
    elif account.settings.own_budget is None:
        raise ToolError("No budget is set for this token, and the account's balance is its operator's.")
    else:
        balance = max(0.0, account.settings.own_budget - await account.ledger.spent_alone())
    return facts({"balance": round(balance, 6), "currency": "USD", **budget})


async def get_usage(
    call: CurrentCall,
    since: Since = "",
    until: Until = "",
    model: Annotated[str, Field(max_length=200, description="only this model")] = "",
    ids: Annotated[
        SomeIds,
        Field(max_length=100, description="instead: what these predictions were really charged"),
    ] = [],  # noqa: B006 - read only; the schema shows it
) -> Annotated[CallToolResult, UsageReport]:
    """What was spent, by model and day (the last 7 days unless since is given; at most 31 days)."""
    account = call.account
    if ids:
        asked = await whole_ids(account, ids)
        lines = await account.client.charges(asked)
        await account.ledger.billed(
            [(one.prediction_id, one.billing_type, one.price) for one in lines if one.price is not None]
        )
        return facts(_charges(asked, lines))
    end = moment("until", until, ends=True) or datetime.now(UTC)
    start = moment("since", since) or max(end, EARLIEST) - timedelta(days=DEFAULT_DAYS)
    if not timedelta(0) < end - start <= timedelta(days=LONGEST_DAYS):
        raise ToolError("since must be before until, and at most 31 days before it.")
    only = await known_model(account.catalog, model)
    if account.settings.shares_key:
        return facts(_own_usage(await account.ledger.spending(start.timestamp(), end.timestamp()), only))
    usage = await account.client.usage(start, end, only)
    if only and not usage.per_model_usage and not await account.catalog.at_hand(only):
        raise UnknownFilter(await no_such_model(account.catalog, only))
    return facts(_usage(usage))


def _charges(asked: list[str], lines: list[Charge]) -> dict[str, Any]:
    """What is booked, and which of `asked` are not: a charge that is not booked yet is not zero."""
    charges = [
        {"id": one.prediction_id, "model": one.model, "price": one.price, "type": one.billing_type}
        for one in lines
        if one.price is not None
    ]
    signs = (-1 if one.billing_type == "refund" else 1 for one in lines if one.price is not None)
    total = sum(sign * abs(float(str(one["price"]))) for sign, one in zip(signs, charges, strict=True))
    shown = charges[:MOST_CHARGES]
    found: dict[str, Any] = {"total_cost": round(total, 6), "charges": shown} if charges else {"charges": []}
    unbooked = [one for one in asked if one not in {line["id"] for line in charges}]
    if unbooked:
        found["unbooked"] = unbooked
        found["next"] = "unbooked: no charge is booked yet, which does not mean free; ask again later."
    return found


def _own_usage(lines: list[Spending], only: str) -> dict[str, Any]:
    """What the ledger knows of a caller whose key others use, too."""
    wanted = [line for line in lines if only in {"", line.model}]
    models, days = ({key: [0.0, 0] for key in sorted(keys)} for keys in _keys(wanted))
    for line in wanted:
        for sums in (models[line.model], days[line.day]):
            sums[0] += line.cost
            sums[1] += line.runs
    return {
        "total_cost": round(sum(line.cost for line in wanted), 6),
        "total_requests": sum(line.runs for line in wanted),
        "success_requests": sum(line.completed for line in wanted),
        "models": [{"model": one, "cost": round(cost, 6), "count": n} for one, (cost, n) in models.items()],
        "days": [{"date": one, "cost": round(cost, 6), "count": n} for one, (cost, n) in days.items()],
    }


def _keys(lines: list[Spending]) -> tuple[set[str], set[str]]:
    return {line.model for line in lines}, {line.day for line in lines}


def _usage(usage: Usage) -> dict[str, Any]:
    models = [
        {"model": one.model_uuid, "cost": one.total_cost or 0.0, "count": one.total_count}
        for one in usage.per_model_usage[:MOST_MODELS]
    ]
    days = [
        {"date": one.date[:10], "cost": one.amount or 0.0, "count": one.count}
        for one in usage.daily_usage[: LONGEST_DAYS + 1]
    ]
    return {
        "total_cost": usage.summary.total_cost or 0.0,
        "total_requests": usage.summary.total_requests,
        "success_requests": usage.summary.success_requests,
        "models": models,
        "days": days,
    }
