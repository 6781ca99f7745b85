"""The greeting says what the server says, or nothing: shown on answers, without a process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from calling import Json
from stdio.opening import INITIALIZED, VERSIONS, Live, enveloped, handshake, line, request
from wavespeed_mcp_server.settings import Settings
from wavespeed_mcp_server.transports.greeting import Answers
from wavespeed_mcp_server.transports.greeting.shapes import META

SETTINGS = {
    "plain": Settings(),
    "one tool": Settings(tools=("get_balance",)),
    "no tool": Settings(tools=("none",)),
    "no tasks": Settings(tasks=False),
    "sandbox": Settings(sandbox=True, base_url="http://127.0.0.1:1"),
}
OPENINGS = {
    "2026-07-28": [
        enveloped("server/discover", 1),
        enveloped("tools/list", 2),
        enveloped("ping", 3),
    ],
    **{
        version: [handshake(version), INITIALIZED, request("ping", 2), request("tools/list", 3, {})]
        for version in VERSIONS
    },
    "a probe": [
        enveloped("server/discover", 1),
        handshake("2025-11-25", 1),
        INITIALIZED,
        request("ping", 1),
        request("tools/list", 2),
        enveloped("tools/list", 3),
    ],
}


@cache
def live(chosen: str = "plain") -> Live:
    """A server with these settings, made once."""
    return Live(SETTINGS[chosen])


def greeted(answers: Answers, lines: list[bytes]) -> list[bytes]:
    """What the greeting says before it leaves the rest to the SDK."""
    found = []
    for one in lines:
        reply = answers.reply(one)
        if reply is not None:
            found.append(reply[1])
    return found


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("chosen", SETTINGS)
async def test_it_says_byte_for_byte_what_the_server_says(chosen: str, opening: str) -> None:
    lines = [line(message) for message in OPENINGS[opening]]
    said = greeted(await live(chosen).recorded(), lines)
    there = await live(chosen).answers(lines)
    assert said == there[: len(said)]
    results = [json.loads(one) for one in there]
    assert len(said) == len([one for one in results if "result" in one]), "something usual is not greeted"


CAPABILITIES: list[Json] = [
    {"roots": {"listChanged": True}, "sampling": {}, "elicitation": {}},
    {"elicitation": {"form": {}, "url": {}}, "sampling": {"tools": {}, "context": {}}},
    {"extensions": {"io.modelcontextprotocol/ui": {"mimeTypes": ["text/html;profile=mcp-app"]}}},
    {"extensions": {"io.modelcontextprotocol/tasks": {}}, "experimental": {"x": {"y": [1]}}},
    {"tasks": {"list": {}, "cancel": {}, "requests": {"elicitation": {"create": {}}}}},
]
CLIENTS: list[Json] = [
    {"name": "", "version": ""},
    {"name": "Ünïcode", "version": "1", "title": "A client", "websiteUrl": "https://example.com"},
    {"name": "x", "version": "1", "icons": [{"src": "https://example.com/i.png", "sizes": ["any"]}]},
]


@pytest.mark.parametrize("capabilities", CAPABILITIES, ids=lambda one: " ".join(one))
@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one["name"])
async def test_what_a_client_can_and_is_called_changes_nothing(capabilities: Json, client: Json) -> None:
    probe, shake = enveloped("server/discover", "p"), handshake("2025-11-25", "h")
    probe["params"]["_meta"] |= {META + "clientInfo": client, META + "clientCapabilities": capabilities}
    shake["params"] |= {"clientInfo": client, "capabilities": capabilities}
    lines = [line(one) for one in (probe, shake, INITIALIZED, request("tools/list", "t"))]
    said = greeted(await live().recorded(), lines)
    assert len(said) == 3
    assert said == await live().answers(lines)


RICH = {
    "capabilities": {
        "roots": {"listChanged": True},
        "sampling": {"tools": {}},
        "elicitation": {"form": {}},
        "extensions": {"a/b": {"c": 1}},
        "experimental": {"d": {}},
        "tasks": {"list": {}, "requests": {"sampling": {"createMessage": {}}}},
        "unknown": {},
    },
    "clientInfo": {
        "name": "x",
        "version": "1",
        "title": "t",
        "icons": [{"src": "s", "mimeType": "m", "sizes": ["any"]}],
    },
}
JUNK: list[Any] = [None, True, 0, 1.5, "x", [], ["x"], {}, {"x": 1}, {"x": {}}]
ADDED = ("cursor", "_meta", "progressToken", "listChanged", "title", "icons", "roots", "params", "x")


def rich(message: Json) -> Json:
    """A usual message with all that a client may tell of itself."""
    whole: Json = json.loads(json.dumps(message))
    params = whole.setdefault("params", {})
    if message["method"] == "initialize":
        params |= RICH
    elif "_meta" in params:
        client, can = RICH["clientInfo"], RICH["capabilities"]
        params["_meta"] |= {META + "clientInfo": client, META + "clientCapabilities": can}
    return whole


def changed(message: Json) -> Iterator[Json]:
    """A message with one thing changed, left out or added, at every place in it."""

    def everywhere(place: Any) -> Iterator[Any]:
        if isinstance(place, dict):
            for name, value in place.items():
                yield {other: part for other, part in place.items() if other != name}
                yield from ({**place, name: inner} for inner in [*JUNK, *everywhere(value)])
            yield from ({**place, name: junk} for name in ADDED if name not in place for junk in JUNK)
        elif isinstance(place, list):
            for number, value in enumerate(place):
                yield from ([*place[:number], inner, *place[number + 1 :]] for inner in everywhere(value))

    return everywhere(message)


@pytest.mark.parametrize(
    "before, message",
    [
        ([], handshake("2025-06-18")),
        ([], enveloped("server/discover", 2)),
        ([handshake("2025-11-25")], INITIALIZED),
        ([handshake("2025-11-25"), INITIALIZED], request("tools/list", 2, {"_meta": {"progressToken": 1}})),
        ([], enveloped("tools/list", 2)),
    ],
    ids=lambda part: part["method"] if isinstance(part, dict) else "",
)
async def test_whatever_is_odd_in_a_message_it_says_what_the_server_says_or_nothing(
    before: list[Json], message: Json
) -> None:
    opening = [line(one) for one in before]
    after = line(request("ping", "after"))
    for odd in changed(rich(message)):
        lines = [*opening, json.dumps({"jsonrpc": "2.0", **odd}).encode(), after]
        said = greeted(await live().recorded(), lines)
        if len(said) > len([one for one in before if "id" in one]):
            assert said == (await live().answers(lines))[: len(said)], odd


USUAL = [message for opening in OPENINGS.values() for message in opening]


@given(st.lists(st.tuples(st.sampled_from(USUAL), st.integers(0, 3) | st.just("x")), max_size=7))
@hypothesis.settings(suppress_health_check=list(HealthCheck), max_examples=60)
async def test_in_whatever_order_it_says_what_the_server_says_or_nothing(
    sent: list[tuple[Json, Any]],
) -> None:
    lines = [line({**message, "id": number} if "id" in message else message) for message, number in sent]
    said = greeted(await live().recorded(), lines)
    assert said == (await live().answers(lines))[: len(said)]


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"id":1}',
        b"\xff\xfe",
        b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":NaN,"method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":null}',
        b'{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}',
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b'{"_meta":' * 100_000,
        line(request("tools/call", 1, {"name": "get_balance"})),
        line(request("tools/list", 1)),
        line(handshake("1999-12-31")),
        line(handshake("2025-06-18")) + b" " * 100_000,
    ],
    ids=lambda odd: repr(odd[:60]),
)
async def test_what_is_unusual_is_left_to_the_sdk_with_all_that_follows(odd: bytes) -> None:
    answers = await live().recorded()
    assert answers.reply(odd) is None
    assert answers.reply(line(enveloped("server/discover", 9))) is None
