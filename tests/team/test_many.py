"""Many callers in one process: each answered, and little memory, few files and little work for each."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import anyio
import anyio.lowlevel
import httpx
import pytest

from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import HttpSettings, Settings

from .conftest import ACCEPT, SECRET, Serve, StartTeam, rpc

CALLERS = 500
MOST_MEMORY_KB = 150 * 1024
MOST_FILES = 1024
CPU_SECONDS_A_CALLER = 0.010
TICKS_A_SECOND = 100.0
WAITING = 1000
MOST_LOOKS = 6
RUN = {"model": "sandbox/paint", "wait_seconds": 600}


def resident_kb(pid: int) -> int:
    """The memory of a process."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    (line,) = [one for one in told if one.startswith("VmRSS")]
    return int(line.split()[1])


def open_files(pid: int) -> int:
    """How many files and connections a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def cpu_seconds(pid: int) -> float:
    """What processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


@pytest.mark.ci
async def test_five_hundred_callers_wait_in_one_process(start_team: StartTeam, sandbox: Sandbox) -> None:
    """Every one of them has a key, a run and a connection of its own, all at the same time."""
    sandbox.key, sandbox.run_seconds = None, lambda _model, _inputs: None
    server = start_team()
    await server.ready()
    pid = server.running.pid
    ids: dict[int, str] = {}
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(timeout=120, limits=limits) as http:

        async def tool(number: int, name: str, **arguments: object) -> dict[str, object]:
            answer = await http.post(
                server.url,
                headers={"X-API-Key": f"wsk_caller_{number}", "Accept": ACCEPT},
                json=rpc("tools/call", name=name, arguments=arguments),
            )
            assert answer.status_code == 200, answer.text
            # A stream where it waited for long, else JSON alone.
            result = json.loads(answer.text.strip().rpartition("data: ")[2])["result"]
            assert not result.get("isError"), result
            found: dict[str, object] = result["structuredContent"]
            return found

        # The catalog is fetched once, by whoever comes first.
        await tool(-1, "list_models", query="paint")
        before = cpu_seconds(pid)
        for number in range(-100, -50):
            await tool(number, "get_balance")
        a_caller = (cpu_seconds(pid) - before) / 50

        async def run(number: int) -> None:
            made = await tool(
                number,
                "generate",
                model="sandbox/paint",
                input={"prompt": "the same for all"},
                wait_seconds=600,
            )
            ids[number] = str(made["id"])

        async with anyio.create_task_group() as group:
            for number in range(CALLERS):
                group.start_soon(run, number)
            with anyio.fail_after(120):
                while len(sandbox.predictions) < CALLERS:
                    await sandbox.seen("submit", len(sandbox.predictions) + 1)
            memory, files = resident_kb(pid), open_files(pid)
            for prediction in list(sandbox.predictions):
                sandbox.finish(prediction)
    assert len(set(ids.values())) == CALLERS == len(sandbox.submissions)
    assert memory < MOST_MEMORY_KB
    assert files < MOST_FILES
    assert a_caller < CPU_SECONDS_A_CALLER


@pytest.mark.ci
async def test_a_thousand_calls_that_wait_for_the_apis_word_hardly_look(
    serve: Serve, team_settings: Settings, sandbox: Sandbox
) -> None:
    """Each is told of its end by a delivery of its own, and looks then; the rest of the looks is the net."""
    sandbox.run_seconds = lambda _model, _inputs: None
    sandbox.balance = 1e6
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    answers: list[bytes] = []

    async def run(number: int) -> None:
        arguments = {**RUN, "input": {"prompt": f"number {number}"}}
        body = json.dumps(rpc("tools/call", name="generate", arguments=arguments)).encode()
        head = (
            f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: wsk_{number % 50}\r\nAccept: {ACCEPT}\r\n"
        )
        head += f"Content-Type: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            await stream.send(head.encode() + body)
            answers.append(b"".join([part async for part in stream]))

    http = HttpSettings(SECRET, public_url=f"http://127.0.0.1:{port}")
    async with serve(team_settings, http, port=port), anyio.create_task_group() as group:
        for number in range(WAITING):
            group.start_soon(run, number)
        with anyio.fail_after(180):
            while len(sandbox.predictions) < WAITING:
                await sandbox.seen("submit", len(sandbox.predictions) + 1)
        for prediction in list(sandbox.predictions):
            sandbox.finish(prediction)
            await anyio.lowlevel.checkpoint()
    assert sum(b'"status":"completed"' in answer for answer in answers) == WAITING == len(sandbox.submissions)
    assert {delivery.status for delivery in sandbox.deliveries} == {204}
    # One at the word of its end, and one in ten of the looks that it would have taken without.
    assert sandbox.counts["poll"] < MOST_LOOKS * WAITING
