"""Nobody waits for a signature to be read that is not asked for."""

from __future__ import annotations

import pytest
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.tools import Tool

from wavespeed_mcp_server.server.late import LatePrompt, LateTool


def shout(word: str) -> str:
    """Say it loudly."""
    return word.upper()


class Made:
    """Makes a tool and a prompt, and counts."""

    def __init__(self) -> None:
        self.count = 0

    def tool(self) -> Tool:
        self.count += 1
        return Tool.from_function(shout, title="Shout")

    def prompt(self) -> Prompt:
        self.count += 1
        return Prompt.from_function(shout, title="Shout")


def test_a_tool_is_made_once_and_is_the_one_that_was_meant() -> None:
    made = Made()
    late = LateTool.named("shout", made.tool)
    assert late.name == "shout"
    assert made.count == 0
    assert late.title == "Shout"
    assert late.parameters["required"] == ["word"]
    assert late.output_schema
    assert made.count == 1
    assert vars(late).keys() == {*vars(made.tool()), "output_schema"}


def test_what_a_tool_does_not_have_is_not_there() -> None:
    late = LateTool.named("shout", Made().tool)
    with pytest.raises(AttributeError, match="loudness"):
        _ = late.loudness
    assert late.is_async is False


def test_a_tool_that_cannot_be_made_says_so_to_whoever_asks() -> None:
    def broken() -> Tool:
        raise ToolError("no signature")

    late = LateTool.named("shout", broken)
    for _ in range(2):
        with pytest.raises(ToolError, match="no signature"):
            _ = late.description


def test_a_prompt_is_made_when_it_is_looked_at() -> None:
    made = Made()
    late = LatePrompt.named("shout", made.prompt)
    assert (late.name, made.count) == ("shout", 0)
    assert late.arguments is not None
    assert [one.name for one in late.arguments] == ["word"]
    assert made.count == 1
