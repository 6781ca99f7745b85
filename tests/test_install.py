"""`install` writes one entry into a host's configuration and touches nothing else there."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from wavespeed_mcp_server import cli
from wavespeed_mcp_server.commands import installing
from wavespeed_mcp_server.hosts import (
    HOSTS,
    BrokenJson,
    CannotSave,
    Launch,
    Machine,
    NoSuchPlace,
    NotAnObject,
    Server,
    changes,
    config_file,
    launch,
    save,
)
from wavespeed_mcp_server.hosts.editing import with_item, with_member
from wavespeed_mcp_server.hosts.jsonc import parse

KEY = "WAVESPEED_API_KEY"
SECRET = "wsk_a-very-secret-key"
HOME = Machine("linux", {}, "/home/ann")
MAC = Machine("darwin", {}, "/Users/ann")
WINDOWS = Machine("win32", {"APPDATA": r"D:\Profiles\ann\Roaming"}, r"C:\Users\ann")
SERVER = Server(Launch("/opt/bin/wavespeed-mcp-server"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with nothing in it; no setting comes from outside."""
    for name in [
        name for name in os.environ if name.startswith(("WAVESPEED_", "XDG_", "CLAUDE_", "APPDATA"))
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("host", "machine", "expected"),
    [
        ("claude-desktop", MAC, "/Users/ann/Library/Application Support/Claude/claude_desktop_config.json"),
        ("claude-desktop", HOME, "/home/ann/.config/Claude/claude_desktop_config.json"),
        ("claude-desktop", WINDOWS, r"D:\Profiles\ann\Roaming\Claude\claude_desktop_config.json"),
        ("claude-code", MAC, "/Users/ann/.claude.json"),
        ("claude-code", WINDOWS, r"C:\Users\ann\.claude.json"),
        ("cursor", HOME, "/home/ann/.cursor/mcp.json"),
        ("cursor", WINDOWS, r"C:\Users\ann\.cursor\mcp.json"),
        ("vscode", MAC, "/Users/ann/Library/Application Support/Code/User/mcp.json"),
        ("vscode", HOME, "/home/ann/.config/Code/User/mcp.json"),
        ("vscode", WINDOWS, r"D:\Profiles\ann\Roaming\Code\User\mcp.json"),
    ],
)
def test_each_host_has_its_file_on_each_platform(host: str, machine: Machine, expected: str) -> None:
    path = config_file(HOSTS[host], machine)
    assert str(path) == expected
    assert isinstance(path, PureWindowsPath if machine.platform == "win32" else PurePosixPath)


def test_the_store_build_of_claude_on_windows_has_a_place_of_its_own() -> None:
    packages = ("Microsoft.Paint_8wek", "Claude_pzs8sxrjxfjjc")
    machine = Machine("win32", {"LOCALAPPDATA": r"E:\Local"}, r"C:\Users\ann", packages)
    path = config_file(HOSTS["claude-desktop"], machine)
    assert path == PureWindowsPath(
        r"E:\Local\Packages\Claude_pzs8sxrjxfjjc\LocalCache\Roaming\Claude\claude_desktop_config.json"
    )


@pytest.mark.parametrize("appdata", ["", "Roaming", "C:Roaming"])
def test_without_a_usable_appdata_windows_paths_start_at_home(appdata: str) -> None:
    machine = Machine("win32", {"APPDATA": appdata}, r"C:\Users\ann")
    expected = r"C:\Users\ann\AppData\Roaming\Code\User\mcp.json"
    assert str(config_file(HOSTS["vscode"], machine)) == expected


def test_variables_that_move_a_configuration_are_followed() -> None:
    machine = Machine("linux", {"XDG_CONFIG_HOME": "/cfg", "CLAUDE_CONFIG_DIR": "/claude"}, "/home/ann")
    assert str(config_file(HOSTS["vscode"], machine)) == "/cfg/Code/User/mcp.json"
    assert str(config_file(HOSTS["claude-code"], machine)) == "/claude/.claude.json"


def test_a_project_has_its_own_file_where_the_host_knows_one() -> None:
    found = {
        name: str(config_file(host, HOME, "/p")) for name, host in HOSTS.items() if name != "claude-desktop"
    }
    assert found == {
        "claude-code": "/p/.mcp.json",
        "cursor": "/p/.cursor/mcp.json",
        "vscode": "/p/.vscode/mcp.json",
    }
    with pytest.raises(NoSuchPlace, match="--project"):
        config_file(HOSTS["claude-desktop"], HOME, "/p")


