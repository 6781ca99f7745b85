"""The Claude Code plugin: its files say what the host reads, and its server starts from where it lies."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from wavespeed_mcp_server.accounts import one_account
from wavespeed_mcp_server.server import build_server
from wavespeed_mcp_server.settings import Settings

from .project import ROOT, clone, data, text

PROSE = ("skills/wavespeed/SKILL.md", "agents/media-maker.md")
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


def front(name: str) -> dict[str, str]:
    """The lines between the dashes at the top of a Markdown file."""
    found = FRONT.match(text(name))
    assert found is not None
    pairs = (line.partition(": ") for line in found.group(1).split("\n"))
    return {key: value for key, _, value in pairs}


def test_the_marketplace_offers_the_plugin_that_lies_beside_it() -> None:
    (offered,) = data(".claude-plugin/marketplace.json")["plugins"]
    assert offered["name"] == data(".claude-plugin/plugin.json")["name"]
    assert (ROOT / offered["source"] / ".claude-plugin" / "plugin.json").is_file()


@pytest.mark.parametrize("name", PROSE)
def test_skill_and_subagent_are_named_as_their_files_and_say_when_to_use_them(name: str) -> None:
    path = Path(name)
    head = front(name)
    assert head["name"] == (path.parent.name if path.name == "SKILL.md" else path.stem)
    assert "Use" in head["description"]
    # Claude Code cuts descriptions off; the host shows these in a list.
    assert len(head["description"]) < 1000


def test_the_subagent_reads_the_skill_of_the_plugin() -> None:
    assert (ROOT / "skills" / front(PROSE[1])["skills"] / "SKILL.md").is_file()
    assert "tools" not in front(PROSE[1]), "without a list it has every tool, whatever the host names them"


@pytest.mark.parametrize("name", PROSE)
async def test_what_skill_and_subagent_teach_exists(name: str) -> None:
    async with Client(build_server(Settings(), one_account(Settings()))) as client:
        tools = (await client.list_tools()).tools
    known = {tool.name for tool in tools}
    for tool in tools:
        known |= set(tool.input_schema.get("properties", {}))
        known |= set((tool.output_schema or {}).get("properties", {}))
    taught = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)(?::[^`]*)?`", text(name)))
    assert taught - known - {"unpriced_inputs"} == set()
    assert {"list_models", "generate", "check_status", "estimate_price"} <= taught | {"generate"}


@pytest.mark.usefixtures("everything")
async def test_the_plugins_server_starts_from_a_fresh_clone(
    program: Callable[[str, str], str], tmp_path: Path
) -> None:
    program("uvx", "starts the plugin's server")
    entry = data(".claude-plugin/plugin.json")["mcpServers"]["wavespeed"]
    root = str(clone(tmp_path / "plugin"))
    arguments = [word.replace("${CLAUDE_PLUGIN_ROOT}", root) for word in entry["args"]]
    environment = {**os.environ, "HOME": str(tmp_path), "WAVESPEED_API_KEY": ""}
    server = StdioServerParameters(
        command=entry["command"], args=[*arguments, "--sandbox"], env=environment, cwd=tmp_path
    )
    async with Client(server) as client:
        assert not (await client.call_tool("get_balance", {})).is_error


@pytest.mark.usefixtures("everything")
def test_an_entry_that_uvx_writes_starts_uvx(program: Callable[[str, str], str], tmp_path: Path) -> None:
    """What uvx installs passes with its cache, so the entry must not point into it."""

    uvx = program("uvx", "runs the package without installing it")
    environment = {**os.environ, "HOME": str(tmp_path), "UV_CACHE_DIR": str(tmp_path / "cache")}
    command = [uvx, "--from", str(clone(tmp_path / "clone")), "wavespeed-mcp-server", "install", "cursor"]
    subprocess.run(command, env=environment, cwd=tmp_path, check=True)
    written = json.loads((tmp_path / ".cursor" / "mcp.json").read_text(encoding="utf-8"))
    entry = written["mcpServers"]["wavespeed"]
    assert (entry["command"], entry["args"]) == (uvx, ["wavespeed-mcp-server"])
