"""What a host sees before any call: one reviewed file per tool, small enough for every host's limits."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.types import Tool

from calling import Connect, Json, MakeSettings
from wavespeed_mcp_server.server.build import INSTRUCTIONS
from wavespeed_mcp_server.settings import Settings

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
SHOWN = ("name", "title", "description", "annotations", "inputSchema", "outputSchema")

# Where a host begins to cut or to refuse; a ceiling is raised only with a reason.
INPUT_BYTES = 8_500
LIST_BYTES = 18_000
TEXT_BYTES = 2_000
NAME_CHARS = 31


@pytest.fixture
async def tools(client: Client) -> list[Tool]:
    """Every tool the server offers."""
    return (await client.list_tools()).tools


def shown(tool: Tool) -> Json:
    """A tool as it goes over the wire."""
    return tool.model_dump(mode="json", by_alias=True, exclude_none=True)


def compact(value: Any) -> int:
    """The bytes of compact JSON."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def schemas(schema: Any) -> Iterator[Json]:
    """A JSON schema and every schema within it."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key in ("properties", "$defs"):
        for part in schema.get(key, {}).values():
            yield from schemas(part)
    for key in ("items", "additionalProperties"):
        yield from schemas(schema.get(key))
    for key in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(key, []):
            yield from schemas(part)


async def test_every_tool_equals_its_reviewed_snapshot(tools: list[Tool]) -> None:
    """A change of the surface is a change of a file; UPDATE_SNAPSHOTS=1 writes it on purpose."""
    current = {tool.name: {key: shown(tool)[key] for key in SHOWN if key in shown(tool)} for tool in tools}
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        for old in SNAPSHOTS.glob("*.json"):
            if old.stem not in current:
                old.unlink(missing_ok=True)
        for name, tool in current.items():
            text = json.dumps(tool, indent=2, ensure_ascii=False) + "\n"
            (SNAPSHOTS / f"{name}.json").write_text(text, encoding="utf-8")
        return
    reviewed = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in SNAPSHOTS.glob("*.json")}
    assert sorted(current) == sorted(reviewed)
    for name, tool in current.items():
        assert tool == reviewed[name], f"{name} differs from tests/snapshots/{name}.json"


async def test_what_a_model_reads_of_all_tools_stays_small(tools: list[Tool]) -> None:
    read = [{key: shown(tool)[key] for key in ("name", "description", "inputSchema")} for tool in tools]
    assert compact(read) <= INPUT_BYTES


async def test_the_whole_listing_stays_small(client: Client) -> None:
    listing = (await client.list_tools()).model_dump(mode="json", by_alias=True, exclude_none=True)
    assert compact(listing) <= LIST_BYTES


async def test_names_and_texts_fit_the_strictest_host(client: Client, tools: list[Tool]) -> None:
    for tool in tools:
        assert len(tool.name) <= NAME_CHARS
        assert tool.description
        assert len(tool.description.encode()) < TEXT_BYTES
    assert client.instructions
    assert len(client.instructions.encode()) < TEXT_BYTES


async def test_input_schemas_use_nothing_that_a_model_provider_refuses(tools: list[Tool]) -> None:
    """Anthropic, OpenAI and Gemini each refuse some of these, and with them the whole list of tools."""
    for tool in tools:
        root = tool.input_schema
        assert root["type"] == "object"
        assert isinstance(root["properties"], dict)
        assert root["additionalProperties"] is False
        assert not {"anyOf", "oneOf", "allOf", "not", "enum"} & set(root)
        for schema in schemas(root):
            assert schema, f"{tool.name} has a schema that says nothing"
            assert not isinstance(schema.get("type"), list), tool.name
            assert schema.get("type") != "array" or schema.get("items"), tool.name
            assert {"type", "anyOf", "$ref"} & set(schema), f"{tool.name}: {schema}"


async def test_every_argument_is_described_or_bounded(tools: list[Tool]) -> None:
    for tool in tools:
        for name, schema in tool.input_schema["properties"].items():
            facts = {"description", "enum", "minimum", "maximum", "minLength", "maxLength"} & set(schema)
            assert facts, f"{tool.name}.{name} tells nothing but its type"


async def test_all_four_annotations_are_explicit(tools: list[Tool]) -> None:
    for tool in tools:
        hints = shown(tool)["annotations"]
        assert {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"} <= set(hints), tool.name


async def test_only_what_changes_nothing_is_marked_as_reading(tools: list[Tool]) -> None:
    writing = {"generate", "generate_batch", "delete_predictions", "upload_file", "download_outputs"}
    assert {tool.name for tool in tools if not shown(tool)["annotations"]["readOnlyHint"]} == writing
    destroying = {tool.name for tool in tools if shown(tool)["annotations"]["destructiveHint"]}
    assert destroying == {"delete_predictions"}


async def test_nothing_of_the_server_itself_shows_among_the_arguments(tools: list[Tool]) -> None:
    """The request's context and the resolved parameters are filled in by the server."""
    for tool in tools:
        assert not {"ctx", "request", "prepared", "consent"} & set(tool.input_schema["properties"])


async def test_the_instructions_name_only_tools_that_exist(tools: list[Tool]) -> None:
    words = {word.strip('.,;:()"') for word in INSTRUCTIONS.split()}
    named = {word for word in words if "_" in word and word not in {"model_id", "max_price"}}
    assert named <= {tool.name for tool in tools}


async def test_a_list_of_tools_in_the_settings_narrows_what_is_offered(
    connect: Connect, make_settings: MakeSettings, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    narrowed = make_settings(tools=("get_balance", "list_models", "no_such_tool"))
    async with connect(narrowed, mode) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["list_models", "get_balance"]
        result = await client.call_tool("generate", {"model": "sandbox/paint", "input": {"prompt": "x"}})
        assert result.is_error
    assert "WAVESPEED_TOOLS names no_such_tool" in caplog.text


async def test_a_server_on_the_sandbox_says_so(connect: Connect, make_settings: MakeSettings) -> None:
    async with connect(make_settings(sandbox=True)) as client:
        assert client.instructions is not None
        assert "sandbox" in client.instructions
    async with connect(make_settings()) as client:
        assert client.instructions is not None
        assert "sandbox" not in client.instructions


async def test_tools_are_listed_without_a_key_and_without_an_api(connect: Connect, mode: str) -> None:
    bare = Settings(base_url="http://127.0.0.1:1", problems={"WAVESPEED_MAX_PRICE": "cannot be read"})
    async with connect(bare, mode) as client:
        assert len((await client.list_tools()).tools) >= 12
