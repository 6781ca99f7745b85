"""Running models, and what became of the runs."""

from __future__ import annotations

from typing import Annotated

from mcp.types import CallToolResult
from pydantic import BaseModel, Field

from ..api.wire import COMPLETED, FAILURES, TERMINAL
from ..runs import NOT_FOUND, NOT_SUBMITTED, UNKNOWN, Batch, Outcome, Status, Wish, room_for
from .arguments import (
    MaxPrice,
    ModelId,
    ModelInput,
    PredictionId,
    PredictionIds,
    Save,
    Since,
    Until,
    WaitSeconds,
    WebhookUrl,
    moment,
)
from .consent import AllRequests, ConsentToAll, ConsentToOne, OneRequest, Requests, agreed, can_ask
from .desk import CallContext, Progress, at_once, desk, hand_over, patience, quoted
from .results import facts

OpenIds = Annotated[
    list[PredictionId],
    Field(max_length=100, description="prediction ids; none: everything unfinished, and what ended unseen"),
]


class Predictions(BaseModel):
    """Several predictions."""

    predictions: list[Outcome]
    next: str = ""


class BatchResult(Predictions):
    """What became of a batch."""

    total: int
    completed: int
    failed: int
    processing: int


class Deleted(BaseModel):
    """What was deleted."""

    deleted: int
    ids: list[str]


async def generate(
    model: ModelId,
    ctx: CallContext,
    request: OneRequest,
    consent: ConsentToOne,
    input: ModelInput = {},  # noqa: B006 - read only; the schema shows it
    wait_seconds: WaitSeconds = None,
    max_price: MaxPrice = None,
    webhook_url: WebhookUrl = "",
    save: Save = False,
) -> Annotated[CallToolResult, Outcome]:
    """Run a model (image, video, audio, 3D, text) and return its outputs. Costs money.

    Find a model and its inputs with list_models first. If it is not done in time you get its id with status
    processing: then call check_status, never generate again.
    """
    at = desk(ctx)
    wish = Wish(
        patience(ctx, wait_seconds),
        max_price,
        webhook_url,
        save,
        consented=agreed(consent),
        can_ask=can_ask(ctx),
        started=request.started,
    )
    async with at.runs.call() as call:
        outcome = await at.runs.generate(call, request, wish, Progress(ctx, request.started))
        await hand_over(ctx, call)
    return facts(outcome.facts())


async def generate_batch(
    requests: Requests,
    ctx: CallContext,
    prepared: AllRequests,
    consent: ConsentToAll,
    wait_seconds: WaitSeconds = None,
    max_price: Annotated[float | None, Field(ge=0, description="for all of it, USD")] = None,
    max_in_flight: Annotated[
        int | None, Field(ge=1, le=100, description="tasks at a time; unset: the setting (8)")
    ] = None,
    save: Save = False,
) -> Annotated[CallToolResult, BatchResult]:
    """Run many requests at once, for variations or several models. Costs money.

    Refused as a whole if any input is wrong or the sum is over a limit. What found no free slot in time comes
    back as not_submitted: send those again.
    """
    at = desk(ctx)
    started = min(one.started for one in prepared)
    wish = Wish(
        patience(ctx, wait_seconds),
        max_price,
        save=save,
        consented=agreed(consent),
        can_ask=can_ask(ctx),
        room=room_for(len(prepared)),
        started=started,
    )
    most = at_once(ctx, max_in_flight)
    async with at.runs.call() as call:
        outcomes = await Batch(at.runs, call, wish, most, Progress(ctx, started)).run(prepared)
        await hand_over(ctx, call)
    ended = {*TERMINAL, NOT_SUBMITTED, UNKNOWN}
    counts = {
        "total": len(outcomes),
        "completed": sum(one.status == COMPLETED for one in outcomes),
        "failed": sum(one.status in FAILURES for one in outcomes),
        "processing": sum(one.status not in ended for one in outcomes),
    }
    return facts(counts | _list(outcomes))


async def check_status(
    ctx: CallContext,
    ids: OpenIds = [],  # noqa: B006 - read only; the schema shows it
    wait_seconds: Annotated[
        float | None,
        Field(ge=0, le=600, description="wait this long for them; unset: the setting (45) with ids, else 0"),
    ] = None,
) -> Annotated[CallToolResult, Predictions]:
    """Status and outputs of runs. Use it after generate said processing, or without ids after a lost call."""
    at = desk(ctx)
    status = Status(at.runs)
    async with at.runs.call() as call:
        if ids:
            wish = Wish(patience(ctx, wait_seconds))
            unique = list(dict.fromkeys(ids))
            outcomes = await status.of(call, unique, wish, Progress(ctx, wish.started))
            left = 0
        else:
            wish = Wish(wait_seconds or 0.0)
            outcomes, left = await status.open(call, wish, Progress(ctx, wish.started))
        await hand_over(ctx, call)
    listed = _list(outcomes)
    if not outcomes:
        listed["next"] = "Nothing is open. list_predictions shows the account's last 7 days."
    if left:
        listed["next"] = (
            f"{left} more are open: list_predictions shows them. {listed.get('next', '')}".strip()
        )
    return facts(listed)


async def list_predictions(
    ctx: CallContext,
    model: Annotated[str, Field(max_length=200, description="only this model")] = "",
    status: Annotated[str, Field(max_length=40, description="only this status, e.g. completed")] = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, Field(ge=1, le=100)] = 20,
    page: Annotated[int, Field(ge=1, le=10_000)] = 1,
) -> Annotated[CallToolResult, Predictions]:
    """The account's runs of the last 7 days, newest first, with their outputs."""
    at = desk(ctx)
    async with at.runs.call() as call:
        outcomes, more = await Status(at.runs).history(
            call,
            page=page,
            page_size=limit,
            model=model,
            status=status,
            since=moment("since", since),
            until=moment("until", until),
        )
        await hand_over(ctx, call)
    listed = _list(outcomes, brief=True)
    if more:
        listed["next"] = f"More: the same with page {page + 1}."
    return facts(listed)


async def delete_predictions(ctx: CallContext, ids: PredictionIds) -> Annotated[CallToolResult, Deleted]:
    """Delete ended runs and their outputs for good. Stops nothing, refunds nothing; running ones stay."""
    unique = list(dict.fromkeys(ids))
    return facts({"deleted": await desk(ctx).runs.client.delete(unique), "ids": unique})


def _list(outcomes: list[Outcome], *, brief: bool = False) -> dict[str, object]:
    """Outcomes with one `next` for all of them in place of one each."""
    listed = [one.model_copy(update={"next": one.note}).facts() for one in outcomes]
    found: dict[str, object] = {"predictions": listed}
    running = [one.id for one in outcomes if one.status not in {*TERMINAL, NOT_FOUND} and one.id]
    waiting = sum(one.status == NOT_SUBMITTED for one in outcomes)
    steps = []
    if running:
        steps.append(f"Still running: check_status with ids {quoted(running[:20])}.")
    if waiting:
        steps.append(f"Nothing was bought for the {waiting} not_submitted: send those again.")
    if steps and not brief:
        found["next"] = " ".join(steps)
    return found
