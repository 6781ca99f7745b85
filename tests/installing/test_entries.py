"""What an entry says, for a new one, for an older one that a person has changed, for one of somebody else."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import PurePosixPath
from typing import Any

import pytest
import tomlkit
from ruamel.yaml import YAML

from wavespeed_mcp_server.hosts import (
    HOSTS,
    KEY,
    Launch,
    NotAnObject,
    OtherServer,
    Server,
    Unreadable,
    changes,
    entry_of,
    launch,
    requirement_of,
    started,
    without,
)
from wavespeed_mcp_server.hosts.json_edit import JsonText
from wavespeed_mcp_server.hosts.syntax import syntax_named

from .files import entry_in

SECRET = "wsk_a-very-secret-key"
COMMAND = "/opt/bin/wavespeed-mcp-server"
SERVER = Server(Launch(COMMAND))
JSONC = JsonText(comments=True)
ANY_JSON = ("claude-desktop", "cursor", "gemini-cli", "kiro")
# As each host's documentation shows a server that is started by a command.
SHAPES: dict[str, dict[str, Any]] = {
    "claude-desktop": {"command": COMMAND, "args": [], "env": {KEY: ""}},
    "claude-code": {"type": "stdio", "command": COMMAND, "args": [], "env": {KEY: "${WAVESPEED_API_KEY:-}"}},
    "cursor": {
        "command": COMMAND,
        "args": [],
        "env": {KEY: "${env:WAVESPEED_API_KEY}", "WAVESPEED_PROJECT_DIR": "${workspaceFolder}"},
    },
    "vscode": {
        "type": "stdio",
        "command": COMMAND,
        "args": [],
        "env": {KEY: "${input:wavespeed-api-key}"},
    },
    "codex": {
        "startup_timeout_sec": 60,
        "tool_timeout_sec": 600,
        "command": COMMAND,
        "args": [],
        "env_vars": [KEY],
    },
    "gemini-cli": {"command": COMMAND, "args": [], "env": {KEY: "${WAVESPEED_API_KEY}"}},
    "copilot-cli": {
        "type": "local",
        "tools": ["*"],
        "command": COMMAND,
        "args": [],
        "env": {KEY: "${WAVESPEED_API_KEY}"},
    },
    "opencode": {
        "type": "local",
        "enabled": True,
        "command": [COMMAND],
        "environment": {KEY: "{env:WAVESPEED_API_KEY}"},
    },
    "windsurf": {"command": COMMAND, "args": [], "env": {KEY: "${env:WAVESPEED_API_KEY}"}},
    "zed": {"source": "custom", "command": COMMAND, "args": []},
    "goose": {
        "type": "stdio",
        "name": "wavespeed",
        "description": "WaveSpeedAI: images, video, audio, 3D and text",
        "enabled": True,
        "timeout": 600,
        "cmd": COMMAND,
        "args": [],
    },
    "kiro": {"command": COMMAND, "args": [], "env": {KEY: "${WAVESPEED_API_KEY}"}},
    "cline": {"disabled": False, "timeout": 600, "command": COMMAND, "args": [], "env": {KEY: ""}},
}


@pytest.mark.parametrize("name", HOSTS)
def test_a_new_entry_has_the_form_its_host_reads(name: str) -> None:
    assert entry_in(name, changes("", HOSTS[name], SERVER)) == SHAPES[name]


@pytest.mark.parametrize("name", HOSTS)
def test_a_key_that_is_given_is_written_and_nothing_else_stands_for_it(name: str) -> None:
    host = HOSTS[name]
    text = changes("", host, Server(SERVER.launch, {}, SECRET))
    assert started(entry_in(name, text), host).environment[KEY] == SECRET
    assert "inputs" not in text and "env_vars" not in text
    assert changes(text, host, SERVER) == text


@pytest.mark.parametrize("name", HOSTS)
def test_an_older_entry_keeps_what_a_person_wrote_into_it(name: str) -> None:
    """Settings, a key, arguments and fields of the host; what starts the server is today's."""
    host = HOSTS[name]
    words = ["wavespeed-mcp-server", "--max-price", "1", "--sandbox", "--log-level=DEBUG"]
    older = Server(Launch("uvx", tuple(words)), {"WAVESPEED_OUTPUT_DIR": "/mine"}, SECRET)
    text = changes("", host, older)
    given = Server(SERVER.launch, {"WAVESPEED_LOG_LEVEL": "ERROR", "WAVESPEED_DAILY_BUDGET": "9"})
    found = started(entry_in(name, changes(text, host, given)), host)
    assert (found.command, found.args) == (COMMAND, ("--max-price", "1"))
    assert found.environment == {
        **({"WAVESPEED_PROJECT_DIR": "${workspaceFolder}"} if name == "cursor" else {}),
        "WAVESPEED_OUTPUT_DIR": "/mine",
        KEY: SECRET,
        **given.settings,
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(
            (name, '{"mcpServers": {"wavespeed": {"url": "https://api.wavespeed.ai/mcp"}}}')
            for name in ANY_JSON
        ),
        ("windsurf", '{"mcpServers": {"wavespeed": {"serverUrl": "https://api.wavespeed.ai/mcp"}}}'),
        ("codex", '[mcp_servers.wavespeed]\nurl = "https://api.wavespeed.ai/mcp"\n'),
        ("opencode", '{"mcp": {"wavespeed": {"type": "remote", "url": "https://api.wavespeed.ai/mcp"}}}'),
        ("goose", "extensions:\n  wavespeed:\n    type: streamable_http\n    uri: https://x.example\n"),
        ("zed", '{"context_servers": {"wavespeed": {"command": "npx", "args": ["-y", "@wavespeed/mcp"]}}}'),
        ("opencode", '{"mcp": {"wavespeed": {"type": "local", "command": ["uvx", "wavespeed-mcp"]}}}'),
        ("codex", '[mcp_servers.wavespeed]\ncommand = "node"\nargs = ["/x/mcp-server/index.js"]\n'),
    ],
)
def test_another_server_of_this_name_is_left_alone(name: str, text: str) -> None:
    with pytest.raises(OtherServer, match="rename or remove"):
        changes(text, HOSTS[name], SERVER)
    with pytest.raises(OtherServer, match="rename or remove"):
        without(text, HOSTS[name])


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        (
            "cursor",
            '{"mcpServers": {"wavespeed": {"command": "uvx"}, "b": {}}, "z": [1]}',
            '{"mcpServers": { "b": {}}, "z": [1]}',
        ),
        (
            "cursor",
            '{"mcpServers": {\n  "b": {}, // c  \n  "wavespeed": {}\n}}',
            '{"mcpServers": {\n  "b": {} // c  \n}}',
        ),
        ("claude-code", '{\n\t"mcpServers": {\n\t\t"wavespeed": {}\n\t}\n}', '{\n\t"mcpServers": {\n\t}\n}'),
        (
            "codex",
            '# mine\n[mcp_servers.wavespeed]\ncommand = "uvx" # c\nargs = [\n  "x", # ]\n]\n\n'
            '# theirs\n[mcp_servers.b]\ncommand = "b"\n\n[mcp_servers.wavespeed.env]\nA = "1"\n\n[z]\n',
            '# mine\n\n# theirs\n[mcp_servers.b]\ncommand = "b"\n\n[z]\n',
        ),
        (
            "codex",
            '[mcp_servers]\nwavespeed = { command = "uvx" }\nb = { command = "b" }\n',
            '[mcp_servers]\nb = { command = "b" }\n',
        ),
        (
            "codex",
            'mcp_servers = { b = { command = "b" }, wavespeed = { command = "uvx" } }\nz = 1\n',
            'mcp_servers = { b = { command = "b" } }\nz = 1\n',
        ),
        (
            "codex",
            '[mcp_servers.b]\ncommand = "b"\n[mcp_servers.wavespeed]\ncommand = "uvx"\n'
            '[mcp_servers.wavespeed.tools.generate]\napproval_mode = "approve"\n[z]\n',
            '[mcp_servers.b]\ncommand = "b"\n[z]\n',
        ),
        (
            "goose",
            "extensions:\n  wavespeed: # mine\n    cmd: uvx\n    args:\n    - a # b\n\n  # theirs\n  b: {}\n",
            "extensions:\n\n  # theirs\n  b: {}\n",
        ),
        ("goose", "extensions:\n  wavespeed:\n    cmd: uvx\nz: 1\n", "extensions: {}\nz: 1\n"),
        ("goose", "extensions: {wavespeed: {cmd: uvx}, b: {}} # c\n", "extensions: {b: {}} # c\n"),
    ],
)
def test_an_entry_written_by_hand_is_taken_out_and_the_rest_stays(name: str, before: str, after: str) -> None:
    assert entry_of(before, HOSTS[name]) is not None
    assert without(before, HOSTS[name]) == after


