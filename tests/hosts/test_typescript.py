from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from hosts.conftest import HERE, RunNode
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import Settings

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
RUN_SECONDS = {"quick": 0.0, "slow": 1.5, "lost": 1.5}


@pytest.mark.parametrize("kind", ["old", "legacy", "auto"])
async def test_a_typescript_client_can_do_all_that_an_agent_does(
    node: RunNode, sandbox: Sandbox, settings: Settings, tmp_path: Path, kind: str
) -> None:
    sandbox.run_seconds = lambda _model, inputs: RUN_SECONDS[inputs["prompt"]]
    given = tmp_path / "in" / "picture.png"
    given.write_bytes(PNG)
    environment = as_environment(settings) | {"PATH": os.environ["PATH"]}
    code, said, errors = await node(
        HERE / "clients" / "workflow.mjs", kind, sys.executable, str(given), env=environment
    )
    assert code == 0, errors
    told = json.loads(said)
    assert [one.body["prompt"] for one in sandbox.submissions].count("lost") == 1
    assert told["lost"] in sandbox.predictions
    # The default wait leaves a client that never changed its own timeout enough time for the answer.
    assert Settings().wait_seconds + 10 < told["timeoutMs"] / 1000


def as_environment(settings: Settings) -> dict[str, str]:
    """`settings` for a server in another process."""
    return {
        "HOME": str(settings.home),
        "WAVESPEED_API_KEY": settings.api_key,
        "WAVESPEED_BASE_URL": settings.base_url,
        "WAVESPEED_ALLOWED_DIRS": os.pathsep.join(str(one) for one in settings.allowed_dirs or ()),
        "WAVESPEED_OUTPUT_DIR": str(settings.output_dir),
        "WAVESPEED_STATE_DIR": str(settings.state_dir),
    }
