"""`install` and `uninstall` as they are typed."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from wavespeed_mcp_server import cli
from wavespeed_mcp_server.commands import installing
from wavespeed_mcp_server.hosts import HOSTS, KEY, Machine, signs, started

from .files import entry_in, file_of

SECRET = "wsk_a-very-secret-key"


@pytest.mark.parametrize("name", HOSTS)
def test_the_command_makes_missing_files_private_and_says_what_to_do_next(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["install", name, "--max-price", "0.5"]) == 0
    said = capsys.readouterr().out
    path = file_of(name, home)
    assert path.is_relative_to(home)
    assert str(path) in said and HOSTS[name].reload in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = started(entry_in(name, path.read_text(encoding="utf-8")), HOSTS[name])
    assert found.environment["WAVESPEED_MAX_PRICE"] == "0.5"
    assert Path(found.command).is_absolute()


def test_a_dry_run_shows_the_entry_and_writes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["install", "cursor", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert '+    "wavespeed": {' in said and "Nothing was written" in said
    assert list(home.iterdir()) == []


def test_the_key_is_written_only_when_asked_and_never_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    path = home / ".cursor" / "mcp.json"
    assert cli.main(["install", "cursor"]) == 0
    assert SECRET not in path.read_text(encoding="utf-8")
    assert cli.main(["install", "cursor", "--with-key"]) == 0
    assert SECRET in path.read_text(encoding="utf-8")
    assert cli.main(["install", "cursor", "--wait-seconds", "30"]) == 0
    assert SECRET in path.read_text(encoding="utf-8")
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err


def test_other_servers_secrets_are_not_shown(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = home / ".cursor" / "mcp.json"
    path.parent.mkdir()
    path.write_text('{"mcpServers": {"x": {"env": {"TOKEN": "theirs"}}}}', encoding="utf-8")
    assert cli.main(["install", "cursor"]) == 0
    assert "theirs" not in capsys.readouterr().out
    assert "theirs" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cursor", "--with-key"], "not set"),
        (["cursor", "--max-price", "cheap"], "WAVESPEED_MAX_PRICE"),
        (["claude-desktop", "--project", "."], "--project"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_written(
    words: list[str], said: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["install", *words]) != 0
    assert said in capsys.readouterr().err
    assert list(home.iterdir()) == []


def test_the_key_is_not_written_where_others_read(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    assert cli.main(["install", "vscode", "--with-key", "--project", str(home)]) == 1
    assert "shared" in capsys.readouterr().err
    assert cli.main(["install", "vscode", "--project", str(home)]) == 0
    assert SECRET not in (home / ".vscode" / "mcp.json").read_text(encoding="utf-8")


def test_a_broken_configuration_is_named_and_left_alone(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = home / ".claude.json"
    path.write_text('{"a": }', encoding="utf-8")
    assert cli.main(["install", "claude-code"]) == 1
    said = capsys.readouterr().err
    assert str(path) in said and "line 1, column 7" in said
    assert path.read_text(encoding="utf-8") == '{"a": }'
    assert list(home.iterdir()) == [path]


def test_a_byte_order_mark_stays_where_it_was(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = home / ".claude.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert cli.main(["install", "claude-code"]) == 0
    assert path.read_bytes().startswith(b'\xef\xbb\xbf{"a": 1')
    assert json.loads(path.read_text(encoding="utf-8-sig"))["a"] == 1


def test_store_programs_are_looked_up_where_windows_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "AppData" / "Local" / "Packages" / "Claude_x1").mkdir(parents=True)
    assert installing.machine("linux", {"LOCALAPPDATA": "/nowhere"}, tmp_path).packages == ()
    assert installing.machine("win32", {}, tmp_path).home == str(tmp_path)
    assert installing.machine(
        "linux", {"LOCALAPPDATA": str(tmp_path / "AppData" / "Local")}, tmp_path
    ).packages == ("Claude_x1",)


@pytest.mark.parametrize("name", HOSTS)
def test_a_file_is_as_it_was_after_install_and_uninstall(name: str, home: Path) -> None:
    """Mark, line ends, no last line end, a mode, a link: over the command, with a change in between."""
    before = {
        "toml": b'# mine\r\n[a]\r\nb = "\xc3\xa9"',
        "yaml": b"# mine\r\na:\r\n    - '\xc3\xa9'",
    }.get(HOSTS[name].syntax, b'{\r\n\t"z": "\xc3\xa9",\r\n\t"a":1.50}')
    real, path = home / "dotfiles" / "config", file_of(name, home)
    real.parent.mkdir()
    real.write_bytes(b"\xef\xbb\xbf" + before)
    real.chmod(0o640)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(real)
    assert cli.main(["install", name]) == 0
    assert real.read_bytes().startswith(b"\xef\xbb\xbf") and b"wavespeed" in real.read_bytes()
    assert cli.main(["install", name, "--max-price", "0.5"]) == 0
    assert cli.main(["uninstall", name]) == 0
    assert real.read_bytes() == b"\xef\xbb\xbf" + before
    assert path.is_symlink() and stat.S_IMODE(real.stat().st_mode) == 0o640


@pytest.mark.parametrize("name", HOSTS)
def test_a_file_that_install_made_is_gone_after_uninstall(name: str, home: Path) -> None:
    path = file_of(name, home)
    assert cli.main(["install", name]) == 0 and path.is_file()
    assert cli.main(["install", name]) == 0
    assert cli.main(["uninstall", name, "--dry-run"]) == 0 and path.is_file()
    assert cli.main(["uninstall", name]) == 0
    assert [one for one in home.rglob("*") if one.is_file()] == []
    assert cli.main(["uninstall", name]) == 0


def test_what_counts_is_how_the_file_was_before_the_last_time(home: Path) -> None:
    """In between a person has changed what `install` would otherwise have made, and taken away."""
    path = file_of("cursor", home)
    path.parent.mkdir()
    for before in ('{"a": 1}', '{"a": 1, "mcpServers": {}}', '{"mcpServers": { }}\n'):
        path.write_text(before, encoding="utf-8")
        assert cli.main(["install", "cursor"]) == 0
        assert cli.main(["uninstall", "cursor"]) == 0
        assert path.read_text(encoding="utf-8") == before


def test_an_empty_file_stays_one(home: Path) -> None:
    path = file_of("codex", home)
    path.parent.mkdir()
    path.touch()
    assert cli.main(["install", "codex"]) == 0
    assert cli.main(["uninstall", "codex"]) == 0
    assert path.read_bytes() == b""


@pytest.mark.parametrize("name", HOSTS)
def test_a_file_that_cannot_be_parsed_is_left_alone_by_both(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file_of(name, home)
    path.parent.mkdir(parents=True, exist_ok=True)
    for broken in (b"{[", b"\xff\xfe{\x00}\x00"):
        path.write_bytes(broken)
        for verb in ("install", "uninstall"):
            assert cli.main([verb, name]) == 1
            assert "Nothing was changed" in capsys.readouterr().err
        assert path.read_bytes() == broken
        assert list(path.parent.iterdir()) == [path]


def test_all_finds_the_hosts_that_are_there_and_no_others(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["install", "--all"]) == 1
    assert list(home.iterdir()) == []
    there = ("claude-code", "codex", "opencode", "cline")
    machine = Machine(sys.platform, {}, str(home))
    for name in there:
        Path(signs(HOSTS[name], machine)[-1]).mkdir(parents=True)
    (home / ".claude.json").rmdir()
    (home / ".claude").mkdir()
    assert cli.main(["install", "--all"]) == 0
    said = capsys.readouterr().out
    assert [host.name for host in HOSTS.values() if f"{host.title}:" in said.split("\n")] == list(there)
    assert (home / ".cline" / "data" / "settings" / "cline_mcp_settings.json").is_file()
    assert cli.main(["uninstall", "--all"]) == 0
    assert [one for one in home.rglob("*") if one.is_file()] == []


def test_all_goes_on_after_a_file_that_is_broken_and_says_so_at_the_end(home: Path) -> None:
    (home / ".cursor").mkdir()
    (home / ".cursor" / "mcp.json").write_text("{", encoding="utf-8")
    (home / ".kiro").mkdir()
    for verb in ("install", "uninstall"):
        assert cli.main([verb, "--all"]) == 1
        assert (home / ".kiro" / "settings" / "mcp.json").is_file() == (verb == "install")
        assert (home / ".cursor" / "mcp.json").read_text(encoding="utf-8") == "{"


def test_of_two_files_the_one_with_an_entry_is_changed_else_the_one_that_is_there(home: Path) -> None:
    folder = home / ".config" / "opencode"
    folder.mkdir(parents=True)
    (folder / "opencode.json").write_text('{"theme": "dark"}', encoding="utf-8")
    assert cli.main(["install", "opencode"]) == 0
    assert "wavespeed" in (folder / "opencode.json").read_text(encoding="utf-8")
    (folder / "opencode.jsonc").write_text("{}", encoding="utf-8")
    assert cli.main(["uninstall", "opencode"]) == 0
    assert (folder / "opencode.json").read_text(encoding="utf-8") == '{"theme": "dark"}'
    assert (folder / "opencode.jsonc").read_text(encoding="utf-8") == "{}"


def test_the_list_says_what_is_installed_where_and_whether_it_starts(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["install", "codex", "--sandbox"]) == 0
    (home / ".gemini").mkdir()
    capsys.readouterr()
    assert cli.main(["install", "--list"]) == 0
    said = capsys.readouterr().out
    assert f"Codex       starts  ({home}/.codex/config.toml)" in said
    assert f"Gemini CLI  not installed  ({home}/.gemini/settings.json)" in said
    assert "Not found on this machine: Claude Desktop, " in said
    (home / ".kiro" / "settings").mkdir(parents=True)
    kiro = home / ".kiro" / "settings" / "mcp.json"
    kiro.write_text(json.dumps({"mcpServers": {"wavespeed": {"command": "wavespeed-mcp-server"}}}))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert cli.main(["install", "--list"]) == 0
    assert "starts, if the host's PATH has wavespeed-mcp-server" in capsys.readouterr().out
    for entry, why in (
        ({"command": "/no/such/program"}, "there is no program /no/such/program"),
        ({"command": sys.executable, "args": ["-c", "print('hello')"]}, "does not answer as a server"),
        ({"command": sys.executable, "disabled": True}, "switched off"),
        ({"url": "https://api.wavespeed.ai/mcp"}, "another server"),
    ):
        text = json.dumps({"mcpServers": {"wavespeed": entry}})
        kiro.write_text(text, encoding="utf-8")
        assert cli.main(["install", "--list"]) == 1
        assert why in next(line for line in capsys.readouterr().out.split("\n") if line.startswith("Kiro"))


# How each host passes on the environment, as its documentation has it: what is started, and with what.
def started_by(name: str, entry: dict[str, object], environment: dict[str, str]) -> StdioServerParameters:
    """What the host of that name starts for an entry, written here a second time, from the hosts' side."""
    told = entry.get({"opencode": "environment", "goose": "envs"}.get(name, "env"), {})
    assert isinstance(told, dict)
    whole = name in ("gemini-cli", "copilot-cli", "opencode", "zed", "goose", "kiro", "cursor", "vscode")
    kept = environment if whole else {one: environment[one] for one in ("PATH", "HOME")}
    passed = entry.get("env_vars", [])
    assert isinstance(passed, list)
    kept = {**kept, **{one: environment[one] for one in passed if one in environment}}
    forms = {
        "claude-code": "${K:-}",
        "cursor": "${env:K}",
        "windsurf": "${env:K}",
        "vscode": "${input:wavespeed-api-key}",
        "opencode": "{env:K}",
    }
    reference = forms.get(name, "${K}").replace("K", KEY)
    for variable, value in told.items():
        assert isinstance(value, str)
        kept[variable] = value.replace(reference, environment[KEY]).replace("${workspaceFolder}", "/p")
    command = entry["cmd" if name == "goose" else "command"]
    words = command if isinstance(command, list) else [command, *entry.get("args", [])]  # type: ignore[misc]
    return StdioServerParameters(command=words[0], args=words[1:], env=kept, cwd="/")


@pytest.mark.parametrize("name", HOSTS)
async def test_each_entry_starts_a_server_as_its_host_starts_it(name: str, home: Path) -> None:
    """A host passes on little more than PATH and HOME, and starts in a directory of its own."""
    assert cli.main(["install", name, "--sandbox"]) == 0
    entry = entry_in(name, file_of(name, home).read_text(encoding="utf-8"))
    server = started_by(name, entry, {"PATH": "/usr/bin:/bin", "HOME": str(home), KEY: SECRET})
    needs_hand = name in ("claude-desktop", "cline")
    assert (server.env or {}).get(KEY) == ("" if needs_hand else SECRET)
    async with Client(server, mode="legacy") as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
    assert "generate" in names