@pytest.mark.parametrize(
    "before",
    [
        "mcp_servers = {}",
        "mcp_servers = { }\nz = 1",
        'mcp_servers = { b = { command = "b" } } # c\n',
        'mcp_servers = {b={command="b"}}\n[z]\n',
        '[mcp_servers]\nb = { command = "b" }\n',
        'mcp_servers.b.command = "b"\n',
        "[mcp_servers.b]\n[[z]]\n[mcp_servers.c]\n",
    ],
)
def test_servers_that_are_written_on_one_line_are_as_they_were(before: str) -> None:
    host = HOSTS["codex"]
    once = changes(before, host, Server(SERVER.launch, {"WAVESPEED_MAX_PRICE": "1"}))
    more = changes(once, host, Server(SERVER.launch, {"WAVESPEED_DAILY_BUDGET": "5"}, SECRET))
    assert started(entry_in("codex", more), host).environment[KEY] == SECRET
    assert without(more, host, [once, before]) == before


def test_an_entry_that_is_there_twice_is_taken_out_twice() -> None:
    text = '{"mcpServers": {"wavespeed": {"command": "a"}, "b": 1, "wavespeed": {"command": "c"}}}'
    assert without(text, HOSTS["cursor"]) == '{"mcpServers": { "b": 1}}'


