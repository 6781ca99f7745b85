"""Who is refused, with which status, before anything is done."""

from __future__ import annotations

import json

import anyio
import httpx
import pytest

from calling import call, refusal
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import HttpSettings, Settings
from wavespeed_mcp_server.transports.http import body, door
from wavespeed_mcp_server.transports.http.hosts import AllowedHosts
from wavespeed_mcp_server.transports.http.rates import network_of
from wavespeed_mcp_server.transports.http.refusal import Refusal

from .conftest import ACCEPT, SECRET, Serve, as_caller, post, rpc

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
    ("lines", "status"),
    [
        (("X-API-Key: wsk_a", "Authorization: bearer wsk_a"), 200),
        (("X-API-Key: wsk_a", "Authorization: Basic d3NrOng="), 200),
        (("X-API-Key: wsk_a", "Authorization: Bearer wsk_b"), 401),
        (("X-API-Key: wsk_a", "X-API-Key: wsk_b"), 401),
        (("Authorization: Bearer wsk_a", "Authorization: BEARER wst_b"), 401),
        (("X-API-Key: wsk_a", "Origin: http://localhost", "Origin: http://evil.example"), 403),
        (("X-API-Key: wsk_a", "Origin: http://evil.example", "Origin: http://localhost"), 403),
        (("X-API-Key: wsk_a", "Host: evil.example"), 400),
    ],
)
async def test_every_value_of_what_decides_counts(team: str, lines: tuple[str, ...], status: int) -> None:
    """Whatever stands in front may have judged by another one of them than this server."""
    content = json.dumps(rpc("tools/list")).encode()
    head = "\n".join(["POST /mcp HTTP/1.1", "Host: localhost", *lines, f"Content-Length: {len(content)}"])
    assert (await sent(team, head, content)).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io:80", "", "evil.example@localhost"]
)
async def test_a_foreign_host_is_refused(team: str, host: str) -> None:
    assert (await post(team, {**KEY, "Host": host})).status_code == 421


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.:1", "127.0.0.1:99", "[::1]:99", "[::ffff:127.0.0.1]", "Team.example.:444"],
)
async def test_hosts_are_known_whatever_their_port(serve: Serve, team_settings: Settings, host: str) -> None:
    http = HttpSettings(SECRET, public_url="https://team.example/x", allowed_hosts=("other.example",))
    async with serve(team_settings, http) as url:
        assert (await post(url, {**KEY, "Host": host})).status_code == 200
        assert (await post(url, {**KEY, "Host": "other.example"})).status_code == 200
        assert (await post(url, {**KEY, "Host": "example"})).status_code == 421


def test_the_address_that_a_request_came_to_is_known_whatever_is_listened_on() -> None:
    AllowedHosts("0.0.0.0").check("192.0.2.7:8000", ["http://192.0.2.7"], "::ffff:192.0.2.7")
    with pytest.raises(Refusal):
        AllowedHosts("0.0.0.0").check("192.0.2.8:8000", (), "192.0.2.7")


async def sent(url: str, head: str, content: bytes = b"") -> bytes:
    """The answer to a request as it is written, head without its last empty line."""
    host, _, port = url.removeprefix("http://").removesuffix("/mcp").partition(":")
    async with await anyio.connect_tcp(host, int(port)) as stream:
        lines = [
            *head.split("\n"),
            "Connection: close",
            f"Accept: {ACCEPT}",
            "Content-Type: application/json",
        ]
        await stream.send("\r\n".join([*lines, "", ""]).encode() + content)
        found = b""
        with anyio.fail_after(30):
            while b"\r\n\r\n" not in found:
                found += await stream.receive()
        return found


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("http://localhost/mcp", "evil.example", 200),
        ("http://evil.example/mcp", "localhost", 421),
        ("HTTPS://user@localhost/mcp", "localhost", 421),
        ("http://localhost/", "localhost", 404),
    ],
)
async def test_the_host_of_a_whole_url_counts_instead(team: str, target: str, host: str, status: int) -> None:
    content = json.dumps(rpc("tools/list")).encode()
    head = f"POST {target} HTTP/1.1\nHost: {host}\nX-API-Key: wsk_x\nContent-Length: {len(content)}"
    assert (await sent(team, head, content)).startswith(f"HTTP/1.1 {status} ".encode())


