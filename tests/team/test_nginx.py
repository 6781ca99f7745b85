"""Behind nginx, set up as the README says: progress streams, drops arrive, files pass."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import anyio.lowlevel
import httpx
import pytest

from calling import call
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.media import png
from wavespeed_mcp_server.settings import HttpSettings, Settings

from .conftest import ACCEPT, SECRET, Serve, as_caller, rpc
from .test_readme import SECTION

pytestmark = pytest.mark.ci
KEY = "wsk_behind_a_proxy"
FOX = {"model": "sandbox/paint", "input": {"prompt": "a fox"}}
PATIENCE_SECONDS = 30.0
README_SERVER = "http://127.0.0.1:8000"


@pytest.fixture
async def proxied(
    request: pytest.FixtureRequest, serve: Serve, team_settings: Settings, tmp_path: Path
) -> AsyncIterator[str]:
    """The URL of a server behind nginx."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        request.getfixturevalue("lacking")("nginx is not installed (run .ci/install-team)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    public = f"http://127.0.0.1:{port}"
    async with serve(team_settings, HttpSettings(SECRET, public_url=public)) as url:
        config = tmp_path / "nginx.conf"
        config.write_text(_config(tmp_path, port, url.removesuffix("/mcp")), encoding="utf-8")
        command = [str(program), "-p", str(tmp_path), "-c", str(config), "-e", str(tmp_path / "error.log")]
        nginx = await anyio.open_process(command)
        try:
            async with httpx.AsyncClient() as http:
                with anyio.fail_after(PATIENCE_SECONDS):
                    while not await _answers(http, f"{public}/health"):
                        await anyio.lowlevel.checkpoint()
            yield f"{public}/mcp"
        finally:
            nginx.terminate()
            await nginx.aclose()


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).is_success
    except httpx.TransportError:
        return False


def _config(place: Path, port: int, server: str) -> str:
    """The README's part, in a configuration that needs no rights."""
    (location,) = re.findall(r"```nginx\n(.*?)```", SECTION, re.DOTALL)
    assert location.count(README_SERVER) == 1
    temporary = "\n".join(
        f"    {name}_temp_path {place}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""\
daemon off;
pid {place}/nginx.pid;
error_log {place}/error.log;
events {{}}
http {{
    access_log off;
{temporary}
    server {{
        listen 127.0.0.1:{port};
{location.replace(README_SERVER, server)}
    }}
}}
"""


async def test_progress_streams_through_it(proxied: str, sandbox: Sandbox, mode: str) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    heard: list[str] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")
        if sandbox.predictions and len(heard) > 1:
            (prediction,) = sandbox.predictions
            if prediction in heard[-1] and sandbox.predictions[prediction].status not in {"completed"}:
                sandbox.finish(prediction)

    async with as_caller(proxied, KEY, mode) as client:
        with anyio.fail_after(PATIENCE_SECONDS):
            # It ends only once progress has arrived.
            result = await client.call_tool("generate", FOX, progress_callback=hear)
    assert "completed" in str(result)


async def test_a_drop_arrives_and_the_repeat_follows(proxied: str, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with httpx.AsyncClient(timeout=60) as http:
        headers = {"X-API-Key": KEY, "Accept": ACCEPT}
        asked = rpc("tools/call", name="generate", arguments=FOX)
        with anyio.fail_after(PATIENCE_SECONDS):
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: http.post(proxied, headers=headers, json=asked))
                await sandbox.seen("poll")
                group.cancel_scope.cancel()
        opened = proxied.replace("/mcp", "/metrics")
        with anyio.fail_after(PATIENCE_SECONDS):
            while "wavespeed_http_requests_open 0.0" not in (await http.get(opened)).text:
                await anyio.lowlevel.checkpoint()
    (prediction,) = sandbox.predictions
    sandbox.finish(prediction)
    async with as_caller(proxied, KEY) as client:
        assert (await call(client, "generate", **FOX))["id"] == prediction
    assert len(sandbox.submissions) == 1


async def test_a_file_passes_at_the_public_url(proxied: str) -> None:
    async with as_caller(proxied, KEY) as client:
        address = (await call(client, "create_upload", name="fox.png"))["url"]
    assert address.startswith(proxied.removesuffix("/mcp"))
    async with httpx.AsyncClient(timeout=60) as http:
        answer = await http.put(address, content=png.card(64, 64, bytes(32)))
    assert answer.status_code == 200, answer.text


async def test_the_apis_word_of_an_end_comes_through_it(proxied: str, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: 1.0
    async with as_caller(proxied, KEY) as client:
        with anyio.fail_after(PATIENCE_SECONDS):
            answer = await call(client, "generate", **FOX, wait_seconds=300)
    assert answer["status"] == "completed"
    assert sandbox.submissions[0].webhook.startswith(proxied.removesuffix("/mcp") + "/webhooks/")
    assert [delivery.status for delivery in sandbox.deliveries] == [204]
    assert sandbox.counts["poll"] == 1
