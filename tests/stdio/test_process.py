"""The process itself: how it ends, where it runs, what it writes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.types import CallToolResult

from wavespeed_mcp_server.sandbox import Sandbox

from .wire import Wire, modern, started

PAINT = {"name": "generate", "arguments": {"model": "sandbox/paint", "input": {"prompt": "a cat"}}}


async def waiting(wire: Wire, sandbox: Sandbox) -> None:
    """A call that waits for a task that does not end."""
    sandbox.run_seconds = lambda _model, _inputs: None
    await wire.initialize("2025-11-25")
    await wire.ask("tools/call", PAINT)
    with anyio.fail_after(30):
        await sandbox.seen("poll")


@pytest.mark.parametrize("moment", ["before anything", "idle", "in a call"])
async def test_the_end_of_input_ends_the_process_well(wire: Wire, sandbox: Sandbox, moment: str) -> None:
    if moment == "idle":
        await wire.initialize("2025-11-25")
    if moment == "in a call":
        await waiting(wire, sandbox)
    await wire.stdin.aclose()
    assert await wire.left() == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["greeted", "idle", "in a call"])
async def test_a_signal_ends_the_process(
    wire: Wire, sandbox: Sandbox, number: signal.Signals, moment: str
) -> None:
    """At once: the task goes on at the API, and the ledger knows it. Python's own exit code is as good."""
    if moment == "in a call":
        await waiting(wire, sandbox)
    else:
        await wire.initialize("2025-11-25")
    if moment == "idle":
        await wire.request("tools/call", {"name": "get_balance", "arguments": {}})
    wire.process.send_signal(number)
    assert await wire.left() in {128 + number, -number}


async def test_a_task_cut_off_by_the_end_of_input_is_shown_by_the_next_process(
    given: dict[str, str], sandbox: Sandbox
) -> None:
    async with started(given) as wire:
        await waiting(wire, sandbox)
        await wire.stdin.aclose()
        await wire.left()
    (prediction,) = sandbox.predictions
    sandbox.finish(prediction)
    async with started(given) as wire:
        result = await wire.request("tools/call", modern({"name": "check_status"}))
    assert [one["id"] for one in result["structuredContent"]["predictions"]] == [prediction]


NOISY = """
import os, subprocess, sys
from wavespeed_mcp_server.api.client import WaveSpeed

quiet = WaveSpeed.balance

async def balance(self):
    print("a library prints")
    sys.stdout.flush()
    os.write(1, b"and writes to the descriptor\\n")
    subprocess.run(["echo", "and a child process too"])
    assert sys.stdin.read() == "" and os.read(0, 10) == b""
    return await quiet(self)

WaveSpeed.balance = balance
from wavespeed_mcp_server.cli import main
sys.exit(main([]))
"""


async def test_nothing_but_protocol_is_on_stdout_whatever_prints(given: dict[str, str]) -> None:
    """And nothing that reads standard input can take a line of the client's."""
    async with started(given, [sys.executable, "-c", NOISY]) as wire:
        await wire.initialize("2025-11-25")
        for _ in range(3):
            result = await wire.request("tools/call", {"name": "get_balance", "arguments": {}})
            assert result["structuredContent"]["currency"] == "USD"
        await wire.stdin.aclose()
        assert await wire.left() == 0
        assert await wire.rest() == b""


ANOTHER_SDK = """
from mcp.server import MCPServer
build = MCPServer.__init__

def without(self, *given, **named):
    build(self, *given, **named)
    del self._lowlevel_server

MCPServer.__init__ = without
from wavespeed_mcp_server.cli import main
raise SystemExit(main({arguments}))
"""


@pytest.mark.parametrize("arguments", [[], ["--sandbox"]], ids=str)
def test_a_release_of_the_sdk_that_does_not_fit_is_named_in_one_sentence(
    arguments: list[str], tmp_path: Path
) -> None:
    code = ANOTHER_SDK.format(arguments=arguments)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, input=b"", timeout=60)
    assert done.returncode == 1
    (sentence,) = done.stderr.decode().splitlines()
    assert "needs mcp 2.3.x" in sentence and "pip install" in sentence