async def test_a_body_that_does_not_come_is_not_waited_for(
    team: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "SECONDS", 0.1)
    head = "POST /mcp HTTP/1.1\nHost: localhost\nX-API-Key: wsk_x\nContent-Length: 100"
    assert (await sent(team, head, b"{")).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("path", ["health", "ready", "metrics"])
async def test_what_is_told_about_the_server_can_only_be_read(team: str, path: str) -> None:
    async with httpx.AsyncClient() as http:
        for method, status in (("GET", 200), ("HEAD", 200), ("POST", 405), ("DELETE", 405)):
            assert (await http.request(method, team.replace("mcp", path))).status_code == status


HALF = '"\\ud83d"'


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (f'{{"jsonrpc": "2.0", "id": {HALF}, "method": "tools/list"}}', 200),
        ('{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": []}}', 202),
        ('{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": {}}}', 202),
        ('{"jsonrpc": "2.0", "id": [], "method": "tools/list"}', 400),
        ("[" * 100_000, 400),
        ("", 400),
    ],
)
async def test_no_message_fails_the_server(team: str, content: str, status: int) -> None:
    assert (await post(team, KEY, content=content)).status_code == status
    newer = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"}
    meta = '"params": {"_meta": {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "progressToken": '
    whole = content.replace('"method": "tools/list"', f'"method": "tools/list", {meta}{HALF}}}}}')
    assert (await post(team, KEY | newer, content=whole)).status_code < 500


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "file://",
        "https://localhost.evil.example",
        "http://evil@localhost",
        "http://localhost/x",
    ],
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
    async with httpx.AsyncClient() as http:
        assert (await http.request(method, team, headers=KEY)).status_code == 405


async def test_too_many_calls_of_one_caller_are_refused_and_nobody_elses(team: str) -> None:
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


@pytest.mark.parametrize("spelt", ["WST_made_up", "Wst_made_up", "xwst_made_up"])
async def test_what_may_be_a_token_is_never_shown_to_the_api(team: str, sandbox: Sandbox, spelt: str) -> None:
    asking = rpc("tools/call", name="get_balance", arguments={})
    assert (await post(team, {"X-API-Key": spelt}, json=asking)).status_code == 401
    assert not sandbox.requests


async def test_made_up_tokens_are_limited_by_address(
    serve: Serve, team_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "STRANGERS_AT_ONCE", 3 * door.REFUSED_KEY_COST)
    monkeypatch.setattr(door, "STRANGERS_A_SECOND", 0.001)
    async with serve(team_settings) as url:
        statuses = [(await post(url, {"X-API-Key": f"wst_{one}"})).status_code for one in range(5)]
    assert statuses[:3] == [401] * 3
    assert statuses[-1] == 429


@pytest.mark.parametrize("spoofed", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP"])
async def test_nobody_evades_the_limits_by_naming_another_address(
    serve: Serve, team_settings: Settings, monkeypatch: pytest.MonkeyPatch, spoofed: str
) -> None:
    monkeypatch.setattr(door, "STRANGERS_AT_ONCE", 3.0)
    monkeypatch.setattr(door, "STRANGERS_A_SECOND", 0.001)
    async with serve(team_settings) as url:
        statuses = [
            (await post(url, {"X-API-Key": f"wsk_{one}", spoofed: f"192.0.2.{one}"})).status_code
            for one in range(6)
        ]
    assert statuses[0] == 200
    assert statuses[-1] == 429


def test_addresses_that_are_written_otherwise_are_the_same_networks() -> None:
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") != network_of("::ffff:192.0.2.2")
    assert network_of("2001:db8::1") == network_of("2001:db8::2") != network_of("2001:db8:0:1::1")
    assert network_of("fe80::1%eth0") == network_of("fe80::2")
    assert network_of("") == ""


async def test_tokens_alone_are_admitted_where_callers_keys_are_off(
    serve: Serve, team_settings: Settings
) -> None:
    async with serve(team_settings, HttpSettings(SECRET, caller_keys=False)) as url:
        answer = await post(url, KEY)
        assert answer.status_code == 401
        assert "token" in answer.json()["error"]["message"]
