"""What a server over HTTP writes: JSON lines without secrets, each with the id of the request it is about."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import httpx
import pytest

from calling import call, refusal
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.transports.http.logs import NO_REQUEST, JsonLines

from .conftest import StartTeam, TeamProcess, as_caller, post, rpc

KEY = "wsk_live_a_key_that_is_nobodys_business"
PROMPT = "a very private prompt"
SECRET = "the secret of the server, long enough to be one"
REQUEST = re.compile(r" \(request ([A-Za-z0-9._-]{8,64})\)$")


def lines(server: TeamProcess) -> list[dict[str, Any]]:
    """Everything that it wrote, each line of it JSON."""
    return [json.loads(line) for line in server.errors.read_text(encoding="utf-8").splitlines()]


async def test_every_line_is_json_with_a_request_id_and_without_secrets(
    start_team: StartTeam, sandbox: Sandbox, mode: str
) -> None:
    sandbox.key = None
    server = start_team(WAVESPEED_LOG_LEVEL="DEBUG", WAVESPEED_SERVER_SECRET=SECRET)
    await server.ready()
    async with as_caller(server.url, KEY, mode) as client:
        await call(client, "generate", model="sandbox/paint", input={"prompt": PROMPT})
        address = (await call(client, "create_upload", name="a.png"))["url"]
        text = await refusal(client, "generate", model="sandbox/paint", input={"prompt": PROMPT, "siez": 1})
    found = REQUEST.search(text)
    assert found, text
    async with httpx.AsyncClient() as http:
        await http.put(address, content=b"no picture")
    await post(server.url.replace("/mcp", f"/webhooks/{KEY}"))
    await post(server.url, {"Authorization": f"Bearer {KEY}"}, json=rpc(PROMPT))
    server.terminate()
    await server.ended(20)
    written = lines(server)
    assert all(line["request_id"] and line["time"] and line["level"] for line in written)
    called = [line for line in written if line.get("tool") == "generate"]
    assert [line["outcome"] for line in called] == ["done", "refused"]
    assert called[1]["request_id"] == found.group(1)
    assert {line["path"] for line in written if "path" in line} == {"/mcp", "/files/", "/webhooks/"}
    whole = server.errors.read_text(encoding="utf-8")
    for private in (KEY, PROMPT, SECRET, address.rpartition("/")[2]):
        assert private not in whole


async def test_every_error_names_its_request_whoever_makes_it(team: str) -> None:
    key = {"Authorization": f"Bearer {KEY}"}
    modern = {"MCP-Protocol-Version": "2026-07-28"}
    errors = [
        await post(team),
        await post(team, {**key, "Host": "elsewhere.example"}),
        await post(team, key, content=b"no JSON"),
        await post(team, key, json=rpc("no/such/method")),
        await post(team, {**key, **modern}, json=rpc("no/such/method")),
        await post(team.replace("/mcp", "/webhooks/x")),
        await post(team.replace("/mcp", "/elsewhere")),
    ]
    for answer in errors:
        named = answer.headers["x-request-id"]
        assert answer.json()["error"]["data"]["request_id"] == named, answer.text
    assert len({answer.headers["x-request-id"] for answer in errors}) == len(errors)
    assert int(errors[0].headers["content-length"]) == len(errors[0].content)


async def test_a_proxys_name_for_a_request_is_taken_over_and_nothing_else(team: str) -> None:
    given = "0123456789abcdef.nginx-1"
    assert (await post(team, {"X-Request-Id": given})).headers["x-request-id"] == given
    for wrong in ("short", "x" * 65, "with a space in it", '"quotes"here'):
        assert (await post(team, {"X-Request-Id": wrong})).headers["x-request-id"] != wrong


@pytest.mark.parametrize("name", ["mcp.server", "wavespeed_mcp_server.anything"])
def test_what_an_exception_says_is_never_written(name: str) -> None:
    try:
        raise ValueError(f"not {PROMPT}")
    except ValueError as error:
        record = logging.LogRecord(
            name, logging.ERROR, __file__, 1, "went\nwrong", (), (type(error), error, error.__traceback__)
        )
    (line,) = JsonLines().format(record).splitlines()
    told = json.loads(line)
    assert PROMPT not in line
    assert told["exception"] == "builtins.ValueError"
    assert told["request_id"] == NO_REQUEST
    assert any("test_what_an_exception" in frame for frame in told["frames"])


def test_what_other_packages_say_is_not_written() -> None:
    record = logging.LogRecord("mcp.server.session", logging.WARNING, "x/session.py", 7, PROMPT, (), None)
    assert json.loads(JsonLines().format(record))["message"] == "at session.py:7"
