"""Which file each host reads, on each platform, as pure functions.

Sources: the hosts' own documentation; for the Store build of Claude on Windows the issue threads on its
redirected AppData.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath, PurePosixPath, PureWindowsPath

WINDOWS, MACOS = "win32", "darwin"


class NoSuchPlace(Exception):
    """The host has no such file on this machine; the text says what to do."""


@dataclass(frozen=True)
class Host:
    """A program that starts MCP servers. `project_file` is relative to a project, where the host has one."""

    name: str
    title: str
    section: str
    reload: str
    project_file: str = ""
    comments: bool = False


HOSTS = {
    host.name: host
    for host in (
        Host(
            "claude-desktop",
            "Claude Desktop",
            "mcpServers",
            "Quit Claude Desktop fully (not just its window) and open it again.",
        ),
        Host(
            "claude-code",
            "Claude Code",
            "mcpServers",
            "Start a new Claude Code session; /mcp shows the server.",
            project_file=".mcp.json",
        ),
        Host(
            "cursor",
            "Cursor",
            "mcpServers",
            "Open Cursor's settings, section MCP, and switch the server on.",
            project_file=".cursor/mcp.json",
            comments=True,
        ),
        Host(
            "vscode",
            "VS Code",
            "servers",
            "Run `MCP: List Servers` in VS Code's command palette and start it.",
            project_file=".vscode/mcp.json",
            comments=True,
        ),
    )
}


@dataclass(frozen=True)
class Machine:
    """What decides where files are: `sys.platform`, the environment, the home directory.

    `packages` are the names of the folders in Windows' `%LOCALAPPDATA%\\Packages`.
    """

    platform: str
    environment: Mapping[str, str] = field(default_factory=dict)
    home: str = "/"
    packages: tuple[str, ...] = ()

    def path(self, text: str) -> PurePath:
        """`text` as a path of this machine's platform."""
        return PureWindowsPath(text) if self.platform == WINDOWS else PurePosixPath(text)

    def known(self, variable: str, *otherwise: str) -> PurePath:
        """The absolute directory that an environment variable names, else a directory below home."""
        value = self.environment.get(variable, "")
        path = self.path(value)
        return path if value and path.is_absolute() else self.path(self.home).joinpath(*otherwise)

    @property
    def app_data(self) -> PurePath:
        """Where programs keep what is a user's own."""
        if self.platform == WINDOWS:
            return self.known("APPDATA", "AppData", "Roaming")
        if self.platform == MACOS:
            return self.path(self.home) / "Library" / "Application Support"
        return self.known("XDG_CONFIG_HOME", ".config")

    @property
    def store_packages(self) -> PurePath:
        """Where Windows keeps the data of programs from its Store."""
        return self.known("LOCALAPPDATA", "AppData", "Local") / "Packages"


def config_file(host: Host, machine: Machine, project: str = "") -> PurePath:
    """The file of `host` that lists MCP servers: the person's own, or that of the directory `project`.

    Raises:
        NoSuchPlace: the host has no configuration per project.
    """
    if project:
        if not host.project_file:
            raise NoSuchPlace(f"{host.title} has no configuration per project; leave --project out.")
        return machine.path(project) / host.project_file
    home = machine.path(machine.home)
    if host.name == "claude-desktop":
        return _claude_desktop(machine) / "claude_desktop_config.json"
    if host.name == "claude-code":
        return machine.known("CLAUDE_CONFIG_DIR") / ".claude.json"
    if host.name == "cursor":
        return home / ".cursor" / "mcp.json"
    return machine.app_data / "Code" / "User" / "mcp.json"


def _claude_desktop(machine: Machine) -> PurePath:
    """The Store build of Claude does not see %APPDATA%: it is redirected into the package's own folder."""
    if machine.platform == WINDOWS:
        for package in sorted(machine.packages):
            if package.startswith("Claude_"):
                return machine.store_packages / package / "LocalCache" / "Roaming" / "Claude"
    return machine.app_data / "Claude"
