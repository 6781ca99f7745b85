"""Writes the plugin's files from one source: `python packaging/build_plugin.py [DIRECTORY]` (the project).

The project's own folder is the plugin. Hosts find it by different files: Agent Plugins 1.0 (VS Code, Copilot
CLI, Cursor, Kiro, Codex) by `plugin.json` and `mcp.json`, older Codex by `.codex-plugin/plugin.json`, Gemini
CLI by `gemini-extension.json`, Claude Code by `.claude-plugin/`. All of them read `skills/`, a copy of the
skills that the package itself serves. A test holds what is in the project to what this writes.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "wavespeed_mcp_server"

NAME = "wavespeed"
COMMAND = "uvx"
KEY = "WAVESPEED_API_KEY"
WHAT = "Make images, video, audio, 3D and text with WaveSpeedAI's models"
HOMEPAGE = "https://github.com/OWNER/wavespeed-mcp-server"
AUTHOR = {"name": "wavespeed-mcp-server contributors"}
KEYWORDS = ["image", "video", "audio", "3d", "mcp"]
AGENT_PLUGINS = "https://agent-plugins.org/schemas/1.0.0/"


def contents() -> dict[str, str]:
    """What is in each of the plugin's files, by its path in the plugin."""
    objects = {
        "plugin.json": _agent_plugin(),
        "mcp.json": _agent_plugin_servers(),
        ".codex-plugin/plugin.json": _codex(),
        "gemini-extension.json": _gemini(),
        ".claude-plugin/plugin.json": _claude(),
        ".claude-plugin/marketplace.json": _claude_marketplace(),
    }
    texts = {path: json.dumps(found, indent=2, ensure_ascii=False) + "\n" for path, found in objects.items()}
    return texts | dict(_skills())


def build(directory: Path) -> None:
    """Write them all below `directory`."""
    for path, text in contents().items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")


def version() -> str:
    """The package's version, from its file: the package need not be installed here."""
    found = re.search(r'__version__ = "(.+?)"', (PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    assert found is not None
    return found.group(1)


def _about() -> dict[str, Any]:
    return {
        "name": NAME,
        "version": version(),
        "description": f"{WHAT}: tools, and a skill that teaches their use.",
        "author": AUTHOR,
        "homepage": HOMEPAGE,
        "license": "MIT",
        "keywords": KEYWORDS,
    }


def _server(root: str, **more: Any) -> dict[str, Any]:
    """How the server is started from the plugin's own folder, which the host names as `root`."""
    return {"command": COMMAND, "args": ["--from", root, "wavespeed-mcp-server"], **more}


def _agent_plugin() -> dict[str, Any]:
    about = _about()
    return {"$schema": f"{AGENT_PLUGINS}plugin.schema.json", **about, "repository": HOMEPAGE}


def _agent_plugin_servers() -> dict[str, Any]:
    # The format has no reference to the key: the server takes it from the environment, or from a login.
    server = {"type": "stdio", **_server("${PLUGIN_ROOT}")}
    return {"$schema": f"{AGENT_PLUGINS}mcp.schema.json", "mcpServers": {NAME: server}}


def _codex() -> dict[str, Any]:
    shown = {
        "displayName": "WaveSpeedAI",
        "shortDescription": WHAT + ".",
        "developerName": AUTHOR["name"],
        "category": "Creativity",
        "websiteURL": "https://wavespeed.ai",
        "privacyPolicyURL": "https://wavespeed.ai/privacy",
    }
    return {
        **_about(),
        "repository": HOMEPAGE,
        "skills": "./skills/",
        # Codex puts nothing in for a placeholder here, takes `cwd` from the plugin's folder, and passes on no
        # variable but those named.
        "mcpServers": {NAME: _server(".", cwd=".", env_vars=[KEY])},
        "interface": shown,
    }


def _gemini() -> dict[str, Any]:
    about = _about()
    return {
        "name": NAME,
        "version": about["version"],
        "description": about["description"],
        "mcpServers": {NAME: _server("${extensionPath}")},
        "settings": [
            {
                "name": "WaveSpeedAI API key",
                "description": "From https://wavespeed.ai/accesskey; works after a first top-up.",
                "envVar": KEY,
                "sensitive": True,
            }
        ],
    }


def _claude() -> dict[str, Any]:
    description = f"{WHAT}: tools, a skill and a media-making subagent."
    server = _server("${CLAUDE_PLUGIN_ROOT}", env={KEY: "${" + KEY + ":-}"})
    return {**_about(), "description": description, "mcpServers": {NAME: server}}


def _claude_marketplace() -> dict[str, Any]:
    offered = {"name": NAME, "source": "./", "version": version(), "description": WHAT + "."}
    return {
        "name": NAME,
        "description": "WaveSpeedAI for Claude Code.",
        "owner": AUTHOR,
        "plugins": [offered],
    }


def _skills() -> Iterator[tuple[str, str]]:
    folder = PACKAGE / "skills"
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        yield f"skills/{file.relative_to(folder).as_posix()}", file.read_text(encoding="utf-8")


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
