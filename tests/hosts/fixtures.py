"""The tools that the official tasks scenarios call, behind this project's own `Toolbox` and `Tasks`.

What is theirs are only the jobs: they live in memory, may fail in every way, and may ask for things.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import anyio
from anyio.abc import TaskGroup
from mcp import MCPError
from mcp.server import MCPServer
from mcp.server.context import CallNext, HandlerResult
from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Context as ToolContext
from mcp.server.mcpserver import Elicit, Resolve, require_client_extension
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import INTERNAL_ERROR, CallToolRequestParams, InputRequiredResult
from pydantic import BaseModel

from wavespeed_mcp_server.accounts import one_account
from wavespeed_mcp_server.server.task_extension import TASKS, Context, Task, Tasks, UnknownTask
from wavespeed_mcp_server.server.toolbox import Toolbox
from wavespeed_mcp_server.settings import Settings
from wavespeed_mcp_server.tools.call import AppState

POLL_MS = 100
QUESTIONS = {"confirm_delete": 1, "multi_input": 2}
QUESTION = {
    "method": "elicitation/create",
    "params": {
        "mode": "form",
        "message": "Go on?",
        "requestedSchema": {"type": "object", "properties": {"confirm": {"type": "boolean"}}},
    },
}


@dataclass
class Job:
    """One call that goes on behind its task; `asked` are the questions still open."""

    asked: dict[str, Any]
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    answered: anyio.Event = field(default_factory=anyio.Event)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    cancelled: bool = False


class FixtureWork:
    """Runs every call but greetings behind a task."""

    def __init__(self, group: TaskGroup) -> None:
        self._group = group
        self._jobs: dict[str, Job] = {}

    async def start(
        self, params: CallToolRequestParams, ctx: Context, call_next: CallNext
    ) -> Task | HandlerResult:
        """See `Work`. One tool asks for something before it becomes a task."""
        if params.name == "greet":
            return await call_next(ctx)
        job_id = uuid.uuid4().hex
        job = Job({uuid.uuid4().hex: QUESTION for _ in range(QUESTIONS.get(params.name, 0))})
        if params.name == "test_tool_with_task":
            answer = await call_next(ctx)
            if isinstance(answer, InputRequiredResult):
                return answer
            job.result = _plain(answer)
        self._jobs[job_id] = job
        if job.result is None:
            self._group.start_soon(self._run, job, ctx, call_next)
        return self._task(job_id, job)

    async def look(self, ctx: Context, task_id: str) -> Task:
        """See `Work`."""
        return self._task(task_id, self._job(task_id))

    async def answer(self, ctx: Context, task_id: str, responses: Mapping[str, Any]) -> None:
        """See `Work`."""
        job = self._job(task_id)
        job.asked = {key: asked for key, asked in job.asked.items() if key not in responses}
        if not job.asked:
            job.answered.set()

    async def cancel(self, ctx: Context, task_id: str) -> None:
        """See `Work`."""
        self._job(task_id).scope.cancel()

    def _job(self, task_id: str) -> Job:
        if task_id not in self._jobs:
            raise UnknownTask(task_id)
        return self._jobs[task_id]

    def _task(self, job_id: str, job: Job) -> Task:
        if job.result is not None:
            return Task(job_id, "completed", job.created_at, POLL_MS, details={"result": job.result})
        if job.error is not None:
            return Task(job_id, "failed", job.created_at, POLL_MS, details={"error": job.error})
        if job.cancelled:
            return Task(job_id, "cancelled", job.created_at, POLL_MS)
        if job.asked:
            asked = {"inputRequests": job.asked}
            return Task(job_id, "input_required", job.created_at, POLL_MS, details=asked)
        return Task(job_id, "working", job.created_at, POLL_MS)

    async def _run(self, job: Job, ctx: Context, call_next: CallNext) -> None:
        with job.scope:
            try:
                if job.asked:
                    await job.answered.wait()
                job.result = _plain(await call_next(ctx))
            except MCPError as error:
                job.error = error.error.model_dump(exclude_none=True)
        job.cancelled = job.scope.cancelled_caught


def _plain(answer: HandlerResult) -> dict[str, Any]:
    assert isinstance(answer, BaseModel)
    return answer.model_dump(by_alias=True, mode="json", exclude_none=True)


class Name(BaseModel):
    """Who is there."""

    name: str


async def _who() -> Elicit[Name]:
    return Elicit("Who are you?", Name)


async def greet(name: str) -> str:
    """Never a task."""
    return f"Hello, {name}!"


async def slow_compute(seconds: float = 0.0, label: str = "") -> str:
    """Ends after so many seconds."""
    await anyio.sleep(seconds)
    return f"{label} done"


async def failing_job(ctx: ToolContext[Any, Any]) -> str:
    """Only for clients that know tasks, and it fails."""
    require_client_extension(ctx.request_context, TASKS)
    raise ToolError("It failed, as it should.")


async def protocol_error_job() -> str:
    """Fails below the level of tools."""
    raise MCPError(code=INTERNAL_ERROR, message="It broke, as it should.")


async def confirm_delete(filename: str) -> str:
    """Runs once its one question is answered."""
    return f"deleted {filename}"


async def multi_input() -> str:
    """Runs once both its questions are answered."""
    return "both known"


async def test_tool_with_task(who: Annotated[ElicitationResult[Name], Resolve(_who)]) -> str:
    """Asks first, then becomes a task."""
    assert isinstance(who, AcceptedElicitation)
    return f"Hello, {who.data.name}!"


TOOLS = (
    greet,
    slow_compute,
    failing_job,
    protocol_error_job,
    confirm_delete,
    multi_input,
    test_tool_with_task,
)


def fixture_server(group: TaskGroup, settings: Settings) -> Toolbox:
    """A server with those tools; its jobs run in `group`."""

    @asynccontextmanager
    async def lifespan(_server: MCPServer[AppState]) -> AsyncIterator[AppState]:
        async with one_account(settings)() as accounts:
            yield AppState(accounts)

    return Toolbox(
        "fixtures",
        lifespan=lifespan,
        tools=[Tool.from_function(tool) for tool in TOOLS],
        extensions=[Tasks(FixtureWork(group))],
    )
