"""The account's money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from ..api.wire import Charge, Usage
from .arguments import PredictionId, Since, Until, moment
from .call import CurrentCall
from .results import facts

LONGEST_DAYS = 31
DEFAULT_DAYS = 7
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class Balance(BaseModel):
    """What is left to spend."""

    balance: float
    currency: str


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
    """The real charge of one prediction, USD."""

    id: str
    model: str
    price: float
    type: str = ""


class UsageReport(BaseModel):
    """What was spent, USD."""

    total_cost: float
    total_requests: int = 0
    success_requests: int = 0
    models: list[ModelCost] = []
    days: list[DayCost] = []
    charges: list[ChargeLine] = []


async def get_balance(call: CurrentCall) -> Annotated[CallToolResult, Balance]:
    """What the account has left to spend, USD."""
    balance = await call.account.client.balance()
    return facts({"balance": round(balance, 6), "currency": "USD"})


async def get_usage(
    call: CurrentCall,
    since: Since = "",
    until: Until = "",
    model: Annotated[str, Field(max_length=200, description="only this model")] = "",
    ids: Annotated[
        list[PredictionId], Field(max_length=100, description="instead: the real charge of these predictions")
    ] = [],  # noqa: B006 - read only; the schema shows it
) -> Annotated[CallToolResult, UsageReport]:
    """What was spent, by model and day (the last 7 days unless since is given; at most 31 days)."""
    account = call.account
    if ids:
        charges = await account.client.charges(list(dict.fromkeys(ids)))
        await account.ledger.billed(
            [(one.prediction_id, one.billing_type, one.price) for one in charges if one.price is not None]
        )
        return facts(_charges(charges))
    end = moment("until", until) or datetime.now(UTC)
    start = moment("since", since) or max(end, EARLIEST) - timedelta(days=DEFAULT_DAYS)
    if not timedelta(0) < end - start <= timedelta(days=LONGEST_DAYS):
        raise ToolError("since must be before until, and at most 31 days before it.")
    return facts(_usage(await account.client.usage(start, end, model)))


def _charges(charges: list[Charge]) -> dict[str, Any]:
    lines = [
        {"id": one.prediction_id, "model": one.model, "price": one.price or 0.0, "type": one.billing_type}
        for one in charges
    ]
    signs = [-1 if one.billing_type == "refund" else 1 for one in charges]
    total = sum(sign * abs(one.price or 0.0) for sign, one in zip(signs, charges, strict=True))
    return {"total_cost": round(total, 6), "charges": lines}


def _usage(usage: Usage) -> dict[str, Any]:
    models = [
        {"model": one.model_uuid, "cost": one.total_cost or 0.0, "count": one.total_count}
        for one in usage.per_model_usage
    ]
    days = [
        {"date": one.date[:10], "cost": one.amount or 0.0, "count": one.count} for one in usage.daily_usage
    ]
    return {
        "total_cost": usage.summary.total_cost or 0.0,
        "total_requests": usage.summary.total_requests,
        "success_requests": usage.summary.success_requests,
        "models": models,
        "days": days,
    }
