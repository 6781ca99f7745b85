"""The Claude Desktop bundle, packed by the official tool and started as a host starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from calling import call, refusal
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.setting_names import MEANINGS
from wavespeed_mcp_server.settings import read_settings

from .project import PACKAGING, ROOT, data

# How a host works out what to start: the official library's own function.
RESOLVE = """
import { getMcpConfigForManifest } from "@anthropic-ai/mcpb";
const { manifest, extensionPath, userConfig } = JSON.parse(process.argv[1]);
console.log(JSON.stringify(await getMcpConfigForManifest({
    manifest, extensionPath, userConfig, systemDirs: { HOME: "/home/ann" }, pathSeparator: "/",
})));
"""


@pytest.fixture
def bundle(program: Callable[[str, str], str], tmp_path: Path) -> Path:
    """The bundle, validated, packed and unpacked again."""
    program("mcpb", "packs the bundle")
    packed = tmp_path / "packed"
    subprocess.run([sys.executable, str(PACKAGING / "build_mcpb.py"), str(packed)], check=True)
    (archive,) = packed.iterdir()
    assert archive.name == f"wavespeed-mcp-server-{data('packaging/manifest.json')['version']}.mcpb"
    with zipfile.ZipFile(archive) as file:
        file.extractall(tmp_path / "bundle")
    return tmp_path / "bundle"


def resolved(node: str, bundle: Path, user_config: dict[str, Any]) -> Any:
    """What a host starts for this person's settings."""
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    question = {"manifest": manifest, "extensionPath": str(bundle), "userConfig": user_config}
    command = [node, "--input-type=module", "-e", RESOLVE, json.dumps(question)]
    done = subprocess.run(command, cwd=PACKAGING, check=True, capture_output=True, text=True)
    return json.loads(done.stdout) if done.stdout.strip() != "undefined" else None


def test_the_bundle_holds_the_source_and_nothing_that_was_built(bundle: Path) -> None:
    assert {one.name for one in bundle.iterdir()} == {
        "manifest.json",
        "start.py",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "src",
    }
    assert not list(bundle.rglob("*.pyc"))
    shipped = {str(one.relative_to(bundle)) for one in (bundle / "src").rglob("*.py")}
    assert shipped == {str(one.relative_to(ROOT)) for one in (ROOT / "src").rglob("*.py")}


def test_every_setting_of_the_bundle_is_one_of_the_server_and_is_passed_on() -> None:
    manifest = data("packaging/manifest.json")
    passed = manifest["server"]["mcp_config"]["env"]
    assert set(passed) <= set(MEANINGS)
    assert set(passed.values()) == {f"${{user_config.{name}}}" for name in manifest["user_config"]}
    assert [name for name, one in manifest["user_config"].items() if one.get("sensitive")] == ["api_key"]
    assert [name for name, one in manifest["user_config"].items() if one["required"]] == ["api_key"]


def test_a_host_does_not_start_it_without_a_key(bundle: Path, program: Callable[[str, str], str]) -> None:
    assert resolved(program("node", "runs the official library"), bundle, {}) is None


def test_settings_that_were_left_empty_count_as_unset(
    bundle: Path, program: Callable[[str, str], str]
) -> None:
    """A host leaves `${user_config.x}` where the person gave nothing."""
    config = resolved(program("node", "runs the official library"), bundle, {"api_key": "k"})
    assert config["env"]["WAVESPEED_MAX_PRICE"] == "${user_config.max_price}"
    settings = read_settings(config["env"])
    assert settings.api_key == "k"
    assert (settings.max_price, settings.daily_budget, settings.output_dir) == (None, None, None)
    assert settings.problems == {}


@pytest.mark.usefixtures("everything")
async def test_the_bundle_serves_when_started_as_a_host_does(
    bundle: Path, program: Callable[[str, str], str], sandbox: Sandbox, tmp_path: Path
) -> None:
    """Unpacked, settings filled in by the official library, in an environment with little more than PATH."""
    program("uv", "is brought along by the host")
    key = sandbox.key or ""
    given = {"api_key": key, "output_dir": str(tmp_path / "out"), "max_price": 0.05}
    config = resolved(program("node", "runs the official library"), bundle, given)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        **{name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_", "SSL_"))},
        **config["env"],
        "WAVESPEED_BASE_URL": sandbox.url,
    }
    server = StdioServerParameters(command=config["command"], args=config["args"], env=environment, cwd="/")
    async with Client(server) as client:
        made = await call(client, "generate", model="sandbox/paint", input={"prompt": "a cat"}, save=True)
        dear = {"prompt": "waves", "duration": 10}
        no = await refusal(client, "generate", model="sandbox/film-2.1/text-to-video", input=dear)
    assert [Path(path).parent for path in made["saved"]] == [tmp_path / "out"]
    assert "WAVESPEED_MAX_PRICE" in no
