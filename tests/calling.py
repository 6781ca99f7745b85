"""How tests talk to a server: what a tool said, as data or as an error's text."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import anyio
from mcp.client import Client
from mcp.types import CallToolResult, TextContent

from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import Settings

Json = dict[str, Any]
PATIENCE_SECONDS = 60.0

MakeSettings = Callable[..., Settings]


class Connect(Protocol):
    """Connects a client, in memory, to a server of its own."""

    def __call__(
        self, settings: Settings, mode: str = "auto", **client: Any
    ) -> AbstractAsyncContextManager[Client]: ...


class ToolFailed(AssertionError):
    """A tool answered with an error; the text is what the model is shown."""


async def ask(client: Client, tool: str, /, **arguments: Any) -> CallToolResult:
    """The whole result of a tool call, error or not. A call that hangs is a failure."""
    with anyio.fail_after(PATIENCE_SECONDS):
        result = await client.call_tool(tool, arguments)
    assert isinstance(result, CallToolResult)
    return result


async def call(client: Client, tool: str, /, **arguments: Any) -> Json:
    """The structured result of a tool call.

    Raises:
        ToolFailed: the tool answered with an error.
    """
    result = await ask(client, tool, **arguments)
    if result.is_error:
        raise ToolFailed(text_of(result))
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def agreed(question: Json) -> Json:
    """The parameters by which a person says yes to what was asked in the newer era's way."""
    (asked,) = question["inputRequests"]
    yes = {"action": "accept", "content": {"approve": True}}
    return {"inputResponses": {asked: yes}, "requestState": question["requestState"]}


async def refusal(client: Client, tool: str, /, **arguments: Any) -> str:
    """The error text of a tool call that must fail."""
    result = await ask(client, tool, **arguments)
    assert result.is_error, f"{tool} was expected to fail and answered {result.structured_content}"
    return text_of(result)


def text_of(result: CallToolResult) -> str:
    """The one text of a result."""
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


async def cut_off(client: Client, sandbox: Sandbox, **arguments: Any) -> str:
    """The id of a task that runs until the test ends it, and whose `generate` call was given up."""
    sandbox.run_seconds = lambda _model, _inputs: None
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "generate", arguments)
            await sandbox.seen("poll")
            group.cancel_scope.cancel()
    (prediction,) = sandbox.predictions
    return prediction