def test_the_question_for_the_key_stays_where_another_server_asks_it() -> None:
    host = HOSTS["vscode"]
    text = changes('{"servers": {"other": {"env": {"K": "${input:wavespeed-api-key}"}}}}', host, SERVER)
    assert [one["id"] for one in JSONC.read(without(text, host))["inputs"]] == ["wavespeed-api-key"]


@pytest.mark.parametrize("name", ANY_JSON)
@pytest.mark.parametrize("text", ["[]", '"x"', '{"mcpServers": []}', '{"mcpServers": {"wavespeed": 3}}'])
def test_json_of_another_shape_is_refused(name: str, text: str) -> None:
    with pytest.raises(NotAnObject):
        changes(text, HOSTS[name], SERVER)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("codex", "mcp_servers = 1\n"),
        ("codex", "[mcp_servers]\nwavespeed = 1\n"),
        ("codex", "[[mcp_servers]]\nx = 1\n"),
        ("goose", "- a\n"),
        ("goose", "extensions: [a]\n"),
        ("goose", "extensions: &x\n  b: {}\nextensions2: *x\nextensions: *x\n"),
    ],
)
def test_toml_and_yaml_of_another_shape_are_refused(name: str, text: str) -> None:
    with pytest.raises((NotAnObject, Unreadable)):
        changes(text, HOSTS[name], SERVER)


OLDER = (
    ["uvx", "wavespeed-mcp-server@latest"],
    ["uvx", "--from", "wavespeed-mcp-server[media]", "wavespeed-mcp-server"],
    ["/old/bin/python", "-m", "wavespeed_mcp_server"],
    ["C:\\old\\wavespeed-mcp-server.exe", "serve"],
    ["docker", "run", "-i", "-e", KEY, "wavespeed-mcp-server"],
)


def written(host: Any, name: str, words: list[str], **more: Any) -> dict[str, Any]:
    """A configuration's data with an entry that a person wrote, between two others."""
    how = {host.command: words} if host.joined else {host.command: words[0], "args": words[1:]}
    return {host.section: {"a": {host.command: "x"}, name: {**how, **more}, "b": {host.command: "y"}}}


def text_of(host: Any, data: dict[str, Any]) -> str:
    """That data in the host's language, as another program would write it."""
    if host.syntax == "toml":
        return tomlkit.dumps(data)
    if host.syntax == "yaml":
        out = StringIO()
        YAML(typ="safe", pure=True).dump(data, out)
        return out.getvalue()
    return json.dumps(data, indent=2)


