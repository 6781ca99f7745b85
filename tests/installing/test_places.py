"""Every host's file is looked for where that host reads it."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from wavespeed_mcp_server.grammar import HOST_NAMES
from wavespeed_mcp_server.hosts import HOSTS, Machine, NoSuchPlace, config_files, signs

LINUX = Machine("linux", {}, "/home/ann")
MAC = Machine("darwin", {}, "/Users/ann")
WINDOWS = Machine("win32", {"APPDATA": r"D:\Profiles\ann\Roaming"}, r"C:\Users\ann")
CLINE = "Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"
# Below: Linux's home, macOS' home, Windows' home (or, with a +, %APPDATA%).
EXPECTED = {
    "claude-desktop": (
        ".config/Claude/claude_desktop_config.json",
        "Library/Application Support/Claude/claude_desktop_config.json",
        "+Claude/claude_desktop_config.json",
    ),
    "claude-code": (".claude.json", ".claude.json", ".claude.json"),
    "cursor": (".cursor/mcp.json", ".cursor/mcp.json", ".cursor/mcp.json"),
    "vscode": (
        ".config/Code/User/mcp.json",
        "Library/Application Support/Code/User/mcp.json",
        "+Code/User/mcp.json",
    ),
    "codex": (".codex/config.toml", ".codex/config.toml", ".codex/config.toml"),
    "gemini-cli": (".gemini/settings.json", ".gemini/settings.json", ".gemini/settings.json"),
    "copilot-cli": (".copilot/mcp-config.json", ".copilot/mcp-config.json", ".copilot/mcp-config.json"),
    "opencode": (
        ".config/opencode/opencode.jsonc",
        ".config/opencode/opencode.jsonc",
        ".config/opencode/opencode.jsonc",
    ),
    "windsurf": (
        ".codeium/windsurf/mcp_config.json",
        ".codeium/windsurf/mcp_config.json",
        ".codeium/windsurf/mcp_config.json",
    ),
    "zed": (".config/zed/settings.json", ".config/zed/settings.json", "+Zed/settings.json"),
    "goose": (
        ".config/goose/config.yaml",
        ".config/goose/config.yaml",
        "+Block/goose/config/config.yaml",
    ),
    "kiro": (".kiro/settings/mcp.json", ".kiro/settings/mcp.json", ".kiro/settings/mcp.json"),
    "cline": (f".config/{CLINE}", f"Library/Application Support/{CLINE}", f"+{CLINE}"),
}
MOVED = {
    "claude-code": ("CLAUDE_CONFIG_DIR", "/moved/.claude.json"),
    "codex": ("CODEX_HOME", "/moved/config.toml"),
    "copilot-cli": ("COPILOT_HOME", "/moved/mcp-config.json"),
    "vscode": ("XDG_CONFIG_HOME", "/moved/Code/User/mcp.json"),
    "opencode": ("XDG_CONFIG_HOME", "/moved/opencode/opencode.jsonc"),
    "zed": ("XDG_CONFIG_HOME", "/moved/zed/settings.json"),
    "goose": ("XDG_CONFIG_HOME", "/moved/goose/config.yaml"),
}


def test_the_command_line_knows_exactly_these_hosts() -> None:
    assert list(HOST_NAMES) == list(HOSTS) == list(EXPECTED)


@pytest.mark.parametrize("name", HOSTS)
def test_each_host_has_its_file_on_each_platform(name: str) -> None:
    linux, mac, windows = EXPECTED[name]
    assert config_files(HOSTS[name], LINUX)[0] == PurePosixPath("/home/ann", linux)
    assert config_files(HOSTS[name], MAC)[0] == PurePosixPath("/Users/ann", mac)
    base = r"D:\Profiles\ann\Roaming" if windows.startswith("+") else r"C:\Users\ann"
    found = config_files(HOSTS[name], WINDOWS)[0]
    assert isinstance(found, PureWindowsPath)
    assert found == PureWindowsPath(base, *windows.removeprefix("+").split("/"))


@pytest.mark.parametrize("name", MOVED)
def test_variables_that_move_a_configuration_are_followed(name: str) -> None:
    variable, expected = MOVED[name]
    assert str(config_files(HOSTS[name], Machine("linux", {variable: "/moved"}, "/home/ann"))[0]) == expected
    still = config_files(HOSTS[name], Machine("linux", {variable: "not/absolute"}, "/home/ann"))[0]
    assert still == PurePosixPath("/home/ann", EXPECTED[name][0])


@pytest.mark.parametrize("machine", [LINUX, MAC, WINDOWS], ids=lambda machine: machine.platform)
@pytest.mark.parametrize("name", HOSTS)
def test_a_host_shows_itself_by_something_of_its_own(name: str, machine: Machine) -> None:
    """A directory that every machine has would make `install --all` write for hosts that are not there."""
    common = {machine.path(machine.home), machine.app_data, machine.config, machine.app_data.parent}
    found = signs(HOSTS[name], machine)
    assert found and not common & set(found)
    files = config_files(HOSTS[name], machine)
    assert any(sign in file.parents or sign == file for sign in found for file in files)


def test_the_store_build_of_claude_on_windows_has_a_place_of_its_own() -> None:
    packages = ("Microsoft.Paint_8wek", "Claude_pzs8sxrjxfjjc")
    machine = Machine("win32", {"LOCALAPPDATA": r"E:\Local"}, r"C:\Users\ann", packages)
    assert config_files(HOSTS["claude-desktop"], machine)[0] == PureWindowsPath(
        r"E:\Local\Packages\Claude_pzs8sxrjxfjjc\LocalCache\Roaming\Claude\claude_desktop_config.json"
    )


@pytest.mark.parametrize("appdata", ["", "Roaming", "C:Roaming"])
def test_without_a_usable_appdata_windows_paths_start_at_home(appdata: str) -> None:
    machine = Machine("win32", {"APPDATA": appdata}, r"C:\Users\ann")
    expected = r"C:\Users\ann\AppData\Roaming\Code\User\mcp.json"
    assert str(config_files(HOSTS["vscode"], machine)[0]) == expected


def test_a_project_has_its_own_file_where_the_host_knows_one() -> None:
    found = {}
    for name, host in HOSTS.items():
        if host.project_files:
            found[name] = str(config_files(host, LINUX, "/p")[0])
        else:
            with pytest.raises(NoSuchPlace, match="--project"):
                config_files(host, LINUX, "/p")
    assert found == {
        "claude-code": "/p/.mcp.json",
        "cursor": "/p/.cursor/mcp.json",
        "vscode": "/p/.vscode/mcp.json",
        "codex": "/p/.codex/config.toml",
        "gemini-cli": "/p/.gemini/settings.json",
        "opencode": "/p/opencode.jsonc",
        "zed": "/p/.zed/settings.json",
        "kiro": "/p/.kiro/settings/mcp.json",
    }
