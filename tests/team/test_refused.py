"""Who is refused, with which status, before anything is done."""

from __future__ import annotations

import pytest

from calling import call, refusal
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import HttpSettings, Settings

from .conftest import SECRET, Serve, as_caller, post, rpc

KEY = {"Authorization": "Bearer wsk_somebody"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic d3NrOng="},
        {"Authorization": "Bearer two words"},
        {"Authorization": f"Bearer {'k' * 600}"},
        {"Authorization": "Bearer wst_nobody_issued_this"},
        {"X-API-Key": "wst_nobody_issued_this"},
    ],
)
async def test_whoever_shows_no_key_is_told_how_to(
    team: str, sandbox: Sandbox, headers: dict[str, str]
) -> None:
    answer = await post(team, headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["error"]["message"].endswith(".")
    assert not sandbox.requests


@pytest.mark.parametrize("name", ["Authorization", "X-API-Key"])
async def test_a_key_comes_in_either_header(team: str, name: str) -> None:
    value = "Bearer wsk_somebody" if name == "Authorization" else "wsk_somebody"
    assert (await post(team, {name: value})).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:80", "", "evil.example@localhost"]
)
async def test_a_foreign_host_is_refused(team: str, host: str) -> None:
    assert (await post(team, {**KEY, "Host": host})).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:99", "[::1]:99", "team.example:444"])
async def test_hosts_are_known_whatever_their_port(serve: Serve, team_settings: Settings, host: str) -> None:
    http = HttpSettings(SECRET, public_url="https://team.example/x", allowed_hosts=("other.example",))
    async with serve(team_settings, http) as url:
        assert (await post(url, {**KEY, "Host": host})).status_code == 200
        assert (await post(url, {**KEY, "Host": "other.example"})).status_code == 200
        assert (await post(url, {**KEY, "Host": "example"})).status_code == 421


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "file://", "https://localhost.evil.example"]
)
async def test_a_foreign_origin_is_refused(team: str, origin: str) -> None:
    assert (await post(team, {**KEY, "Origin": origin})).status_code == 403


async def test_the_servers_own_origin_is_not(team: str) -> None:
    assert (await post(team, {**KEY, "Origin": "http://localhost:3000"})).status_code == 200


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_over_the_limit_is_refused(team: str, announced: bool) -> None:
    async def body() -> object:
        for _ in range(5 * 16):
            yield b" " * 65536

    content = b" " * (5 * 1024 * 1024) if announced else body()
    answer = await post(team, KEY, content=content)
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_only_posts_are_served(team: str, method: str) -> None:
    import httpx

    async with httpx.AsyncClient() as http:
        assert (await http.request(method, team, headers=KEY)).status_code == 405


async def test_too_many_calls_of_one_caller_are_refused_and_nobody_elses(team: str) -> None:
    import anyio
    import httpx

    counts = {200: 0, 429: 0}
    async with httpx.AsyncClient(timeout=60) as http:

        async def one() -> None:
            answer = await http.post(
                team,
                headers={**KEY, "Accept": "application/json, text/event-stream"},
                json={"jsonrpc": "2.0", "method": "notifications/initialized"},
            )
            counts[429 if answer.status_code == 429 else 200] += 1
            if answer.status_code == 429:
                assert int(answer.headers["retry-after"]) >= 1

        while not counts[429]:
            async with anyio.create_task_group() as group:
                for _ in range(50):
                    group.start_soon(one)
            assert counts[200] < 1000
    assert counts[200] >= 300
    assert (await post(team, {"X-API-Key": "wsk_another"})).status_code == 200


async def test_a_key_that_the_api_does_not_know_fails_at_its_first_use_with_the_apis_word(
    serve: Serve, team_settings: Settings, sandbox: Sandbox, mode: str
) -> None:
    sandbox.key = "wsk_the_only_one"
    async with serve(team_settings) as url, as_caller(url, "wsk_made_up", mode) as client:
        assert (await client.list_tools()).tools
        said = await refusal(client, "generate", model="sandbox/paint", input={"prompt": "a fox"})
        assert "invalid API key" in said
        assert "Nothing was submitted" in said
        assert not sandbox.submissions
    assert team_settings.state_dir is not None
    assert not (team_settings.state_dir / "ledger.sqlite3").exists()


async def test_made_up_keys_do_not_evade_the_limits(
    serve: Serve, team_settings: Settings, sandbox: Sandbox
) -> None:
    sandbox.key = "wsk_the_only_one"
    asking = rpc("tools/call", name="get_balance", arguments={})
    async with serve(team_settings) as url, as_caller(url, "wsk_the_only_one") as known:
        assert await call(known, "get_balance")
        for number in range(1000):
            answer = await post(url, {"X-API-Key": f"wsk_made_up_{number}"}, json=asking)
            if answer.status_code == 429:
                break
        else:
            pytest.fail("a thousand made-up keys were all served")
        assert number > 50
        assert await call(known, "get_balance")


async def test_tokens_alone_are_admitted_where_callers_keys_are_off(
    serve: Serve, team_settings: Settings
) -> None:
    async with serve(team_settings, HttpSettings(SECRET, caller_keys=False)) as url:
        answer = await post(url, KEY)
        assert answer.status_code == 401
        assert "token" in answer.json()["error"]["message"]
