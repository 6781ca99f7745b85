"""What other people's programs need to run: a Node of theirs, and a place for their results."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import anyio
import pytest
from mcp.server import MCPServer

from hosts.serving import over_http

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
NODE = MODULES / "node" / "bin" / "node"
PATIENCE_SECONDS = 120.0


class RunNode(Protocol):
    """Runs a script with Node; returns its exit code, what it printed, and its errors."""

    async def __call__(
        self, script: Path, *arguments: str, env: dict[str, str] | None = None
    ) -> tuple[int, str, str]: ...


@pytest.fixture
def node(needs: Callable[[str, str], str]) -> RunNode:
    """The Node that `.ci/install-hosts` installs; the machine's own may be too old for the tools."""
    program = needs(str(NODE), "run .ci/install-hosts")

    async def run(script: Path, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, str, str]:
        command = [program, str(script), *arguments]
        with anyio.fail_after(PATIENCE_SECONDS):
            done = await anyio.run_process(command, check=False, cwd=HERE, env=env)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    return run


class Conform(Protocol):
    """Runs one scenario of the official suite; returns its checks, each with `name` and `status`."""

    async def __call__(self, server: MCPServer[Any], scenario: str) -> list[dict[str, Any]]: ...


@pytest.fixture
def conform(node: RunNode, tmp_path: Path) -> Conform:
    """The official conformance suite, against a server over HTTP on loopback."""
    suite = MODULES / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
    results = tmp_path / "conformance"

    async def run(server: MCPServer[Any], scenario: str) -> list[dict[str, Any]]:
        async with over_http(server) as url:
            arguments = ("server", "--url", url, "--scenario", scenario, "-o", str(results))
            code, said, errors = await node(suite, *arguments)
        assert code == 0, said + errors
        (checks,) = results.rglob("checks.json")
        found: list[dict[str, Any]] = json.loads(checks.read_text(encoding="utf-8"))
        return found

    return run
