"""Bare HTTP clients for the running sandbox."""

from collections.abc import AsyncIterator

import httpx
import pytest

from wavespeed_mcp_server.sandbox import Sandbox

KEY = "sandbox-key"


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