@pytest.mark.parametrize("words", OLDER, ids=lambda words: words[0])
@pytest.mark.parametrize("called", ["wavespeed", "my images"])
@pytest.mark.parametrize("name", HOSTS)
def test_an_older_entry_is_taken_over_under_the_name_it_has(name: str, called: str, words: list[str]) -> None:
    """Its arguments stay if this server knows them; what its host needs and it lacks is added."""
    host = HOSTS[name]
    given = [*words, "--max-price", "1", "--gone", "x", "--log-level=DEBUG"]
    before = text_of(host, written(host, called, given))
    after = changes(before, host, Server(SERVER.launch, {"WAVESPEED_LOG_LEVEL": "ERROR"}))
    servers = syntax_named(host.syntax).read(after)[host.section]
    assert set(servers) == {"a", called, "b"}
    found = started(servers[called], host)
    serve = ["serve"] if "serve" in words else []
    assert (found.command, list(found.args)) == (COMMAND, [*serve, "--max-price", "1"])
    assert found.environment["WAVESPEED_LOG_LEVEL"] == "ERROR"
    assert host.fixed.items() <= servers[called].items()
    assert found.environment.get(KEY) == host.key
    assert not host.passes or servers[called][host.passes] == [KEY]
    assert changes(after, host, SERVER) == after
    left = without(after, host)
    assert syntax_named(host.syntax).read(left)[host.section] == {
        "a": {host.command: "x"},
        "b": {host.command: "y"},
    }


@pytest.mark.parametrize(
    "text",
    [
        '{"mcpServers": null}',
        '{"mcpServers": {"wavespeed": null}}',
        '{"mcpServers": {"wavespeed": {"command": "uvx", "args": null, "env": null}}}',
        '{"mcpServers": {"wavespeed": {}}}',
    ],
)
def test_null_is_nothing(text: str) -> None:
    host = HOSTS["cursor"]
    after = changes(text, host, Server(SERVER.launch, {"WAVESPEED_MAX_PRICE": "1"}))
    found = started(entry_in("cursor", after), host)
    assert (found.command, found.environment["WAVESPEED_MAX_PRICE"]) == (COMMAND, "1")
    expected = text if text.endswith("null}") else '{"mcpServers": {}}'
    assert without(after, host, [text]) == expected


@pytest.mark.parametrize(
    "before",
    [
        'mcp_servers.wavespeed.command = "uvx" # c\nz = 1\n[q]\n',
        '[mcp_servers]\nwavespeed.command = "uvx"\nb.command = "b"\n[q]\n',
        '[mcp_servers]\nwavespeed.env.A = "1"\nwavespeed.command = "uvx"\n[q]\n',
    ],
)
def test_an_entry_of_dotted_keys_stays_one(before: str) -> None:
    host = HOSTS["codex"]
    after = changes(before, host, Server(SERVER.launch, {"WAVESPEED_MAX_PRICE": "1"}))
    found = started(entry_in("codex", after), host)
    assert (found.command, found.environment["WAVESPEED_MAX_PRICE"]) == (COMMAND, "1")
    left = [line for line in before.splitlines() if "wavespeed" not in line]
    assert without(after, host).splitlines() == left


def test_of_two_entries_the_one_of_our_name_is_changed_and_both_are_taken_out() -> None:
    host, ours = HOSTS["cursor"], {"command": "uvx", "args": ["wavespeed-mcp-server"]}
    before = json.dumps({"mcpServers": {"old": ours, "wavespeed": ours, "b": {"command": "y"}}})
    servers = json.loads(changes(before, host, SERVER))["mcpServers"]
    assert (servers["old"], servers["wavespeed"]["command"]) == (ours, COMMAND)
    assert json.loads(without(before, host)) == {"mcpServers": {"b": {"command": "y"}}}


def test_a_comment_beside_a_value_that_changes_stays() -> None:
    before = '[mcp_servers.wavespeed]\ncommand = "wavespeed-mcp-server" # mine\nargs = [] # none\n'
    after = changes(before, HOSTS["codex"], SERVER)
    assert f'command = "{COMMAND}" # mine\nargs = [] # none\n' in after


def test_what_an_entry_merges_from_elsewhere_is_set_in_the_entry_alone() -> None:
    base = "base: &b\n  args: []\n  type: stdio\n"
    before = (
        base + "extensions:\n  wavespeed:\n    cmd: wavespeed-mcp-server\n    <<: *b\n  other:\n    <<: *b\n"
    )
    after = changes(before, HOSTS["goose"], Server(Launch("/v/bin/python", ("-m", "wavespeed_mcp_server"))))
    assert after.startswith(base)
    assert entry_in("goose", after)["args"] == ["-m", "wavespeed_mcp_server"]
    assert without(after, HOSTS["goose"]) == base + "extensions:\n  other:\n    <<: *b\n"


