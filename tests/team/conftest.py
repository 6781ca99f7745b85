"""A server for many callers on loopback, in this process or as one of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import anyio
import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from calling import MakeSettings
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import HttpSettings, Settings
from wavespeed_mcp_server.transports.http.serving import serve_http

SECRET = "a secret of this test that is long enough to be one"
WITH_SECRET = HttpSettings(server_secret=SECRET)
START_SECONDS = 60.0
ACCEPT = "application/json, text/event-stream"


@asynccontextmanager
async def as_caller(url: str, key: str, mode: str = "auto", **client: Any) -> AsyncIterator[Client]:
    """An MCP client that calls with a key or a token."""
    async with (
        httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=60) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode, **client) as connected,
    ):
        yield connected


def rpc(method: str, **params: Any) -> dict[str, Any]:
    """One request of the older era, complete in itself."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


async def post(url: str, headers: dict[str, str] | None = None, **request: Any) -> httpx.Response:
    """One POST as it is written; lists the tools where nothing else is sent."""
    if "content" not in request:
        request = {"json": rpc("tools/list"), **request}
    async with httpx.AsyncClient(timeout=60) as http:
        return await http.post(
            url, headers={"Accept": ACCEPT, "Content-Type": "application/json", **(headers or {})}, **request
        )


class Serve(Protocol):
    """`async with serve(settings) as url`: a server of many callers in this process."""

    def __call__(
        self, settings: Settings, http: HttpSettings = ..., host: str = "127.0.0.1", port: int = 0
    ) -> AbstractAsyncContextManager[str]: ...


@pytest.fixture
def serve() -> Serve:
    """See `Serve`."""

    @asynccontextmanager
    async def served(
        settings: Settings, http: HttpSettings = WITH_SECRET, host: str = "127.0.0.1", port: int = 0
    ) -> AsyncIterator[str]:
        found: list[str] = []
        ready = anyio.Event()

        def announce(url: str) -> None:
            found.append(url)
            ready.set()

        async with anyio.create_task_group() as group:
            group.start_soon(partial(serve_http, settings, http, host, port, announce))
            with anyio.fail_after(START_SECONDS):
                await ready.wait()
            try:
                yield found[0]
            finally:
                group.cancel_scope.cancel()

    return served


@pytest.fixture
def team_settings(make_settings: MakeSettings, sandbox: Sandbox) -> Settings:
    """A server without a key of its own, on a sandbox that takes any key but the one named `refused`."""
    sandbox.key = None
    return make_settings(api_key="", output_dir=None)


@pytest.fixture
async def team(serve: Serve, team_settings: Settings) -> AsyncIterator[str]:
    """The URL of a server for many callers."""
    async with serve(team_settings) as url:
        yield url


class TeamProcess:
    """The command `serve --transport http` as a process."""

    def __init__(self, directory: Path, environment: dict[str, str], *flags: str) -> None:
        self.errors = directory / "errors.txt"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("WAVESPEED_")}
        command = [sys.executable, "-m", "wavespeed_mcp_server", "serve", "--transport", "http"]
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/mcp"
        with self.errors.open("w") as errors:
            self.running = subprocess.Popen(
                [*command, "--port", str(port), *flags],
                env={**inherited, **environment},
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                cwd=directory,
            )

    async def ready(self) -> None:
        """Returns once it serves."""
        async with httpx.AsyncClient() as http:
            with anyio.fail_after(START_SECONDS):
                while True:
                    assert self.running.poll() is None, self.errors.read_text()
                    try:
                        if (await http.get(self.url.replace("/mcp", "/ready"))).status_code == 200:
                            return
                    except httpx.TransportError:
                        await anyio.sleep(0.05)

    def terminate(self) -> None:
        """Ask it to end, as an operator does."""
        self.running.send_signal(signal.SIGTERM)

    async def ended(self, seconds: float = START_SECONDS) -> int:
        """Its exit code; it must end, be the machine as busy as it may."""
        return await anyio.to_thread.run_sync(partial(self.running.wait, seconds))


StartTeam = Callable[..., TeamProcess]


@pytest.fixture
def start_team(sandbox: Sandbox, tmp_path: Path) -> Iterator[StartTeam]:
    """Starts servers as processes, on the sandbox, with a state directory below `tmp_path`."""
    started: list[TeamProcess] = []
    basis = {
        "WAVESPEED_BASE_URL": sandbox.url,
        "WAVESPEED_STATE_DIR": str(tmp_path / "state"),
        "HOME": str(tmp_path),
    }

    def start(*flags: str, **environment: str) -> TeamProcess:
        directory = tmp_path / f"server-{len(started)}"
        directory.mkdir()
        started.append(TeamProcess(directory, {**basis, **environment}, *flags))
        return started[-1]

    yield start
    for one in started:
        if one.running.poll() is None:
            one.running.kill()
            one.running.wait()
