"""A running sandbox and a bare HTTP client for it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from wavespeed_mcp_server.sandbox import Sandbox, running

KEY = "sandbox-key"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """Its tasks take no time unless a test says otherwise."""
    sandbox = Sandbox(key=KEY, balance=10.0)
    sandbox.run_seconds = lambda _model, _inputs: 0.0
    async with running(sandbox):
        yield sandbox


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """With the key."""
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(
        base_url=sandbox.url, headers=headers, trust_env=False, timeout=30
    ) as client:
        yield client


@pytest.fixture
async def stranger(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """Without one."""
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False, timeout=30) as client:
        yield client
