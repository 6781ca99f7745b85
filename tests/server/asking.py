"""A client that knows tasks: it calls tools as others do, and asks after what it was promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import anyio
from mcp.client import Client, ClientExtension
from mcp.client.extension import ClaimContext, ResultClaim
from mcp.types import CallToolResult, Request, RequestParams, Result, TextContent

from calling import PATIENCE_SECONDS, Json
from wavespeed_mcp_server.server.task_extension import TASKS


class Promise(Result):
    """A call's answer where it is a task."""

    result_type: Literal["task"]
    task_id: str
    status: str
    created_at: str
    last_updated_at: str
    ttl_ms: int
    poll_interval_ms: int


class Answer(Result):
    """Any answer, as it was sent."""

    model_config: ClassVar[Any] = {"extra": "allow"}


class KnowsTasks(ClientExtension):
    """Declares the extension."""

    identifier = TASKS

    def claims(self) -> Sequence[ResultClaim[Any]]:
        """Tasks are an answer to tools/call."""
        return [ResultClaim(result_type="task", model=Promise, resolve=_told)]


async def _told(promise: Promise, context: ClaimContext) -> CallToolResult:
    """A host tells its model the id, and goes on."""
    return CallToolResult(
        content=[TextContent(type="text", text=f"task {promise.task_id}")],
        structured_content={"id": promise.task_id, "status": promise.status},
    )


async def start(client: Client, tool: str = "generate", /, **arguments: Any) -> Promise | CallToolResult:
    """What a call is answered with."""
    with anyio.fail_after(PATIENCE_SECONDS):
        answer = await client.session.call_tool(tool, arguments, allow_claimed=True)
    assert isinstance(answer, Promise | CallToolResult)
    return answer


async def promised(client: Client, /, **arguments: Any) -> Promise:
    """The task that a generate call is answered with."""
    answer = await start(client, **arguments)
    assert isinstance(answer, Promise), answer
    return answer


async def send(client: Client, method: str, /, **params: Any) -> Json:
    """Any request of the extension, as a plain object."""
    request: Request[Any, Any] = Request(method=method, params=_Params(**params))
    with anyio.fail_after(PATIENCE_SECONDS):
        answer = await client.session.send_request(request, Answer)
    return answer.model_dump(by_alias=True, mode="json", exclude_none=True)


async def look(client: Client, task_id: str) -> Json:
    """tasks/get."""
    return await send(client, "tasks/get", taskId=task_id)


class _Params(RequestParams):
    model_config: ClassVar[Any] = {"extra": "allow"}
