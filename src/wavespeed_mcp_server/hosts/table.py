"""The hosts that are known, one row of facts each: where their configuration is, what an entry says.

Sources: each host's own documentation and source; for the Store build of Claude on Windows the issue threads
on its redirected AppData. A fact that a host changes is changed here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from .machine import MACOS, WINDOWS, Machine, Place

KEY = "WAVESPEED_API_KEY"
INPUT = "wavespeed-api-key"
LINUX = "linux"
IN_THE_FILE = f"Put your key between the quotes of {KEY} in that file."
CODE_USER = "Code/User"
CLINE = f"{CODE_USER}/globalStorage/saoudrizwan.claude-dev"


class NoSuchPlace(Exception):
    """The host has no such file on this machine; the text says what to do."""


@dataclass(frozen=True)
class Host:
    """A program that starts MCP servers.

    `files` are where its configuration may be, the one to make first; `signs` are what shows that it is used
    on a machine. `section` is the member that lists servers. An entry has the fields of `fixed`, and says how
    to start a server under `command` (with the arguments in the same list if `joined`) and `environment`.

    `key` is what stands there for the key, as this host replaces it when it starts a server; None: the
    variable is left out, because the host passes its own environment on, or (`passes`) those it is told to.
    `key_advice` says so to a person. `workspace` is the host's variable for the open folder; where the host
    starts nothing that names it while no folder is open (`needs_workspace`), only a project's file does.
    """

    name: str
    title: str
    files: tuple[Place, ...]
    signs: tuple[Place, ...]
    section: str
    reload: str
    syntax: str = "jsonc"
    project_files: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    command: str = "command"
    joined: bool = False
    environment: str = "env"
    key: str | None = ""
    key_advice: str = IN_THE_FILE
    passes: str = ""
    workspace: str = ""
    needs_workspace: bool = False


_ROWS = (
    Host(
        "claude-desktop",
        "Claude Desktop",
        files=(Place("claude", "claude_desktop_config.json"),),
        signs=(Place("claude", ""),),
        section="mcpServers",
        reload="Quit Claude Desktop fully (not just its window) and open it again.",
        syntax="json",
    ),
    Host(
        "claude-code",
        "Claude Code",
        files=(Place("home", ".claude.json", moved_by="CLAUDE_CONFIG_DIR", moved=0),),
        signs=(
            Place("home", ".claude", moved_by="CLAUDE_CONFIG_DIR"),
            Place("home", ".claude.json", moved_by="CLAUDE_CONFIG_DIR", moved=0),
        ),
        section="mcpServers",
        reload="Start a new Claude Code session; /mcp shows the server.",
        syntax="json",
        project_files=(".mcp.json",),
        fixed={"type": "stdio"},
        key="${" + KEY + ":-}",
        key_advice=f"Claude Code passes on {KEY} from the environment that it is started in.",
    ),
    Host(
        "cursor",
        "Cursor",
        files=(Place("home", ".cursor/mcp.json"),),
        signs=(Place("home", ".cursor"),),
        section="mcpServers",
        reload="Open Cursor's settings, section MCP, and switch the server on.",
        project_files=(".cursor/mcp.json",),
        key="${env:" + KEY + "}",
        key_advice=f"Cursor passes on {KEY} from the environment that it is started in; "
        "or put the key there in its place.",
        workspace="${workspaceFolder}",
    ),
    Host(
        "vscode",
        "VS Code",
        files=(Place("app_data", f"{CODE_USER}/mcp.json"),),
        signs=(Place("app_data", CODE_USER),),
        section="servers",
        reload="Run `MCP: List Servers` in VS Code's command palette and start it. "
        "Of a folder it learns only from the folder's own file: `install vscode --project DIR`.",
        project_files=(".vscode/mcp.json",),
        fixed={"type": "stdio"},
        key="${input:" + INPUT + "}",
        key_advice="VS Code asks for your key when it starts the server, and keeps it encrypted.",
        workspace="${workspaceFolder}",
        needs_workspace=True,
    ),
    Host(
        "codex",
        "Codex",
        files=(Place("home", ".codex/config.toml", moved_by="CODEX_HOME"),),
        signs=(Place("home", ".codex", moved_by="CODEX_HOME"),),
        section="mcp_servers",
        reload="Start a new Codex session; /mcp shows the server.",
        syntax="toml",
        project_files=(".codex/config.toml",),
        # Its own limits are 10 s for a start and 60 s for a call; a long upload needs more.
        fixed={"startup_timeout_sec": 60, "tool_timeout_sec": 600},
        key=None,
        key_advice=f"Codex passes on {KEY} from the environment that it is started in.",
        passes="env_vars",
    ),
    Host(
        "gemini-cli",
        "Gemini CLI",
        files=(Place("home", ".gemini/settings.json"),),
        signs=(Place("home", ".gemini"),),
        section="mcpServers",
        reload="Start a new Gemini CLI session; /mcp shows the server.",
        project_files=(".gemini/settings.json",),
        key="${" + KEY + "}",
        key_advice=f"Gemini CLI passes on {KEY} from the environment that it is started in.",
    ),
    Host(
        "copilot-cli",
        "Copilot CLI",
        files=(Place("home", ".copilot/mcp-config.json", moved_by="COPILOT_HOME"),),
        signs=(Place("home", ".copilot", moved_by="COPILOT_HOME"),),
        section="mcpServers",
        reload="Start a new Copilot CLI session; /mcp show lists the server.",
        fixed={"type": "local", "tools": ["*"]},
        key="${" + KEY + "}",
        key_advice=f"Copilot CLI passes on {KEY} from the environment that it is started in.",
    ),
    Host(
        "opencode",
        "OpenCode",
        files=(
            Place("config", "opencode/opencode.jsonc"),
            Place("config", "opencode/opencode.json"),
        ),
        signs=(Place("config", "opencode"),),
        section="mcp",
        reload="Start OpenCode again.",
        project_files=("opencode.jsonc", "opencode.json"),
        fixed={"type": "local", "enabled": True},
        joined=True,
        environment="environment",
        key="{env:" + KEY + "}",
        key_advice=f"OpenCode passes on {KEY} from the environment that it is started in.",
    ),
    Host(
        "windsurf",
        "Windsurf",
        files=(Place("home", ".codeium/windsurf/mcp_config.json"),),
        signs=(Place("home", ".codeium/windsurf"),),
        section="mcpServers",
        reload="Press Refresh in Windsurf's list of MCP servers.",
        key="${env:" + KEY + "}",
        key_advice=f"Windsurf passes on {KEY} from the environment that it is started in; "
        "or put the key there in its place.",
    ),
    Host(
        "zed",
        "Zed",
        files=(
            Place("app_data", "Zed/settings.json", platforms=(WINDOWS,)),
            Place("config", "zed/settings.json", platforms=(LINUX,)),
            Place("home", ".config/zed/settings.json", platforms=(MACOS,)),
        ),
        signs=(
            Place("app_data", "Zed", platforms=(WINDOWS,)),
            Place("config", "zed", platforms=(LINUX,)),
            Place("home", ".config/zed", platforms=(MACOS,)),
        ),
        section="context_servers",
        reload="Zed starts it by itself; its agent panel lists the server.",
        project_files=(".zed/settings.json",),
        fixed={"source": "custom"},
        key=None,
        key_advice=f"Zed passes on {KEY} from the environment that it is started in; "
        "or add it to the entry's env.",
    ),
    Host(
        "goose",
        "Goose",
        files=(
            Place("app_data", "Block/goose/config/config.yaml", platforms=(WINDOWS,)),
            Place("config", "goose/config.yaml", platforms=(LINUX, MACOS)),
        ),
        signs=(
            Place("app_data", "Block/goose/config", platforms=(WINDOWS,)),
            Place("config", "goose", platforms=(LINUX, MACOS)),
        ),
        section="extensions",
        reload="Start a new Goose session.",
        syntax="yaml",
        fixed={
            "type": "stdio",
            "name": "wavespeed",
            "description": "WaveSpeedAI: images, video, audio, 3D and text",
            "enabled": True,
            "timeout": 600,
        },
        command="cmd",
        environment="envs",
        key=None,
        key_advice=f"Goose passes on {KEY} from the environment that it is started in; "
        "or add it to the entry's envs.",
    ),
    Host(
        "kiro",
        "Kiro",
        files=(Place("home", ".kiro/settings/mcp.json"),),
        signs=(Place("home", ".kiro"),),
        section="mcpServers",
        reload="Kiro connects by itself; its MCP panel lists the server.",
        project_files=(".kiro/settings/mcp.json",),
        key="${" + KEY + "}",
        key_advice=f"Kiro passes on {KEY} from the environment that it is started in, once you approve it; "
        "or put the key there in its place.",
    ),
    Host(
        "cline",
        "Cline",
        files=(
            Place("app_data", f"{CLINE}/settings/cline_mcp_settings.json"),
            Place("home", ".cline/data/settings/cline_mcp_settings.json", moved_by="CLINE_DIR"),
        ),
        signs=(Place("app_data", CLINE), Place("home", ".cline", moved_by="CLINE_DIR")),
        section="mcpServers",
        reload="Cline connects by itself; its MCP panel lists the server.",
        # Cline's own limit is 60 s for a call; a long upload needs more.
        fixed={"disabled": False, "timeout": 600},
    ),
)

HOSTS = {host.name: host for host in _ROWS}


def config_files(host: Host, machine: Machine, project: str = "") -> list[PurePath]:
    """The files in which `host` may list MCP servers, the one to make first: the person's own, or those of
    the directory `project`.

    Raises:
        NoSuchPlace: the host has no configuration per project, or does not exist on this platform.
    """
    if project:
        if not host.project_files:
            raise NoSuchPlace(f"{host.title} has no configuration per project; leave --project out.")
        return [machine.path(project) / name for name in host.project_files]
    found = [path for place in host.files if (path := place.on(machine)) is not None]
    if not found:
        raise NoSuchPlace(f"Where {host.title} keeps its configuration on {machine.platform} is not known.")
    return found


def signs(host: Host, machine: Machine) -> list[PurePath]:
    """What there is on a machine where `host` is used: any of these."""
    return [path for place in host.signs if (path := place.on(machine)) is not None]
