"""What the README says is so: its tables, its links, its commands."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from mcp.client import Client

from starting import run_process
from wavespeed_mcp_server.accounts import one_account
from wavespeed_mcp_server.grammar import parser
from wavespeed_mcp_server.hosts import HOSTS, Machine, Server, changes, config_files
from wavespeed_mcp_server.hosts.launch import Launch
from wavespeed_mcp_server.sandbox import Sandbox, running
from wavespeed_mcp_server.sandbox.media import png
from wavespeed_mcp_server.server import build_server
from wavespeed_mcp_server.setting_names import MEANINGS
from wavespeed_mcp_server.settings import Settings

from .project import ROOT, clone, data, text

README = text("README.md")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "llms-install.md")
UVX = Server(Launch("uvx", ("wavespeed-mcp-server",)))


def section(title: str) -> str:
    """What stands under a heading of the README."""
    found = re.search(rf"^##+ {title}\n(.*?)(?=^## |\Z)", README, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found.group(1)


def rows(title: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def commands(title: str) -> list[str]:
    """The lines of the shell blocks under a heading."""
    blocks = re.findall(r"```sh\n(.*?)```", section(title), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def link(label: str) -> dict[str, str]:
    """The query of the README's link with that label."""
    found = re.search(rf"\[{label}\]\((\S+)\)", README)
    assert found is not None
    return {name: values[0] for name, values in parse_qs(urlsplit(found.group(1)).query).items()}


async def test_the_tool_table_is_what_the_server_offers() -> None:
    async with Client(build_server(Settings(), one_account(Settings()))) as client:
        tools = (await client.list_tools()).tools
    offered = [[tool.name, *tool.input_schema.get("properties", {})] for tool in tools]
    assert [re.findall(r"`(\w+)`", row[0] + row[1]) for row in rows("Tools")] == offered


async def test_the_prompts_named_are_those_of_the_server() -> None:
    async with Client(build_server(Settings(), one_account(Settings()))) as client:
        offered = {prompt.name for prompt in (await client.list_prompts()).prompts}
    said = re.search(r"slash commands.*?: (.*?)\.\n", section("Tools"), re.DOTALL)
    assert said is not None
    assert set(re.findall(r"`(\w+)`", said.group(1))) == offered


def test_the_settings_table_is_what_the_settings_mean() -> None:
    plain = {row[0].strip("`"): re.sub(r"[`<>]", "", row[1]) for row in rows("Settings")}
    assert plain == dict(MEANINGS)


