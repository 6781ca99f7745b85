"""The account that runs are made with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from wavespeed_mcp_server.accounts import open_account
from wavespeed_mcp_server.runs import Account
from wavespeed_mcp_server.settings import Settings


@pytest.fixture
async def account(settings: Settings) -> AsyncIterator[Account]:
    """An account of the sandbox, with local files below the test's directory."""
    async with open_account(settings) as account:
        yield account
