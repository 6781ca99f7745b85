"""Callers of one server: each with a key, an account and tasks of their own, and nothing of its machine."""

from __future__ import annotations

import re
from pathlib import Path

import anyio
import anyio.lowlevel
import httpx
import pytest

from calling import call, refusal
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import Settings

from .conftest import StartTeam, as_caller, post, rpc

ONE, OTHER = "wsk_the_key_of_one", "wsk_the_key_of_another"
INFO = {"name": "test", "version": "1"}
FOX = {"model": "sandbox/paint", "input": {"prompt": "a fox"}}


async def test_a_caller_finds_prices_and_runs_a_model(team: str, mode: str) -> None:
    async with as_caller(team, ONE, mode) as client:
        assert (await call(client, "list_models", query="paint"))["total"]
        made = await call(client, "generate", **FOX)
        assert made["status"] == "completed"
        assert made["outputs"][0].startswith("http://127.0.0.1")


async def test_each_caller_calls_the_api_with_the_key_it_gave(team: str, sandbox: Sandbox) -> None:
    for key in (ONE, OTHER):
        async with as_caller(team, key) as client:
            await call(client, "generate", **FOX)
    assert {seen.headers["authorization"] for seen in sandbox.requests if seen.at == "submit"} == {
        f"Bearer {ONE}",
        f"Bearer {OTHER}",
    }