async def test_it_runs_with_nothing_but_a_path_and_a_home(tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    async with started(bare, cwd="/") as wire:
        await wire.initialize("2025-11-25")
        assert len((await wire.request("tools/list"))["tools"]) >= 12
        result = await wire.request("tools/call", {"name": "get_balance", "arguments": {}})
        assert result["isError"] is True
        assert "https://wavespeed.ai/accesskey" in result["content"][0]["text"]


async def test_it_runs_on_its_own_sandbox_without_any_key(tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "wavespeed_mcp_server", "--sandbox"]
    async with started(bare, command) as wire:
        hello = await wire.initialize("2025-11-25")
        assert "sandbox" in hello["instructions"]
        result = await wire.request("tools/call", PAINT)
        assert result["structuredContent"]["status"] == "completed"
        await wire.stdin.aclose()
        assert await wire.left() == 0


async def test_it_starts_with_every_setting_unreadable(given: dict[str, str], sandbox: Sandbox) -> None:
    spoiled = {
        "WAVESPEED_BASE_URL": "nonsense",
        "WAVESPEED_WAIT_SECONDS": "soon",
        "WAVESPEED_MAX_PRICE": "cheap",
        "WAVESPEED_DAILY_BUDGET": "-1",
        "WAVESPEED_CONFIRM_ABOVE": "?",
        "WAVESPEED_MAX_IN_FLIGHT": "0",
        "WAVESPEED_LOG_LEVEL": "loud",
        "WAVESPEED_OUTPUT_DIR": "here",
        "WAVESPEED_STATE_DIR": "there",
    }
    async with started({**given, **spoiled}) as wire:
        await wire.initialize("2025-11-25")
        assert (await wire.request("tools/list"))["tools"]
        result = await wire.request("tools/call", PAINT)
        assert result["isError"] is True
    assert sandbox.counts.total() == 0


async def test_flags_win_over_the_environment(given: dict[str, str], tmp_path: Path) -> None:
    flags = ["--tools", "get_balance", "--base-url", given["WAVESPEED_BASE_URL"]]
    spoiled = {**given, "WAVESPEED_BASE_URL": "http://127.0.0.1:1", "WAVESPEED_TOOLS": "list_models"}
    command = [sys.executable, "-m", "wavespeed_mcp_server", *flags]
    async with started(spoiled, command) as wire:
        await wire.initialize("2025-11-25")
        assert [tool["name"] for tool in (await wire.request("tools/list"))["tools"]] == ["get_balance"]
        result = await wire.request("tools/call", {"name": "get_balance", "arguments": {}})
        assert result["structuredContent"]["currency"] == "USD"


@pytest.mark.skipif(os.name == "nt", reason="directories are not made read-only that way")
async def test_a_home_that_cannot_be_written_to_costs_no_run(given: dict[str, str], tmp_path: Path) -> None:
    """A state directory below a file can be made by nobody, not even by root."""
    (tmp_path / "file").touch()
    spoiled = {**given, "WAVESPEED_STATE_DIR": str(tmp_path / "file" / "state")}
    async with started(spoiled) as wire:
        await wire.initialize("2025-11-25")
        result = await wire.request("tools/call", PAINT)
        assert result["structuredContent"]["status"] == "completed"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_sdks_client_runs_a_model_and_hears_of_its_progress(
    given: dict[str, str], mode: str
) -> None:
    heard: list[str] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")

    server = StdioServerParameters(
        command=sys.executable, args=["-m", "wavespeed_mcp_server"], env=given, cwd="/"
    )
    with anyio.fail_after(60):
        async with Client(server, mode=mode) as client:
            assert len((await client.list_tools()).tools) >= 12
            arguments = {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "save": True}
            result = await client.call_tool("generate", arguments, progress_callback=hear)
    assert isinstance(result, CallToolResult)
    assert result.structured_content is not None
    assert Path(result.structured_content["saved"][0]).is_file()
    assert result.structured_content["id"] in heard[0]


async def test_a_hundred_calls_on_one_pipe_are_at_the_api_at_once(wire: Wire, sandbox: Sandbox) -> None:
    await wire.initialize("2025-11-25")
    await wire.request("tools/call", {"name": "list_models", "arguments": {"limit": 1}})
    sandbox.hold("submit")
    for seed in range(100):
        given = {"prompt": "a cat", "seed": seed}
        await wire.ask(
            "tools/call", {"name": "generate", "arguments": {"model": "sandbox/paint", "input": given}}
        )
    with anyio.fail_after(60):
        await sandbox.seen("submit", 100)
    sandbox.release("submit")
    done = 0
    while done < 100:
        message = await wire.read()
        done += message["result"]["structuredContent"]["status"] == "completed"


async def test_half_an_emoji_is_read_as_a_replacement_character(wire: Wire, sandbox: Sandbox) -> None:
    """JavaScript cuts texts between the halves of a surrogate pair, and sends the half that is left."""
    await wire.initialize("2025-11-25")
    cut = {"model": "sandbox/paint", "input": {"prompt": "a cat \ud83d"}}
    result = await wire.request("tools/call", {"name": "generate", "arguments": cut})
    assert not result.get("isError"), result
    body = sandbox.submissions[0].body
    assert isinstance(body, dict)
    assert body["prompt"] == "a cat \ufffd"


@pytest.mark.parametrize(
    ("line", "code", "answered"),
    [
        (b"no json", -32700, None),
        (b"\xff\xfe", -32700, None),
        (b"[]", -32600, None),
        (b'{"id":"mine","method":"ping"}', -32600, "mine"),
        (b'{"jsonrpc":"2.0","id":7,"method":5}', -32600, 7),
    ],
)
async def test_a_line_that_is_no_message_is_answered(
    wire: Wire, line: bytes, code: int, answered: str | int | None
) -> None:
    await wire.initialize("2025-11-25")
    await wire.write(line)
    message = await wire.read()
    assert message["id"] == answered
    assert message["error"]["code"] == code
    assert await wire.request("ping") == {}


async def test_an_unreadable_answer_or_notice_gets_no_answer(wire: Wire) -> None:
    await wire.initialize("2025-11-25")
    await wire.write(b'{"jsonrpc":"2.0","id":1,"result":5}')
    await wire.write(b'{"method":"notifications/cancelled"}')
    assert await wire.request("ping") == {}
    assert not wire.notices
