"""A server process on the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wavespeed_mcp_server.sandbox import Sandbox

from .wire import Wire, environment, started


@pytest.fixture
def given(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """The environment of the process."""
    return environment(sandbox, tmp_path)


@pytest.fixture
async def wire(given: dict[str, str]) -> AsyncIterator[Wire]:
    """A process, just started."""
    async with started(given) as wire:
        yield wire
