"""What became of runs."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from ..runs import (
    HistoryFilter,
    RunOptions,
    Status,
    UnknownFilter,
    delete,
    known_model,
    known_status,
    moment,
    no_such_model,
)
from .arguments import SECONDS, PredictionIds, Since, SomeIds, Until, page_of
from .call import CurrentCall
from .results import SAME_CALL, Predictions, facts, listing

OpenIds = Annotated[
    SomeIds,
    Field(max_length=100, description="prediction ids; none: everything unfinished, and what ended unseen"),
]


class History(Predictions):
    """A page of the history; `total` counts all that fit."""

    total: int | None = None


class NotDeleted(BaseModel):
    """A prediction that is still there, or never was."""

    id: str
    reason: str


class Deleted(BaseModel):
    """What was deleted, and what was not."""

    deleted: list[str]
    not_deleted: list[NotDeleted] = []


async def check_status(
    call: CurrentCall,
    ids: OpenIds = [],  # noqa: B006 - read only; the schema shows it
    wait_seconds: Annotated[
        float | None,
        Field(ge=0, le=600, description="wait for them (45 with ids, else 0)"),
        SECONDS,
    ] = None,
) -> Annotated[CallToolResult, Predictions]:
    """Status and outputs of runs. Use it after generate said processing, or without ids after a lost call."""
    status = Status(call.account)
    left = 0
    if ids:
        options = RunOptions(call.wait_seconds(wait_seconds), started=call.started)
        outcomes = await status.of(call.rows, ids, options, call.progress)
    else:
        options = RunOptions(wait_seconds or 0.0, started=call.started)
        outcomes, left = await status.open(call.rows, options, call.progress)
    listed = listing(outcomes, look=SAME_CALL)
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
    status: Annotated[str, Field(max_length=40, description="completed, processing or failed")] = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, Field(ge=1, le=100, description="rows"), page_of(100)] = 20,
    page: Annotated[int, Field(ge=1, le=10_000, description="from 1")] = 1,
) -> Annotated[CallToolResult, History]:
    """The account's runs of the last 7 days, newest first, with time, prompt and outputs."""
    account = call.account
    wanted = HistoryFilter(
        await known_model(account.catalog, model),
        known_status(status),
        moment("since", since),
        moment("until", until, ends=True),
        page,
        limit,
    )
    found = await Status(account).history(call.rows, wanted)
    if not found.outcomes and wanted.model and not await account.catalog.at_hand(wanted.model):
        raise UnknownFilter(await no_such_model(account.catalog, wanted.model))
    listed = ({} if found.total is None else {"total": found.total}) | listing(found.outcomes)
    if found.more:
        listed["next"] = f"More: the same with page {page + 1}."
    elif not found.outcomes:
        listed["next"] = "No such runs; they are kept 7 days."
    return facts(listed)


async def delete_predictions(call: CurrentCall, ids: PredictionIds) -> Annotated[CallToolResult, Deleted]:
    """Delete ended runs and their outputs for good. Stops nothing, refunds nothing; running ones stay."""
    done = await delete(call.account.client, ids)
    found: dict[str, Any] = {"deleted": done.deleted}
    if done.not_deleted:
        found["not_deleted"] = [{"id": one, "reason": why} for one, why in done.not_deleted.items()]
    return facts(found)
