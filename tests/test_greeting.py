"""The first answers of the server, given before the SDK is imported."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wavespeed_mcp_server import __version__
from wavespeed_mcp_server.transports.greeting import Answers
from wavespeed_mcp_server.transports.greeting.answers import FILE, META, MODERN
from wavespeed_mcp_server.transports.greeting.record import openings, record

Converse = Callable[..., list[dict[str, Any]]]


def _line(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode()


@pytest.fixture
def converse(tmp_path: Path) -> Converse:
    """Sends messages to a new server process and reads until every id has been answered `tool/call` last."""

    def run(messages: list[dict[str, Any]], **environment: str) -> list[dict[str, Any]]:
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **environment}
        with subprocess.Popen(
            [sys.executable, "-m", "wavespeed_mcp_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
            cwd="/",
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(b"".join(_line(message) + b"\n" for message in messages))
            process.stdin.flush()
            last = messages[-1]["id"]
            answers = []
            for line in process.stdout:
                answers.append(json.loads(line))
                if answers[-1].get("id") == last:
                    break
            process.stdin.close()
            answers += [json.loads(line) for line in process.stdout]
            assert process.wait(20) == 0
        return answers

    return run


async def test_the_recorded_answers_are_what_the_sdk_says_in_every_protocol_version() -> None:
    """After a change of tools or of the SDK: python -m wavespeed_mcp_server.transports.greeting.record."""
    recorded = json.loads(Path(FILE).read_text(encoding="utf-8"))
    live = await record()
    assert recorded["index"] == live["index"]
    assert [json.loads(text) for text in recorded["results"]] == [json.loads(t) for t in live["results"]]
    assert recorded["versions"] == live["versions"]


@pytest.mark.parametrize("era", list(openings()))
def test_a_usual_opening_is_answered_whole_and_each_request_once(era: str, converse: Converse) -> None:
    messages = openings()[era]
    call: dict[str, Any] = {"name": "get_balance", "arguments": {}}
    if era == MODERN:
        call["_meta"] = messages[0]["params"]["_meta"]
    messages.append({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": call})
    answers = converse(messages)
    assert [answer["id"] for answer in answers] == [1, 2, 3]
    assert len(answers[1]["result"]["tools"]) == 13
    assert "WAVESPEED_API_KEY" in answers[2]["result"]["content"][0]["text"]


def test_a_client_that_probes_and_then_initializes_is_served(converse: Converse) -> None:
    probe = openings()[MODERN][0]
    legacy = openings()["2025-11-25"]
    messages = [{**probe, "id": "probe"}, *legacy, {"jsonrpc": "2.0", "id": 3, "method": "ping"}]
    answers = converse(messages)
    assert [answer["id"] for answer in answers] == ["probe", 1, 2, 3]
    assert answers[1]["result"]["protocolVersion"] == "2025-11-25"


def test_a_server_whose_tools_are_narrowed_answers_for_itself(converse: Converse) -> None:
    answers = converse(openings()["2025-06-18"], WAVESPEED_TOOLS="get_balance")
    assert [tool["name"] for tool in answers[1]["result"]["tools"]] == ["get_balance"]


def test_another_version_of_the_sdk_makes_the_record_useless(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Answers.recorded(__version__) is not None
    assert Answers.recorded("0.0.0") is None
    changed = "wavespeed_mcp_server.transports.greeting.answers.installed_versions"
    monkeypatch.setattr(changed, lambda: {"mcp": "2.3.1"})
    assert Answers.recorded(__version__) is None


def _meta(**changes: Any) -> dict[str, Any]:
    return {**openings()[MODERN][0]["params"]["_meta"], **changes}


@pytest.mark.parametrize(
    "messages",
    [
        pytest.param([{"method": "tools/list"}], id="a listing before the handshake"),
        pytest.param(
            [{"method": "initialize", "params": {"protocolVersion": "1999-01-01"}}], id="no version"
        ),
        pytest.param(
            [{"method": "tools/list", "params": {"_meta": _meta(), "cursor": "x"}}], id="a second page"
        ),
        pytest.param(
            [{"method": "tools/list", "params": {"_meta": {META + "protocolVersion": MODERN}}}],
            id="an incomplete request",
        ),
        pytest.param(
            [
                {"method": "tools/list", "params": {"_meta": _meta()}},
                {"method": "initialize", "params": {"protocolVersion": "2025-06-18"}},
            ],
            id="a change of era",
        ),
        pytest.param(
            [
                {"method": "initialize", "params": {"protocolVersion": "2025-06-18"}},
                {"method": "tools/list"},
            ],
            id="a listing before the handshake is over",
        ),
        pytest.param([{"method": "tools/call"}, {"method": "ping"}], id="anything else"),
    ],
)
def test_what_is_out_of_the_usual_order_is_left_to_the_sdk(messages: list[dict[str, Any]]) -> None:
    answers = Answers.recorded(__version__)
    assert answers is not None
    last = [answers.reply(_line({"jsonrpc": "2.0", "id": n, **one})) for n, one in enumerate(messages)][-1]
    assert last is None
    usual = {"jsonrpc": "2.0", "id": 9, "method": "server/discover", "params": {"_meta": _meta()}}
    assert answers.reply(_line(usual)) is None


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"null", b'{"id":1}', b"\xff\xfe"])
def test_what_cannot_be_read_is_left_to_the_sdk(line: bytes) -> None:
    answers = Answers.recorded(__version__)
    assert answers is not None
    assert answers.reply(line) is None
