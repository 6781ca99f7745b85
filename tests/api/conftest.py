"""The API layer, pointed at a sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from wavespeed_mcp_server.api.client import WaveSpeed
from wavespeed_mcp_server.api.endpoint import Endpoint
from wavespeed_mcp_server.api.transport import Transport
from wavespeed_mcp_server.sandbox import Sandbox


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[WaveSpeed]:
    """A client of the sandbox's account."""
    async with Transport() as transport:
        endpoint = Endpoint(base_url=sandbox.url, key="sandbox-key", client_version="1.2.3")
        yield WaveSpeed(transport, endpoint)
