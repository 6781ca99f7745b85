"""How a server ends: nothing new is taken, every wait answers with its id, exit 0 within ten seconds."""

from __future__ import annotations

import anyio
import httpx

from calling import call
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.transports.http import serving

from .conftest import StartTeam, as_caller, post, rpc

FOX = {"model": "sandbox/paint", "input": {"prompt": "a fox"}}


async def get(url: str) -> httpx.Response:
    """One GET."""
    async with httpx.AsyncClient() as http:
        return await http.get(url)


def test_all_of_the_end_together_stays_below_ten_seconds() -> None:
    assert serving.SEEN_SECONDS < serving.DRAIN_SECONDS
    assert serving.DRAIN_SECONDS + serving.LAST_SECONDS < 10


async def test_a_server_that_is_told_to_end_answers_every_wait_and_exits_0(
    start_team: StartTeam, sandbox: Sandbox, mode: str
) -> None:
    sandbox.key, sandbox.run_seconds = None, lambda _model, _inputs: None
    server = start_team()
    await server.ready()
    answers: list[dict[str, object]] = []

    async def wait(number: int) -> None:
        async with as_caller(server.url, f"wsk_{number}", mode) as client:
            answers.append(await call(client, "generate", **FOX, wait_seconds=300))

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(wait, number)
        await sandbox.seen("poll", 3)
        server.terminate()
        with anyio.fail_after(5):
            while (await get(server.url.replace("/mcp", "/ready"))).status_code != 503:
                await anyio.lowlevel.checkpoint()
        assert (await get(server.url.replace("/mcp", "/health"))).status_code == 200
    assert {answer["status"] for answer in answers} == {"processing"}
    assert {answer["id"] for answer in answers} == set(sandbox.predictions)
    assert await server.ended() == 0


async def test_a_batch_under_way_buys_nothing_more(start_team: StartTeam, sandbox: Sandbox) -> None:
    sandbox.key, sandbox.run_seconds = None, lambda _model, _inputs: None
    server = start_team()
    await server.ready()
    told: list[dict[str, object]] = []

    async def wait() -> None:
        async with as_caller(server.url, "wsk_one") as client:
            requests = [{"model": "sandbox/paint", "input": {"prompt": f"fox {one}"}} for one in range(6)]
            told.append(
                await call(client, "generate_batch", requests=requests, max_in_flight=2, wait_seconds=300)
            )

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await sandbox.seen("poll", 2)
        server.terminate()
    assert len(sandbox.submissions) == 2
    assert told[0]["processing"] == 2
    assert await server.ended() == 0


async def test_the_metrics_count_and_name_nobody(start_team: StartTeam, sandbox: Sandbox) -> None:
    sandbox.key = None
    server = start_team()
    await server.ready()
    async with as_caller(server.url, "wsk_the_key_of_one") as client:
        await call(client, "generate", **FOX)
    await post(server.url)
    told = (await get(server.url.replace("/mcp", "/metrics"))).text
    assert 'wavespeed_tool_calls_total{outcome="done",tool="generate"} 1.0' in told
    assert 'wavespeed_http_answers_total{status="401"} 1.0' in told
    assert "wavespeed_ready 1.0" in told
    assert "wsk_" not in told
    assert "key:" not in told


async def test_a_call_that_cannot_be_answered_is_told_so_and_its_repeat_follows(
    start_team: StartTeam, sandbox: Sandbox, mode: str
) -> None:
    sandbox.key = None
    sandbox.hold("submit", after_work=True)
    server = start_team()
    await server.ready()
    said: list[httpx.Response] = []
    asked = rpc("tools/call", name="generate", arguments=FOX)

    async def wait() -> None:
        said.append(await post(server.url, {"X-API-Key": "wsk_one"}, json=asked))

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await sandbox.seen("submit")
        server.terminate()
        assert await server.ended() == 0
    assert said[0].status_code == 503
    assert "same call picks up" in said[0].text
    assert "Traceback" not in server.errors.read_text()
    sandbox.release("submit")
    server = start_team()
    await server.ready()
    async with as_caller(server.url, "wsk_one", mode) as client:
        assert (await call(client, "generate", **FOX))["id"] in sandbox.predictions
    assert len(sandbox.submissions) == 1
