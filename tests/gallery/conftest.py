"""A gallery of the sandbox's account, and who visits it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp.client import Client

from calling import Connect, Json
from wavespeed_mcp_server.gallery.access import Access
from wavespeed_mcp_server.gallery.serving import running
from wavespeed_mcp_server.settings import Settings

from .visiting import Visitor, follow

Make = Callable[..., Awaitable[Json]]


@pytest.fixture
def shown() -> list[Path]:
    """The files whose folders were opened."""
    return []


@pytest.fixture
async def access(settings: Settings, shown: list[Path]) -> AsyncIterator[Access]:
    """A gallery under way; opening a folder only notes it."""

    def show(path: Path) -> bool:
        shown.append(path)
        return True

    async with running(settings, show=show) as access:
        yield access


@pytest.fixture
async def http(access: Access) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody with no cookie yet."""
    async with httpx.AsyncClient(base_url=access.origin, timeout=40) as http:
        yield http


@pytest.fixture
async def visitor(http: httpx.AsyncClient, access: Access) -> Visitor:
    """The person's browser, with the page open."""
    return await follow(http, access)


@pytest.fixture
def first_look() -> None:
    """Runs take their time, in which the gallery hears of them."""


@pytest.fixture
async def agent(connect: Connect, settings: Settings) -> AsyncIterator[Client]:
    """A host's server on the same ledger."""
    async with connect(settings) as client:
        yield client


@pytest.fixture
def make(agent: Client) -> Make:
    """`await make("sandbox/paint", prompt="a cat")`: the agent runs a model; returns the prediction."""

    async def make(model: str, *, save: bool = False, wait_seconds: float = 20, **given: Any) -> Json:
        arguments = {"model": model, "input": given, "save": save, "wait_seconds": wait_seconds}
        result: Any = await agent.call_tool("generate", arguments)
        assert not result.is_error, result.content
        found: Json = result.structured_content
        return found

    return make


async def until(visitor: Visitor, holds: Callable[[], Any]) -> None:
    """Follow the runs until `holds`."""
    with anyio.fail_after(20):
        await visitor.look()
        while not holds():
            await visitor.look(5)
