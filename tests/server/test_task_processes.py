from __future__ import annotations

import os
import sys

import pytest
from mcp import StdioServerParameters
from mcp.client import Client

from calling import call
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import Settings

from .asking import KnowsTasks, look, promised


@pytest.fixture
def program(settings: Settings) -> StdioServerParameters:
    """The server as a host starts it."""
    environment = {
        "HOME": str(settings.home),
        "WAVESPEED_API_KEY": settings.api_key,
        "WAVESPEED_BASE_URL": settings.base_url,
        "WAVESPEED_OUTPUT_DIR": str(settings.output_dir),
        "WAVESPEED_STATE_DIR": str(settings.state_dir),
    }
    return StdioServerParameters(
        command=sys.executable, args=["-m", "wavespeed_mcp_server"], env={**os.environ, **environment}
    )


async def test_a_task_outlives_the_process_that_started_it(
    sandbox: Sandbox, program: StdioServerParameters
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with Client(program, extensions=[KnowsTasks()]) as client:
        task = await promised(client, model="sandbox/paint", input={"prompt": "a lighthouse"})
        assert (await look(client, task.task_id))["status"] == "working"
    sandbox.finish(task.task_id)
    async with Client(program, extensions=[KnowsTasks()]) as client:
        ended = await look(client, task.task_id)
        assert ended["createdAt"] == task.created_at
        assert ended["result"]["structuredContent"]["outputs"]
        assert (await call(client, "check_status"))["predictions"] == []
    assert len(sandbox.submissions) == 1