def test_what_a_block_scalar_says_does_not_change_where_no_line_end_closes_it() -> None:
    for before in ("a: |\n  text\n  more", "extensions:\n  x:\n    cmd: y\n    description: >\n      text"):
        after = changes(before, HOSTS["goose"], SERVER)
        assert without(after, HOSTS["goose"], [before]) == before


def test_vs_code_is_told_the_folder_in_the_folders_own_file_alone() -> None:
    """An entry of the person's own that names `${workspaceFolder}` does not start there."""
    alone = changes("", HOSTS["vscode"], SERVER)
    project = changes("", HOSTS["vscode"], Server(SERVER.launch, for_project=True))
    assert "workspaceFolder" not in alone
    environment = started(entry_in("vscode", project), HOSTS["vscode"]).environment
    assert environment["WAVESPEED_PROJECT_DIR"] == "${workspaceFolder}"


@pytest.mark.parametrize(
    ("record", "media", "expected"),
    [
        ("", False, "wavespeed-mcp-server"),
        ("", True, "wavespeed-mcp-server[media]"),
        ("not JSON", False, "wavespeed-mcp-server"),
        ('{"url": "file:///a/b", "dir_info": {}}', True, "wavespeed-mcp-server[media] @ file:///a/b"),
        (
            '{"url": "https://h/r", "vcs_info": {"vcs": "git", "requested_revision": "v1"}}',
            False,
            "wavespeed-mcp-server @ git+https://h/r@v1",
        ),
    ],
)
def test_uvx_makes_again_what_it_was_told_to_make(record: str, media: bool, expected: str) -> None:
    requirement = requirement_of(record, media=media)
    assert requirement == expected
    python, uvx = PurePosixPath("/c/uv/archive-v0/x7/bin/python"), PurePosixPath("/b/uvx")
    words = launch(python, None, uvx, requirement).args
    source = [] if expected == "wavespeed-mcp-server" else ["--from", expected]
    assert list(words) == [*source, "wavespeed-mcp-server"]


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
    found = JSONC.read(after)
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
    assert JSONC.read(after)["mcpServers"]["wavespeed"] == {
        "command": SERVER.launch.command,
        "args": [],
        "env": {KEY: "mine", "WAVESPEED_MAX_PRICE": "2", "WAVESPEED_DAILY_BUDGET": "9"},
        "disabled": True,
    }


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
        ("codex", "[mcp_servers\n", "line 1"),
        ("codex", "a = 1\na = 2\n", "line 2"),
        ("goose", "a: [1\nb: 2\n", "line 2"),
        ("goose", "a: 1\na: 2\n", "duplicate"),
        ("goose", "a: 1\n---\nb: 2\n", "single document"),
    ],
)
def test_a_broken_file_is_refused_with_the_place(name: str, text: str, where: str) -> None:
    with pytest.raises(Unreadable, match=where):
        changes(text, HOSTS[name], SERVER)
    with pytest.raises(Unreadable, match=where):
        without(text, HOSTS[name])


def test_true_is_not_taken_for_one() -> None:
    assert JSONC.put('{"a": 1}', ("a",), True) == '{"a": true}'


@pytest.mark.parametrize("name", ["cursor", "codex", "goose"])
def test_a_change_that_would_alter_anything_else_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the languages' own code does: both texts are read, and must differ in the entry alone."""
    host = HOSTS[name]
    before = {"codex": "a = 1\n", "goose": "a: 1\n"}.get(name, '{"a": 1}')
    there = changes(before, host, SERVER)
    kind = type(syntax_named(host.syntax))
    for method in ("put", "take_out"):
        right = getattr(kind, method)

        def wrong(*given: Any, right: Any = right) -> str:
            return str(right(*given)).replace("1", "2", 1)

        monkeypatch.setattr(kind, method, wrong)
    with pytest.raises(NotAnObject, match="cannot be changed safely"):
        changes(before, host, SERVER)
    with pytest.raises(NotAnObject, match="cannot be changed safely"):
        without(there, host, [before])


def test_of_earlier_texts_the_newest_without_an_entry_counts() -> None:
    """An empty list of servers was not there at first, and was there when the entry was put in."""
    host = HOSTS["cursor"]
    newest, oldest = '{"mcpServers": {}}', "{}"
    there = changes(newest, host, SERVER)
    assert without(there, host, [there, newest, there, oldest]) == newest
    assert without(changes(oldest, host, SERVER), host, [oldest, newest]) == oldest