def test_what_is_installed_is_started_by_its_absolute_path() -> None:
    python, script, uvx = (PurePosixPath(f"/v/bin/{name}") for name in ("python", "script", "uvx"))
    assert launch(python, script, uvx) == Launch("/v/bin/script")
    assert launch(python, None, uvx) == Launch("/v/bin/python", ("-m", "wavespeed_mcp_server"))


def test_an_environment_of_uvx_passes_so_uvx_is_started() -> None:
    python = PurePosixPath("/home/ann/.cache/uv/archive-v0/x7/bin/python")
    script = python.with_name("wavespeed-mcp-server")
    uvx = PurePosixPath("/home/ann/.local/bin/uvx")
    assert launch(python, script, uvx) == Launch(str(uvx), ("wavespeed-mcp-server",))
    assert launch(python, script, None) == Launch(str(script))


def test_the_command_line_knows_exactly_these_hosts() -> None:
    assert list(cli.HOST_NAMES) == list(HOSTS)


@pytest.mark.parametrize("name", HOSTS)
def test_an_entry_is_added_and_everything_else_stays_byte_for_byte(name: str) -> None:
    section = HOSTS[name].section
    before = (
        f'{{\n\t"z":  1.50,\n\t"{section}": {{\n\t\t"other": {{"command":"x"}}\n\t}},\n\t"a": "\\u00e9"\n}}\n'
    )
    after = changes(before, HOSTS[name], SERVER)
    for part in ('"z":  1.50', '"other": {"command":"x"}', '"a": "\\u00e9"'):
        assert part in after
    found = json.loads(after)
    assert list(found)[:3] == ["z", section, "a"]
    assert list(found[section]) == ["other", "wavespeed"]
    assert found[section]["wavespeed"]["command"] == SERVER.launch.command


@pytest.mark.parametrize("name", HOSTS)
@pytest.mark.parametrize(
    "before", ["", "\n", "{}", "{ }", '{"theme":"dark"}', '{\r\n  "theme": "dark"\r\n}\r\n']
)
def test_installing_twice_is_the_same_as_once(name: str, before: str) -> None:
    once = changes(before, HOSTS[name], SERVER)
    assert changes(once, HOSTS[name], SERVER) == once
    assert json.loads(once)[HOSTS[name].section]["wavespeed"]["args"] == []
    assert ("\r\n" in once) == ("\r\n" in before)
    assert once.replace("\r\n", "").count("\r") == 0


def test_comments_and_trailing_commas_of_vs_code_stay() -> None:
    before = """\
// my servers
{
    "servers": {
        "one": { "command": "a" }, // keep this, "really"
        /* "two": { "command": "b" } */
    },
    "inputs": [
        { "id": "other", "type": "promptString" } // asked once
    ],
}
"""
    after = changes(before, HOSTS["vscode"], SERVER)
    for line in before.splitlines():
        assert (
            line.rstrip() in after
            or line.strip() == '{ "id": "other", "type": "promptString" } // asked once'
        )
    assert '{ "id": "other", "type": "promptString" }, // asked once\n' in after
    assert '// keep this, "really"\n        "wavespeed": {\n            "type"' in after
    found = parse(after, comments=True).value
    assert [one["id"] for one in found["inputs"]] == ["other", "wavespeed-api-key"]
    assert found["inputs"][1]["password"] is True
    assert list(found["servers"]) == ["one", "wavespeed"]


