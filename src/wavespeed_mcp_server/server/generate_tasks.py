"""`generate` behind the Tasks extension: a task's id is its prediction's id.

So any process with the same account can answer for a task, after a restart too, and nothing is stored.
Only that a call asked to `save` is kept in memory: after a restart the outputs are given as URLs alone.

An agent that gives `wait_seconds` wants an answer within that time, and gets a plain one, not a task.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import anyio
from mcp.server.context import CallNext, HandlerResult
from mcp.shared.exceptions import MCPError
from mcp.types import INTERNAL_ERROR, CallToolRequestParams, CallToolResult, TextContent
from pydantic import TypeAdapter

from ..api.errors import ApiError, BadRequest, NotConfigured, NotFound, lasting
from ..api.waiting import Watch
from ..api.wire import FAILURES, PROCESSING, TERMINAL
from ..ledger import Row
from ..runs import Account, Costs, Outcome, RunOptions, TaskFailed
from ..tools.call import Call, open_call
from ..tools.results import facts
from .task_extension import Context, Task, UnknownTask

SHORT_POLL_MS = 2000
LONG_POLL_MS = 5000
LONG_RUN_SECONDS = 60.0
NEW_SECONDS = 60.0
SAVE_SECONDS = 50.0
REMEMBERED = 1024


class _Saving:
    """A task whose outputs are wanted on disk: saved once, and told the same way from then on."""

    def __init__(self, save_as: str) -> None:
        self.save_as = save_as
        self.lock = anyio.Lock()
        self.outcome: Outcome | None = None


class GenerateTasks:
    """The `Work` of `generate`: paid runs that go on at the API."""

    def __init__(self) -> None:
        self._saving: dict[str, _Saving] = {}

    async def start(
        self, params: CallToolRequestParams, ctx: Context, call_next: CallNext
    ) -> Task | HandlerResult:
        """Check, ask, submit; a run that has not ended by then becomes a task."""
        arguments = params.arguments or {}
        if params.name != "generate" or arguments.get("wait_seconds") is not None:
            return await call_next(ctx)
        params.arguments = {**arguments, "wait_seconds": 0}
        result = await call_next(ctx)
        if not isinstance(result, CallToolResult) or result.is_error:
            return result
        outcome = Outcome.model_validate(result.structured_content or {})
        if not outcome.id or outcome.status in TERMINAL:
            return result
        save_as = str(arguments.get("save_as") or "")
        if save_as or TypeAdapter(bool).validate_python(arguments.get("save") or False):
            self._remember(outcome.id, save_as)
        async with _open(ctx) as call:
            row = (await call.account.ledger.by_ids([outcome.id])).get(outcome.id)
            return await _working(call.account, outcome.id, row, outcome.model, outcome.status)

    async def look(self, ctx: Context, task_id: str) -> Task:
        """Ask the API. Only what no later look can mend is an error; the rest is still working."""
        async with _open(ctx) as call:
            task = await self._look(call, task_id)
            if task.status == "completed" and (row := await self._row(call, task_id)) is not None:
                call.rows.ends.add(row.key)
            return task

    async def _row(self, call: Call, task_id: str) -> Row | None:
        return (await call.account.ledger.asked_for(call.rows, [task_id])).get(task_id)

    async def _look(self, call: Call, task_id: str) -> Task:
        account = call.account
        row = await self._row(call, task_id)
        try:
            watch = await account.watching.look_up(task_id)
        except (NotFound, BadRequest) as error:
            if row is None or account.ledger.now().at - row.attempted_at > NEW_SECONDS:
                raise UnknownTask(task_id) from error
            return await _working(account, task_id, row, row.model, PROCESSING)
        except ApiError as error:
            if isinstance(error, NotConfigured) or lasting(error):
                raise MCPError(code=INTERNAL_ERROR, message=str(error)) from error
            model = row.model if row else ""
            return await _working(account, task_id, row, model, f"the last look failed: {error}")
        if row is not None and not watch.prediction.model:
            watch.prediction = watch.prediction.model_copy(update={"model": row.model})
        return await self._task(call, watch, row)

    async def answer(self, ctx: Context, task_id: str, responses: Mapping[str, Any]) -> None:
        """A run asks for nothing once it is submitted."""
        await self._acknowledge(ctx, task_id)

    async def cancel(self, ctx: Context, task_id: str) -> None:
        """The API has no way to stop a run: it goes on, is paid for, and stays readable."""
        await self._acknowledge(ctx, task_id)

    async def _acknowledge(self, ctx: Context, task_id: str) -> None:
        """There is such a task. The answer tells nothing of it, so that nothing of it is seen."""
        async with _open(ctx) as call:
            await self._look(call, task_id)

    async def _task(self, call: Call, watch: Watch, row: Row | None) -> Task:
        messages: list[str] = []

        async def note(message: str, share: float | None = None) -> None:
            messages.append(message)

        await call.account.watching.until_ended(watch, anyio.current_time(), note)
        prediction = watch.prediction
        if not prediction.ended:
            return await _working(call.account, prediction.id, row, prediction.model, messages[-1], watch)
        result = await self._result(call.account, watch, row)
        details = {"result": result.model_dump(by_alias=True, mode="json", exclude_none=True)}
        return Task(
            prediction.id,
            "completed",
            _created(row, watch),
            SHORT_POLL_MS,
            prediction.status,
            details,
        )

    async def _result(self, account: Account, watch: Watch, row: Row | None) -> CallToolResult:
        """What `generate` would have answered."""
        if watch.prediction.status in FAILURES:
            text = str(TaskFailed(watch.prediction))
            return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
        saving = self._saving.get(watch.prediction.id)
        costs = Costs.of(row)
        if saving is None:
            return facts((await account.results.of(watch, RunOptions(0), costs=costs)).facts())
        async with saving.lock:
            if saving.outcome is None:
                options = RunOptions(SAVE_SECONDS, save=True, save_as=saving.save_as)
                saving.outcome = await account.results.of(watch, options, costs=costs)
            return facts(saving.outcome.facts())

    def _remember(self, task_id: str, save_as: str) -> None:
        while len(self._saving) >= REMEMBERED:
            self._saving.pop(next(iter(self._saving)))
        self._saving[task_id] = _Saving(save_as)


@asynccontextmanager
async def _open(ctx: Context) -> AsyncIterator[Call]:
    """The call that `ctx` is about. A failure of the API is told in its words."""
    try:
        async with open_call(ctx) as call:
            yield call
    except ApiError as error:
        raise MCPError(code=INTERNAL_ERROR, message=str(error)) from error


async def _working(
    account: Account, task_id: str, row: Row | None, model: str, message: str, watch: Watch | None = None
) -> Task:
    usual = await account.watching.usual(model) if model else None
    poll_ms = LONG_POLL_MS if (usual or 0.0) >= LONG_RUN_SECONDS else SHORT_POLL_MS
    return Task(task_id, "working", _created(row, watch), poll_ms, message)


def _created(row: Row | None, watch: Watch | None) -> datetime:
    """When the run began: by the ledger, so that every look says the same, else by the API."""
    if row is not None:
        return datetime.fromtimestamp(row.attempted_at, UTC)
    known = watch.prediction.created_at if watch else None
    return known or datetime.now(UTC)
