"""The plugin: its files say what each host reads, and its server starts from where it lies."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from wavespeed_mcp_server.accounts import one_account
from wavespeed_mcp_server.server import build_server
from wavespeed_mcp_server.settings import Settings

from .project import PACKAGING, ROOT, clone, data, text

PROSE = ("skills/wavespeed/SKILL.md", "agents/media-maker.md")
FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


def front(name: str) -> dict[str, str]:
    """The lines between the dashes at the top of a Markdown file."""
    found = FRONT.match(text(name))
    assert found is not None
    pairs = (line.partition(": ") for line in found.group(1).split("\n"))
    return {key: value for key, _, value in pairs}


# The rules of Agent Plugins 1.0.0 for its two files, sections 5 and 7.2 of the specification.
TEXT = {"type": "string"}
SCHEMAS = "https://agent-plugins.org/schemas/1.0.0/"
MANIFEST = {
    "type": "object",
    "required": ["$schema", "name"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"const": SCHEMAS + "plugin.schema.json"},
        "name": {**TEXT, "maxLength": 64, "pattern": r"^(?!.*(--|\.\.))[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"},
        **dict.fromkeys(("version", "description", "homepage", "repository", "license"), TEXT),
        "author": {
            "type": "object",
            "additionalProperties": False,
            "properties": dict.fromkeys(("name", "email", "url"), TEXT),
        },
        "keywords": {"type": "array", "items": TEXT},
        "extensions": {"type": "object", "additionalProperties": {"type": "object"}},
    },
}
STDIO = {
    "type": "object",
    "required": ["type", "command"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "stdio"},
        "command": {**TEXT, "pattern": r"^(\./.+|[^/\\\s$]+)$"},
        "args": {"type": "array", "items": TEXT},
        "env": {
            "type": "object",
            "propertyNames": {"not": {"enum": ["PLUGIN_ROOT", "PLUGIN_DATA"]}},
            "additionalProperties": TEXT,
        },
        "cwd": {**TEXT, "pattern": r"^(\./|\$\{PLUGIN_(ROOT|DATA)\}(/|$))"},
    },
}
SERVERS = {
    "type": "object",
    "required": ["$schema", "mcpServers"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"const": SCHEMAS + "mcp.schema.json"},
        "mcpServers": {"type": "object", "additionalProperties": STDIO},
    },
}
# Where each host finds how to start the server, and what it writes for the plugin's folder.
STARTS = {
    "mcp.json": "${PLUGIN_ROOT}",
    ".codex-plugin/plugin.json": "",
    "gemini-extension.json": "${extensionPath}",
    ".claude-plugin/plugin.json": "${CLAUDE_PLUGIN_ROOT}",
}


def test_every_file_of_the_plugin_is_what_the_one_source_writes(tmp_path: Path) -> None:
    """After a change: python packaging/build_plugin.py."""
    subprocess.run([sys.executable, str(PACKAGING / "build_plugin.py"), str(tmp_path)], check=True)
    written = {one.relative_to(tmp_path) for one in tmp_path.rglob("*") if one.is_file()}
    for path in written:
        assert (ROOT / path).read_bytes() == (tmp_path / path).read_bytes(), path
    folders = ("skills", ".claude-plugin", ".codex-plugin")
    there = {one.relative_to(ROOT) for name in folders for one in (ROOT / name).rglob("*") if one.is_file()}
    assert there == {path for path in written if path.parts[0] in folders}
    assert {path.name for path in written - there} == {"plugin.json", "mcp.json", "gemini-extension.json"}


@pytest.mark.parametrize(("file", "schema"), [("plugin.json", MANIFEST), ("mcp.json", SERVERS)])
def test_the_files_of_the_agent_plugins_format_fit_its_schemas(file: str, schema: dict[str, Any]) -> None:
    jsonschema.validate(data(file), schema)


def test_the_manifest_of_codex_names_what_is_there() -> None:
    manifest = data(".codex-plugin/plugin.json")
    assert manifest["skills"].startswith("./") and (ROOT / manifest["skills"]).is_dir()
    assert set(manifest["interface"]) <= {
        "displayName",
        "shortDescription",
        "developerName",
        "category",
        "websiteURL",
        "privacyPolicyURL",
    }


def test_the_extension_of_gemini_asks_for_the_key() -> None:
    extension = data("gemini-extension.json")
    assert re.fullmatch(r"[a-z0-9-]+", extension["name"])
    assert [one["envVar"] for one in extension["settings"] if one["sensitive"]] == ["WAVESPEED_API_KEY"]
    assert "trust" not in extension["mcpServers"]["wavespeed"]


def test_no_manifest_carries_a_key() -> None:
    for file in STARTS:
        environment = data(file)["mcpServers"]["wavespeed"].get("env", {})
        assert set(environment.values()) <= {"${WAVESPEED_API_KEY:-}"}


def test_the_skill_that_is_served_is_the_skill_of_the_plugin() -> None:
    served = files("wavespeed_mcp_server").joinpath("skills", "wavespeed", "SKILL.md").read_bytes()
    assert (ROOT / "skills" / "wavespeed" / "SKILL.md").read_bytes() == served


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
@pytest.mark.parametrize("file", STARTS)
async def test_the_plugins_server_starts_from_a_fresh_clone(
    file: str, program: Callable[[str, str], str], tmp_path: Path
) -> None:
    """As each host starts it: its placeholder filled in, or in the folder that the entry names."""
    program("uvx", "starts the plugin's server")
    entry = data(file)["mcpServers"]["wavespeed"]
    root = clone(tmp_path / "plugin")
    arguments = [word.replace(STARTS[file], str(root)) if STARTS[file] else word for word in entry["args"]]
    environment = {**os.environ, "HOME": str(tmp_path), "WAVESPEED_API_KEY": ""}
    server = StdioServerParameters(
        command=entry["command"],
        args=[*arguments, "--sandbox"],
        env=environment,
        cwd=root / entry["cwd"] if "cwd" in entry else tmp_path,
    )
    async with Client(server) as client:
        assert not (await client.call_tool("get_balance", {})).is_error


@pytest.mark.usefixtures("everything")
def test_an_entry_that_uvx_writes_starts_uvx(program: Callable[[str, str], str], tmp_path: Path) -> None:
    """What uvx installs passes with its cache, so the entry names where it came from instead."""
    uvx = program("uvx", "runs the package without installing it")
    environment = {**os.environ, "HOME": str(tmp_path), "UV_CACHE_DIR": str(tmp_path / "cache")}
    checkout = clone(tmp_path / "clone")
    command = [uvx, "--from", str(checkout), "wavespeed-mcp-server", "install", "cursor"]
    subprocess.run(command, env=environment, cwd=tmp_path, check=True)
    written = json.loads((tmp_path / ".cursor" / "mcp.json").read_text(encoding="utf-8"))
    entry = written["mcpServers"]["wavespeed"]
    source = f"wavespeed-mcp-server @ {checkout.as_uri()}"
    assert (entry["command"], entry["args"]) == (uvx, ["--from", source, "wavespeed-mcp-server"])