def test_an_entry_that_exists_keeps_its_key_its_settings_and_its_comments() -> None:
    before = """\
{
  "mcpServers": {
    "wavespeed": {
      "command": "uvx", // moved
      "args": ["wavespeed-mcp-server"],
      "env": { "WAVESPEED_API_KEY": "mine", "WAVESPEED_MAX_PRICE": "1" },
      "disabled": true
    }
  }
}
"""
    given = Server(SERVER.launch, {"WAVESPEED_MAX_PRICE": "2", "WAVESPEED_DAILY_BUDGET": "9"})
    after = changes(before, HOSTS["cursor"], given)
    assert f'"command": "{SERVER.launch.command}", // moved' in after
    assert parse(after, comments=True).value["mcpServers"]["wavespeed"] == {
        "command": SERVER.launch.command,
        "args": [],
        "env": {KEY: "mine", "WAVESPEED_MAX_PRICE": "2", "WAVESPEED_DAILY_BUDGET": "9"},
        "disabled": True,
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("claude-desktop", ""),
        ("claude-code", "${WAVESPEED_API_KEY:-}"),
        ("cursor", "${env:WAVESPEED_API_KEY}"),
        ("vscode", "${input:wavespeed-api-key}"),
    ],
)
def test_the_key_is_left_to_the_host_unless_it_is_given(name: str, expected: str) -> None:
    host = HOSTS[name]
    without = parse(changes("", host, SERVER)).value
    assert without[host.section]["wavespeed"]["env"][KEY] == expected
    with_key = parse(changes("", host, Server(SERVER.launch, {}, SECRET))).value
    assert with_key[host.section]["wavespeed"]["env"][KEY] == SECRET
    assert "inputs" not in with_key


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("claude-desktop", '{"a": 1', "line 1, column 8"),
        ("claude-desktop", '{\n  "a": 1,\n}', "line 3, column 1"),
        ("claude-code", "{\n // no\n}", "line 2, column 2"),
        ("vscode", "{} {}", "line 1, column 4"),
        ("cursor", "{'a': 1}", "line 1, column 2"),
        ("cursor", '{"a" 1}', "line 1, column 6"),
        ("cursor", '{"a": NaN}', "line 1, column 7"),
        ("cursor", '{"a": 1 /* b', "line 1, column 9"),
        ("cursor", "[" * 5000, "nested"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(name: str, text: str, where: str) -> None:
    with pytest.raises(BrokenJson, match=where):
        changes(text, HOSTS[name], SERVER)


@pytest.mark.parametrize("text", ["[]", '"x"', '{"mcpServers": []}', '{"mcpServers": {"wavespeed": 3}}'])
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(NotAnObject):
        changes(text, HOSTS["cursor"], SERVER)


@given(st.dictionaries(st.text(), json_values), st.sampled_from([None, 1, 2, "\t"]), json_values)
def test_any_json_keeps_all_it_had_when_a_member_is_set(
    before: dict[str, Any], indent: int | str | None, value: Any
) -> None:
    text = json.dumps(before, indent=indent)
    assert parse(text).value == before
    before.pop("new", None)
    text = json.dumps(before, indent=indent)
    after = with_member(text, ("new", "er"), value)
    assert json.loads(after) == {**before, "new": {"er": value}}
    kept = text.rstrip("}").rstrip()
    assert after.startswith(kept)
    assert json.loads(with_member(after, ("new", "er"), 7)) == {**before, "new": {"er": 7}}
    assert json.loads(with_item(text, ("new",), value)) == {**before, "new": [value]}


def test_true_is_not_taken_for_one() -> None:
    assert with_member('{"a": 1}', ("a",), True) == '{"a": true}'


def test_a_file_is_backed_up_and_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "mcp.json"
    real.parent.mkdir()
    real.write_text("{}", encoding="utf-8")
    real.chmod(0o640)
    link = tmp_path / "mcp.json"
    link.symlink_to(real)
    first = save(link, "one", was="{}")
    second = save(link, "two", was="one")
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "two"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert first is not None and first.read_text(encoding="utf-8") == "{}"
    assert second is not None and second.read_text(encoding="utf-8") == "one"
    assert sorted(one.name for one in real.parent.iterdir()) == [
        "mcp.json",
        "mcp.json.backup1",
        "mcp.json.backup2",
    ]


def test_a_file_that_another_program_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text("theirs", encoding="utf-8")
    with pytest.raises(CannotSave, match="another program"):
        save(path, "ours", was="before")
    assert path.read_text(encoding="utf-8") == "theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_said_so_and_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CannotSave, match="cannot be written"):
        save(tmp_path / "file" / "mcp.json", "x", was="")


@pytest.mark.parametrize("name", HOSTS)
def test_the_command_makes_missing_files_private_and_says_what_to_do_next(
    name: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["install", name, "--max-price", "0.5"]) == 0
    said = capsys.readouterr().out
    path = Path(config_file(HOSTS[name], Machine(sys.platform, os.environ, str(home))))
    assert path.is_relative_to(home)
    assert str(path) in said and HOSTS[name].reload in said
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    entry = json.loads(path.read_text(encoding="utf-8"))[HOSTS[name].section]["wavespeed"]
    assert entry["env"]["WAVESPEED_MAX_PRICE"] == "0.5"
    assert Path(entry["command"]).is_absolute()


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


async def test_what_was_written_starts_a_server_as_a_host_would(home: Path) -> None:
    """A host passes on little more than PATH and HOME, and starts in a directory of its own."""
    assert cli.main(["install", "claude-desktop", "--sandbox"]) == 0
    path = Path(config_file(HOSTS["claude-desktop"], Machine(sys.platform, os.environ, str(home))))
    entry = json.loads(path.read_text(encoding="utf-8"))["mcpServers"]["wavespeed"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), **entry["env"]}
    server = StdioServerParameters(command=entry["command"], args=entry["args"], env=environment, cwd="/")
    async with Client(server) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        result = await client.call_tool("get_balance", {})
    assert "generate" in names
    assert not result.is_error