def test_the_example_configuration_is_the_one_in_the_readme_and_in_the_code() -> None:
    example = data("claude_desktop_config.example.json")
    (shown,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    assert json.loads(shown) == example
    entry = example["mcpServers"]["wavespeed"]
    installed = json.loads(changes("", HOSTS["claude-desktop"], UVX))["mcpServers"]["wavespeed"]
    assert (entry["command"], entry["args"]) == (installed["command"], installed["args"])
    assert set(installed["env"]) <= set(entry["env"]) <= set(MEANINGS)


def test_the_table_of_hosts_is_what_install_knows() -> None:
    machine = Machine("darwin", {}, "~")
    expected = [
        [host.title, host.name, str(config_files(host, machine)[0]), (*host.project_files, "")[0]]
        for host in HOSTS.values()
    ]
    assert [[cell.strip("`") for cell in row] for row in rows("Set-up")] == expected


def test_an_agent_that_installs_is_told_every_host() -> None:
    (said,) = re.findall(r"The names are (.*?);", text("llms-install.md"), re.DOTALL)
    assert re.findall(r"`([a-z-]+)`", said) == list(HOSTS)


def test_the_link_for_cursor_installs_the_same_entry() -> None:
    query = link("Add to Cursor")
    assert query["name"] == "wavespeed"
    installed = json.loads(changes("", HOSTS["cursor"], UVX))["mcpServers"]["wavespeed"]
    assert json.loads(base64.b64decode(query["config"])) == installed


def test_the_link_for_vs_code_installs_the_same_entry_and_asks_for_the_key() -> None:
    query = link("Add to VS Code")
    installed = json.loads(changes("", HOSTS["vscode"], UVX))
    assert query["name"] == "wavespeed"
    assert json.loads(query["config"]) == installed["servers"]["wavespeed"]
    assert json.loads(query["inputs"]) == installed["inputs"]


@pytest.mark.parametrize("page", PAGES)
def test_links_within_the_project_lead_somewhere(page: str) -> None:
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text(page).splitlines()
        if line.startswith("#")
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if target.startswith("#"):
            assert target[1:] in headings
        elif not target.startswith("https://"):
            assert (ROOT / target).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_every_command_named_exists(page: str) -> None:
    verbs = re.findall(r"^    ([a-z]+)\b", parser().format_help(), re.MULTILINE)
    named = set(re.findall(r"wavespeed-mcp-server ([a-z]+)\b", re.sub(r"docker run.*", "", text(page))))
    assert {"generate", "serve"} <= set(verbs)
    assert named - {"install"} <= set(verbs) | {"for"}
    hosts = set(re.findall(r"wavespeed-mcp-server (?:un)?install ([a-z][a-z-]+)", text(page)))
    assert hosts <= set(HOSTS)


def model(model_id: str, **properties: Any) -> dict[str, Any]:
    """A catalog entry of the API's form."""
    schema = {"type": "object", "properties": properties, "required": sorted(properties)}
    shape = {"type": "model_run", "method": "POST", "request_schema": schema}
    return {
        "model_id": model_id,
        "name": model_id,
        "base_price": 0.01,
        "description": model_id,
        "type": "text-to-image",
        "api_schema": {"api_schemas": [shape]},
    }


@pytest.mark.parametrize("line", commands("Command line"))
async def test_each_command_works_as_typed(line: str, tmp_path: Path) -> None:
    """In a directory with a picture, against a stand-in that has the models named."""
    (tmp_path / "cat.png").write_bytes(png.card(32, 32, bytes(32)))
    words = {"prompt": {"type": "string"}}
    catalog = [
        model("wavespeed-ai/flux-dev", **words),
        model("wavespeed-ai/flux-kontext-pro", image={"type": "string", "format": "uri"}, **words),
    ]
    (tmp_path / "catalog.json").write_text(json.dumps({"code": 200, "data": catalog}), encoding="utf-8")
    program, *arguments = shlex.split(line)
    assert program == "wavespeed-mcp-server"
    async with running(Sandbox(key="k", catalog_file=tmp_path / "catalog.json")) as sandbox:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "WAVESPEED_API_KEY": "k",
            "WAVESPEED_BASE_URL": sandbox.url,
        }
        command = [sys.executable, "-m", "wavespeed_mcp_server", *arguments]
        done = await run_process(command, env=environment, cwd=tmp_path)
    assert (done.returncode, done.stderr.decode()) == (0, "")


@pytest.mark.ci
@pytest.mark.usefixtures("everything")
def test_the_two_commands_of_the_first_screen_work_in_either_order(tmp_path: Path) -> None:
    """As typed, in a fresh clone, with no more than Python; few of the tests, or this would not end."""
    demo, tests = re.findall(r"```sh\n(.*?)\n```", README.split("\n## ")[0])
    place = clone(tmp_path / "clone")
    python = Path(sys.executable).resolve().parent
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    environment = {**kept, "HOME": str(tmp_path), "PATH": f"{python}:/usr/bin:/bin"}
    few = {"PYTEST_ADDOPTS": "tests/packaged/test_versions.py"}
    for order in ((demo, tests, demo), (tests,)):
        for line in order:
            done = subprocess.run(
                ["sh", "-c", line], cwd=place, env={**environment, **few}, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stdout + done.stderr
        subprocess.run(["rm", "-r", str(place / ".venv")], check=True)
