"""What Claude Code is told about tools: which to load, what to find the others by, when to ask the person."""

from __future__ import annotations

from typing import Any

import pytest
from mcp.client import Client

from calling import Connect, MakeSettings
from wavespeed_mcp_server.settings import read_settings

PREFIX = "anthropic/"
SPEND = {"generate", "generate_batch"}


async def hints(client: Client) -> dict[str, dict[str, Any]]:
    """Claude Code's part of every tool's `_meta`."""
    tools = (await client.list_tools()).tools
    return {
        tool.name: {name: value for name, value in (tool.meta or {}).items() if name.startswith(PREFIX)}
        for tool in tools
    }


async def test_the_way_to_a_result_is_loaded_and_everything_else_is_found(client: Client) -> None:
    found = await hints(client)
    loaded = {name for name, one in found.items() if one.get(PREFIX + "alwaysLoad") is True}
    searched = {
        name: one[PREFIX + "searchHint"] for name, one in found.items() if PREFIX + "searchHint" in one
    }
    assert loaded == {"list_models", "generate"}
    assert set(searched) == set(found) - loaded
    assert len(set(searched.values())) == len(searched)
    assert all(0 < len(words) <= 40 for words in searched.values())


@pytest.mark.parametrize("above", [None, 0.0, 1.0])
async def test_a_tool_that_spends_asks_the_person_while_there_is_a_threshold(
    connect: Connect, make_settings: MakeSettings, mode: str, above: float | None
) -> None:
    async with connect(make_settings(confirm_above=above), mode) as client:
        found = await hints(client)
    asks = {name for name, one in found.items() if one.get(PREFIX + "requiresUserInteraction") is True}
    assert asks == (SPEND if above is not None else set())


async def test_a_limit_of_another_kind_asks_nobody(connect: Connect, make_settings: MakeSettings) -> None:
    assert read_settings({"WAVESPEED_CONFIRM_ABOVE": "2"}).confirm_above == 2.0
    async with connect(make_settings(max_price=1.0, daily_budget=5.0)) as client:
        assert not any(PREFIX + "requiresUserInteraction" in one for one in (await hints(client)).values())
