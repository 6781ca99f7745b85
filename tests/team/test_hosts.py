"""Other people's clients and checkers over HTTP: conformance suite, Inspector, TypeScript SDKs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from hosts.conftest import HERE, MODULES, NODE, PATIENCE_SECONDS
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.media import png
from wavespeed_mcp_server.settings import Settings
from wavespeed_mcp_server.transports.http.serving import opened

from .conftest import WITH_SECRET

KEY = "wsk_of_a_host"
SCENARIOS = (
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "completion-complete",
    "sep-2164-resource-not-found",
    "dns-rebinding-protection",
    "caching",
    "http-header-validation",
    "server-sse-multiple-streams",
    "input-required-result-missing-input-response",
    "input-required-result-unsupported-methods",
    "input-required-result-ignore-extra-params",
    "input-required-result-validate-input",
)
RUN_SECONDS = {"quick": 0.0, "slow": 1.5, "lost": 1.5}
INSPECTOR = MODULES / "@modelcontextprotocol" / "inspector" / "clients" / "launcher" / "build" / "index.js"
SUITE = MODULES / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"


async def run(needs: Callable[[str, str], str], script: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a script with the Node that CI installs."""
    program = needs(str(NODE), "run .ci/install-hosts")
    with anyio.fail_after(PATIENCE_SECONDS):
        done = await anyio.run_process([program, str(script), *arguments], check=False, cwd=HERE)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@asynccontextmanager
async def with_a_key_of_its_own(settings: Settings) -> AsyncIterator[str]:
    """The URL of a server for checkers that cannot be given a key: it puts one on every request."""
    async with opened(settings, WITH_SECRET, "127.0.0.1") as endpoints:

        async def keyed(scope: Scope, receive: Receive, send: Send) -> None:
            scope["headers"] = [*scope["headers"], (b"x-api-key", KEY.encode())]
            await endpoints(scope, receive, send)

        server = uvicorn.Server(
            uvicorn.Config(keyed, ws="none", lifespan="off", interface="asgi3", log_level="warning", port=0)
        )
        async with anyio.create_task_group() as group:
            group.start_soon(server.serve)
            while not server.started:  # noqa: ASYNC110 - uvicorn has nothing to wait for
                await anyio.sleep(0.01)
            (listening,) = server.servers
            yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/mcp"
            server.should_exit = server.force_exit = True


@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_the_server_conforms(
    needs: Callable[[str, str], str], team_settings: Settings, tmp_path: Path, scenario: str
) -> None:
    results = tmp_path / "conformance"
    async with with_a_key_of_its_own(team_settings) as url:
        code, said, errors = await run(
            needs, SUITE, "server", "--url", url, "--scenario", scenario, "-o", str(results)
        )
    assert code == 0, said + errors
    (checks,) = results.rglob("checks.json")
    found = json.loads(checks.read_text(encoding="utf-8"))
    assert any(check["status"] == "SUCCESS" for check in found)
    assert [check for check in found if check["status"] == "FAILURE"] == []


@pytest.mark.parametrize("era", ["legacy", "modern"])
async def test_the_inspector_finds_no_fault_and_runs_a_tool(
    needs: Callable[[str, str], str], team: str, era: str
) -> None:
    head = ("--cli", team, "--transport", "http", "--header", f"X-API-Key: {KEY}", "--protocol-era", era)
    tail = ("--format", "json", "-q")
    code, said, errors = await run(needs, INSPECTOR, *head, *tail, "--method", "tools/list", "--strict")
    assert (code, errors) == (0, "")
    assert "generate" in {tool["name"] for tool in json.loads(said)["result"]["tools"]}
    arguments = json.dumps({"model": "sandbox/paint", "input": {"prompt": "a lighthouse"}})
    call = ("--method", "tools/call", "--tool-name", "generate", "--tool-args-json", arguments)
    code, said, errors = await run(needs, INSPECTOR, *head, *tail, *call)
    assert code == 0, errors
    assert json.loads(said)["result"]["structuredContent"]["status"] == "completed"


@pytest.mark.parametrize("kind", ["old", "legacy", "auto"])
async def test_a_typescript_client_can_do_all_that_an_agent_does(
    needs: Callable[[str, str], str], team: str, sandbox: Sandbox, tmp_path: Path, kind: str
) -> None:
    sandbox.run_seconds = lambda _model, inputs: RUN_SECONDS[inputs["prompt"]]
    picture = tmp_path / "picture.png"
    picture.write_bytes(png.card(16, 16, bytes(32)))
    code, said, errors = await run(needs, HERE / "clients" / "workflow.mjs", kind, team, str(picture), KEY)
    assert code == 0, errors
    assert [one.body["prompt"] for one in sandbox.submissions].count("lost") == 1
    assert json.loads(said)["lost"] in sandbox.predictions
