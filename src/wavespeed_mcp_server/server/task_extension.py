"""The Tasks extension of MCP (SEP-2663): a call may be answered by a task, which the client asks about later.

Only clients that declare `io.modelcontextprotocol/tasks` on the request itself get tasks, so only connections
of 2026-07-28. What a task is bound to is a `Work`; this module is the protocol around it and keeps nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.extension import Extension, MethodBinding
from mcp.server.mcpserver import require_client_extension
from mcp.shared.exceptions import MCPError
from mcp.types import HEADER_MISMATCH, INVALID_PARAMS, CallToolRequestParams, RequestParams

TASKS = "io.modelcontextprotocol/tasks"
ERA = "2026-07-28"
LIFETIME_MS = 7 * 24 * 3_600_000  # as long as the API keeps a prediction and its outputs
DONE: dict[str, Any] = {"resultType": "complete"}

Context = ServerRequestContext[Any, Any]


class UnknownTask(Exception):
    """No task has this id (any more)."""


@dataclass(frozen=True)
class Task:
    """A task as it is now. `poll_ms` is how long to wait before asking again, `message` is for people.

    `details` holds what its status adds on the wire: `result`, `error` or `inputRequests`.
    """

    id: str
    status: Literal["working", "input_required", "completed", "failed", "cancelled"]
    created_at: datetime
    poll_ms: int
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def on_the_wire(self) -> dict[str, Any]:
        """Its fields in the extension's own names."""
        described = {"statusMessage": self.message} if self.message else {}
        return {
            "taskId": self.id,
            "status": self.status,
            "createdAt": _iso(self.created_at),
            "lastUpdatedAt": _iso(datetime.now(UTC)),
            "ttlMs": LIFETIME_MS,
            "pollIntervalMs": self.poll_ms,
            **described,
            **self.details,
        }


class Work(Protocol):
    """What goes on behind tasks."""

    async def start(
        self, params: CallToolRequestParams, ctx: Context, call_next: CallNext
    ) -> Task | HandlerResult:
        """Answer a call: with a task that `look` already knows, or with what `call_next(ctx)` gave."""

    async def look(self, ctx: Context, task_id: str) -> Task:
        """A task as it is now. Raises `UnknownTask`."""

    async def answer(self, ctx: Context, task_id: str, responses: Mapping[str, Any]) -> None:
        """Answers to what a task asked for. Raises `UnknownTask`."""

    async def cancel(self, ctx: Context, task_id: str) -> None:
        """The client no longer wants this task. Raises `UnknownTask`."""


class TaskParams(RequestParams):
    """Which task is meant."""

    task_id: str


class UpdateParams(TaskParams):
    """Answers for a task, by the keys it asked with."""

    input_responses: dict[str, Any]


class Tasks(Extension):
    """Turns calls into tasks where the client knows them, and serves `tasks/get`, `update` and `cancel`."""

    identifier = TASKS

    def __init__(self, work: Work) -> None:
        self._work = work

    def methods(self) -> Sequence[MethodBinding]:
        """The extension's methods; there is no `tasks/list` and no `tasks/result`."""
        modern = frozenset({ERA})
        return [
            MethodBinding("tasks/get", TaskParams, self._get, modern),
            MethodBinding("tasks/update", UpdateParams, self._update, modern),
            MethodBinding("tasks/cancel", TaskParams, self._cancel, modern),
        ]

    async def intercept_tool_call(
        self, params: CallToolRequestParams, ctx: Context, call_next: CallNext
    ) -> HandlerResult:
        """See `Extension`. A client that did not declare the extension never sees a task."""
        if not declared(ctx):
            return await call_next(ctx)
        answer = await self._work.start(params, ctx, call_next)
        return {"resultType": "task", **answer.on_the_wire()} if isinstance(answer, Task) else answer

    async def _get(self, ctx: Context, params: TaskParams) -> HandlerResult:
        _admit(ctx, params)
        try:
            task = await self._work.look(ctx, params.task_id)
        except UnknownTask as error:
            raise _unknown(params) from error
        return DONE | task.on_the_wire()

    async def _update(self, ctx: Context, params: UpdateParams) -> HandlerResult:
        _admit(ctx, params)
        try:
            await self._work.answer(ctx, params.task_id, params.input_responses)
        except UnknownTask as error:
            raise _unknown(params) from error
        return DONE

    async def _cancel(self, ctx: Context, params: TaskParams) -> HandlerResult:
        _admit(ctx, params)
        try:
            await self._work.cancel(ctx, params.task_id)
        except UnknownTask as error:
            raise _unknown(params) from error
        return DONE


def declared(ctx: Context) -> bool:
    """The client declared the extension, for this request."""
    capabilities = ctx.session.client_capabilities
    known = capabilities.extensions if capabilities else None
    return ctx.protocol_version >= ERA and bool(known) and TASKS in (known or {})


def _admit(ctx: Context, params: TaskParams) -> None:
    """Refuse clients without the extension, and HTTP requests routed by another task's name (SEP-2243)."""
    require_client_extension(ctx, TASKS)
    if ctx.request is not None and ctx.request.headers.get("mcp-name") != params.task_id:
        raise MCPError(code=HEADER_MISMATCH, message="The Mcp-Name header must be the taskId")


def _unknown(params: TaskParams) -> MCPError:
    return MCPError(code=INVALID_PARAMS, message=f"Unknown task {params.task_id[:128]!r}")


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
