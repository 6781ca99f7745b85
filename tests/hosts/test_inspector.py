from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from hosts.conftest import MODULES, RunNode

INSPECTOR = MODULES / "@modelcontextprotocol" / "inspector" / "clients" / "launcher" / "build" / "index.js"
SERVER = (sys.executable, "-m", "wavespeed_mcp_server", "--sandbox")
BAD_SERVER = Path(__file__).parent / "badly_described.py"


@pytest.fixture(params=["legacy", "modern"])
def era(request: pytest.FixtureRequest) -> str:
    """Both protocol eras."""
    return str(request.param)


async def inspect(
    node: RunNode, home: Path, *arguments: str, server: tuple[str, ...] = SERVER
) -> tuple[int, Any, str]:
    """The exit code, the result and the complaints of one Inspector call on a server over stdio."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    code, said, errors = await node(
        INSPECTOR, "--cli", *server, "--format", "json", "-q", *arguments, env=environment
    )
    return code, json.loads(said)["result"] if code == 0 else None, errors


async def test_the_inspector_finds_no_fault_in_any_schema(node: RunNode, tmp_path: Path, era: str) -> None:
    code, result, complaints = await inspect(
        node, tmp_path, "--method", "tools/list", "--strict", "--protocol-era", era
    )
    assert (code, complaints) == (0, "")
    assert {"list_models", "generate", "check_status"} <= {tool["name"] for tool in result["tools"]}


async def test_the_inspector_runs_a_tool_on_the_sandbox(node: RunNode, tmp_path: Path, era: str) -> None:
    arguments = json.dumps({"model": "sandbox/paint", "input": {"prompt": "a lighthouse"}})
    call = ("--method", "tools/call", "--tool-name", "generate", "--tool-args-json", arguments)
    code, result, complaints = await inspect(node, tmp_path, *call, "--protocol-era", era)
    assert code == 0, complaints
    assert result["structuredContent"]["status"] == "completed"
    assert result["structuredContent"]["outputs"]


async def test_the_inspector_would_find_a_fault(node: RunNode, tmp_path: Path) -> None:
    code, _, complaints = await inspect(
        node, tmp_path, "--method", "tools/list", "--strict", server=(sys.executable, str(BAD_SERVER))
    )
    assert code == 6
    assert "careless" in complaints
