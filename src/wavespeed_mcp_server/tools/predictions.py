"""What became of runs."""

from __future__ import annotations

from typing import Annotated

from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from ..runs import RunOptions, Status
from .arguments import PredictionId, PredictionIds, Since, Until, moment
from .call import CurrentCall
from .results import Predictions, facts, listing

OpenIds = Annotated[
    list[PredictionId],
    Field(max_length=100, description="prediction ids; none: everything unfinished, and what ended unseen"),
]


class Deleted(BaseModel):
    """What was deleted."""

    deleted: int
    ids: list[str]


async def check_status(
    call: CurrentCall,
    ids: OpenIds = [],  # noqa: B006 - read only; the schema shows it
    wait_seconds: Annotated[
        float | None,
        Field(ge=0, le=600, description="wait this long for them; unset: the setting (45) with ids, else 0"),
    ] = None,
) -> Annotated[CallToolResult, Predictions]:
    """Status and outputs of runs. Use it after generate said processing, or without ids after a lost call."""
    status = Status(call.account)
    left = 0
    if ids:
        options = RunOptions(call.wait_seconds(wait_seconds), started=call.started)
        outcomes = await status.of(call.rows, list(dict.fromkeys(ids)), options, call.progress)
    else:
        options = RunOptions(wait_seconds or 0.0, started=call.started)
        outcomes, left = await status.open(call.rows, options, call.progress)
    listed = listing(outcomes)
    if not outcomes:
        listed["next"] = "Nothing is open. list_predictions shows the account's last 7 days."
    if left:
        listed["next"] = (
            f"{left} more are open: list_predictions shows them. {listed.get('next', '')}".strip()
        )
    return facts(listed)


async def list_predictions(
    call: CurrentCall,
    model: Annotated[str, Field(max_length=200, description="only this model")] = "",
    status: Annotated[str, Field(max_length=40, description="only this status, e.g. completed")] = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, Field(ge=1, le=100)] = 20,
    page: Annotated[int, Field(ge=1, le=10_000)] = 1,
) -> Annotated[CallToolResult, Predictions]:
    """The account's runs of the last 7 days, newest first, with their outputs."""
    outcomes, more = await Status(call.account).history(
        call.rows,
        page=page,
        page_size=limit,
        model=model,
        status=status,
        since=moment("since", since),
        until=moment("until", until),
    )
    listed = listing(outcomes, brief=True)
    if more:
        listed["next"] = f"More: the same with page {page + 1}."
    return facts(listed)


async def delete_predictions(call: CurrentCall, ids: PredictionIds) -> Annotated[CallToolResult, Deleted]:
    """Delete ended runs and their outputs for good. Stops nothing, refunds nothing; running ones stay."""
    unique = list(dict.fromkeys(ids))
    return facts({"deleted": await call.account.client.delete(unique), "ids": unique})