async def test_equal_requests_of_two_callers_are_two_tasks_and_a_repeat_of_one_is_followed(
    team: str, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with as_caller(team, ONE) as one, as_caller(team, OTHER) as other:
        first = await call(one, "generate", **FOX, wait_seconds=0)
        second = await call(other, "generate", **FOX, wait_seconds=0)
        again = await call(one, "generate", **FOX, wait_seconds=0)
        assert first["id"] == again["id"] != second["id"]
        open_to_one = await call(one, "check_status")
        assert [row["id"] for row in open_to_one["predictions"]] == [first["id"]]


async def test_a_dropped_connection_frees_its_call_and_the_repeat_follows(
    team: str, sandbox: Sandbox, mode: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with as_caller(team, ONE, mode) as client:
        with anyio.move_on_after(30):
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: client.call_tool("generate", FOX))
                await sandbox.seen("poll")
                group.cancel_scope.cancel()
    async with as_caller(team, ONE, mode) as client:
        (prediction,) = sandbox.predictions
        sandbox.finish(prediction)
        made = await call(client, "generate", **FOX)
        assert made["id"] == prediction
        assert len(sandbox.submissions) == 1


async def test_a_cancel_of_the_older_era_frees_its_call_and_nobody_elses(team: str, sandbox: Sandbox) -> None:
    """Its clients keep the connection open, and another one of the same key may use the same ids."""
    sandbox.run_seconds = lambda _model, _inputs: None
    answers: dict[str, httpx.Response] = {}

    def headers(session: str) -> dict[str, str]:
        return {"X-API-Key": ONE, "Mcp-Session-Id": session}

    async def generate(session: str, prompt: str) -> None:
        arguments = {"model": "sandbox/paint", "input": {"prompt": prompt}}
        asked = rpc("tools/call", name="generate", arguments=arguments)
        answers[session] = await post(team, headers(session), json=asked)

    hello = await post(
        team,
        {"X-API-Key": ONE},
        json=rpc("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=INFO),
    )
    assert hello.headers["mcp-session-id"]
    async with anyio.create_task_group() as group:
        group.start_soon(generate, "one", "a fox")
        group.start_soon(generate, "other", "a hen")
        await sandbox.seen("poll", 2)
        cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
        assert (await post(team, headers("one"), json=cancel)).status_code == 202
        assert (await post(team, {"X-API-Key": OTHER, "Mcp-Session-Id": "other"}, json=cancel)).is_success
        with anyio.fail_after(20):
            while "one" not in answers:
                await anyio.lowlevel.checkpoint()
        assert "other" not in answers
        assert "Request cancelled" in answers["one"].text
        for prediction in list(sandbox.predictions):
            sandbox.finish(prediction)
    assert "completed" in answers["other"].text
    async with as_caller(team, ONE) as client:
        made = await call(client, "generate", **FOX)
    assert made["id"] in sandbox.predictions
    assert len(sandbox.submissions) == 2
    assert "download_outputs" not in str(made)


async def test_progress_streams(team: str, sandbox: Sandbox, mode: str) -> None:
    sandbox.run_seconds = lambda _model, _inputs: 0.3
    heard: list[str] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append(message or "")

    async with as_caller(team, ONE, mode) as client:
        await client.call_tool("generate", FOX, progress_callback=hear)
    assert any("processing" in message or "created" in message for message in heard)


LOCAL = {"upload_file", "download_outputs"}


async def test_no_tool_takes_or_mentions_a_path(team: str, mode: str) -> None:
    async with as_caller(team, ONE, mode) as client:
        tools = (await client.list_tools()).tools
    assert not LOCAL & {tool.name for tool in tools}
    for tool in tools:
        assert not {"save", "save_as", "directory", "path"} & set(tool.input_schema["properties"])
        assert "@/" not in tool.model_dump_json()


@pytest.mark.parametrize("value", ["@{path}", "{path}", "@{folder}/", "file://{path}", "@~/in/cat.png"])
async def test_a_path_is_refused_whether_there_is_a_file_or_not(
    team: str, sandbox: Sandbox, tmp_path: Path, value: str
) -> None:
    (tmp_path / "in" / "cat.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    given = value.format(path=tmp_path / "in" / "cat.png", folder=tmp_path / "in")
    absent = value.format(path=tmp_path / "in" / "dog.png", folder=tmp_path / "on")
    async with as_caller(team, ONE) as client:
        said = [
            await refusal(
                client, "generate", model="sandbox/edit", input={"prompt": "a cat", "images": [one]}
            )
            for one in (given, absent)
        ]
    assert "https URL" in said[0]
    said = [one.rpartition(" (request ")[0] for one in said]
    assert said[0].replace(given.removeprefix("@"), "X") == said[1].replace(absent.removeprefix("@"), "X")
    assert not sandbox.submissions


@pytest.mark.parametrize(
    "value", ["", " ", "two words", "ftp://a.example/x", "data:image/png;base64,", "@x y"]
)
async def test_what_is_no_source_is_refused_without_a_word_of_paths(team: str, value: str) -> None:
    async with as_caller(team, ONE) as client:
        said = await refusal(
            client, "generate", model="sandbox/edit", input={"prompt": "a cat", "images": [value]}
        )
    assert "https URL" in said
    assert not re.search(r"'@'|\bpath\b|\bpaths\b|local file", said), said


async def test_a_path_in_a_text_is_no_upload_either(team: str, sandbox: Sandbox, tmp_path: Path) -> None:
    async with as_caller(team, ONE) as client:
        await refusal(client, "generate", model="sandbox/paint", input={"prompt": "@/etc/passwd"})
    assert not sandbox.counts["upload"]


async def test_files_inside_outputs_come_back_as_urls(team: str, sandbox: Sandbox, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    async with as_caller(team, ONE) as client:
        made = await call(
            client,
            "generate",
            model="sandbox/paint",
            input={"prompt": "a fox", "enable_base64_output": True},
        )
        assert made["outputs"][0].startswith("http")
        assert "saved" not in made
    written = {path for path in tmp_path.rglob("*") if path not in before and path.is_file()}
    assert {path.parent.name for path in written} <= {"state", "live"}


async def test_no_key_is_on_disk_or_in_the_log(
    start_team: StartTeam, sandbox: Sandbox, tmp_path: Path, team_settings: Settings
) -> None:
    server = start_team(
        "--log-level", "DEBUG", WAVESPEED_SERVER_SECRET="", WAVESPEED_API_KEY="wsk_operators_key"
    )
    await server.ready()
    async with as_caller(server.url, ONE) as client:
        await call(client, "generate", **FOX)
        await refusal(client, "generate", model="sandbox/none", input={"prompt": ONE})
    server.terminate()
    assert await server.ended() == 0
    for path in tmp_path.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert ONE.encode() not in content, path
            assert b"wsk_operators_key" not in content, path
    kept = tmp_path / "state" / "server-secret"
    assert kept.stat().st_mode & 0o777 == 0o600
