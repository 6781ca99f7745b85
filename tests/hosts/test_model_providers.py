"""What the providers of models refuse in a tool, each refusal failing the whole request with all its tools.

Seen in their documentation and in reports of their errors; where they differ, the strictest counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from mcp.client import Client
from mcp.types import Tool

from calling import Json

# Of the JSON Schema keywords these are taken by all three.
PLAIN = {
    "type",
    "description",
    "properties",
    "required",
    "items",
    "enum",
    "default",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "pattern",
    "additionalProperties",
}
# The names that hosts put before a tool's own: the longest known one is a plugin's.
PREFIX = "mcp__plugin_wavespeed_wavespeed__"


@pytest.fixture
async def tools(client: Client) -> list[Tool]:
    """Every tool, as hosts hand them on."""
    return (await client.list_tools()).tools


def parts(schema: Json, path: str) -> Iterator[tuple[str, Any]]:
    """A schema and every schema within it, each with where it is."""
    yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from parts(part, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from parts(schema[key], f"{path}.{key}")


def every_part(tools: list[Tool]) -> Iterator[tuple[str, Any]]:
    """Every schema in every tool's input."""
    for tool in tools:
        yield from parts(tool.input_schema, tool.name)


async def test_names_are_taken_by_all_even_behind_a_hosts_prefix(tools: list[Tool]) -> None:
    for tool in tools:
        assert re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_-]{0,63}", PREFIX + tool.name), tool.name
    assert len({tool.name for tool in tools}) == len(tools) <= 128


async def test_argument_names_are_plain(tools: list[Tool]) -> None:
    # Gemini takes letters, digits and underscores, Anthropic 64 characters at most.
    for path, schema in every_part(tools):
        for name in schema.get("properties", {}):
            assert re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}", name), f"{path}.{name}"


async def test_descriptions_fit_the_shortest_limit(tools: list[Tool]) -> None:
    # 1,024 characters were OpenAI's limit for a function, and still are where others speak its protocol.
    for tool in tools:
        assert 0 < len(tool.description or "") <= 1024, tool.name
    for path, schema in every_part(tools):
        assert len(schema.get("description", "")) <= 1024, path


async def test_every_input_is_an_object_with_named_properties(tools: list[Tool]) -> None:
    # Anthropic and OpenAI refuse anything else at the root; OpenAI also an object without properties.
    for tool in tools:
        assert tool.input_schema["type"] == "object", tool.name
        assert "properties" in tool.input_schema, tool.name


async def test_no_schema_has_a_keyword_that_someone_refuses(tools: list[Tool]) -> None:
    # Neither `$ref` (Anthropic), nor unions, constants and exclusive limits (Gemini), nor formats.
    for path, schema in every_part(tools):
        assert isinstance(schema, dict), f"{path} is a bare schema"
        assert set(schema) <= PLAIN, f"{path}: {set(schema) - PLAIN}"


async def test_every_schema_has_exactly_one_type(tools: list[Tool]) -> None:
    kinds = {"object", "array", "string", "number", "integer", "boolean"}
    for path, schema in every_part(tools):
        assert isinstance(schema.get("type"), str) and schema["type"] in kinds, path


async def test_every_array_says_what_is_in_it(tools: list[Tool]) -> None:
    for path, schema in every_part(tools):
        if schema["type"] == "array":
            assert schema["items"].get("type"), path


async def test_choices_are_texts(tools: list[Tool]) -> None:
    # Gemini takes no other choices, and no empty one.
    for path, schema in every_part(tools):
        if "enum" in schema:
            assert schema["type"] == "string", path
            assert schema["enum"] and all(isinstance(one, str) and one for one in schema["enum"]), path


async def test_what_is_required_exists(tools: list[Tool]) -> None:
    for path, schema in every_part(tools):
        required = schema.get("required", [])
        assert set(required) <= set(schema.get("properties", {})), path
        assert len(set(required)) == len(required), path


async def test_patterns_need_no_looking_around(tools: list[Tool]) -> None:
    # The engines behind constrained output know neither lookaround nor back references.
    for path, schema in every_part(tools):
        assert not re.search(r"\(\?|\\[1-9]", schema.get("pattern", "")), path


async def test_array_limits_stay_within_geminis_sum(tools: list[Tool]) -> None:
    # Above about 960 over all arrays Gemini refuses without a reason (googleapis/python-genai issue 2170).
    assert sum(schema.get("maxItems", 0) for _, schema in every_part(tools)) <= 900


async def test_schemas_are_valid_and_so_are_their_defaults(tools: list[Tool]) -> None:
    for tool in tools:
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        if tool.output_schema is not None:
            assert tool.output_schema["type"] == "object", tool.name
            jsonschema.Draft202012Validator.check_schema(tool.output_schema)
    for path, schema in every_part(tools):
        if "default" in schema:
            jsonschema.validate(schema["default"], schema)
            assert schema["default"] is not None, path
