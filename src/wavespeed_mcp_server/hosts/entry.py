"""What this server's entry in a host's configuration says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .editing import NotAnObject, with_item, with_member
from .jsonc import parse
from .launch import Launch
from .places import Host

NAME = "wavespeed"
KEY = "WAVESPEED_API_KEY"
INPUT = "wavespeed-api-key"
# What each host puts in the place of the key when it starts the server. Claude Desktop knows no such thing;
# there the key itself has to be written.
REFERENCES = {
    "claude-code": "${" + KEY + ":-}",
    "cursor": "${env:" + KEY + "}",
    "vscode": "${input:" + INPUT + "}",
}
QUESTION = {"type": "promptString", "id": INPUT, "description": "WaveSpeedAI API key", "password": True}


@dataclass(frozen=True)
class Server:
    """How the server is started, and with which settings (environment variables)."""

    launch: Launch
    settings: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default="", repr=False)


def changes(text: str, host: Host, server: Server) -> str:
    """The configuration `text` with this server in it; whatever else is there stays as it is.

    An entry that exists keeps its key, its settings and what the host noted in it, unless `server` brings
    another. An empty text counts as an empty configuration.

    Raises:
        BrokenJson: the text is no JSON as the host reads it.
        NotAnObject: a member that should hold servers holds something else.
    """
    text = text if text.strip() else "{}\n"
    path = (host.section, NAME)
    if entry_of(text, host) is None:
        text = with_member(text, path, _new(host, server), comments=host.comments)
    else:
        for name, value in _parts(host, server).items():
            text = with_member(text, (*path, *name), value, comments=host.comments)
    return _ask_for_key(text, host)


def entry_of(text: str, host: Host) -> dict[str, Any] | None:
    """This server's entry in the configuration `text`, if there is one.

    Raises:
        BrokenJson: the text is no JSON as the host reads it.
        NotAnObject: the configuration, its list of servers or the entry is no object.
    """
    found = parse(text, comments=host.comments).value if text.strip() else {}
    for name in (host.section, NAME):
        if not isinstance(found, dict):
            raise NotAnObject("the file does not hold what it should: an object was expected")
        if name not in found:
            return None
        found = found[name]
    if not isinstance(found, dict) or not isinstance(found.get("env", {}), dict):
        raise NotAnObject(f"`{host.section}.{NAME}` is not what it should be")
    return found


def _new(host: Host, server: Server) -> dict[str, Any]:
    kind = {"type": "stdio"} if host.name in ("vscode", "claude-code") else {}
    return {
        **kind,
        "command": server.launch.command,
        "args": list(server.launch.args),
        "env": {KEY: server.key or REFERENCES.get(host.name, ""), **server.settings},
    }


def _parts(host: Host, server: Server) -> dict[tuple[str, ...], Any]:
    """What is set anew in an entry that exists."""
    parts: dict[tuple[str, ...], Any] = {
        ("command",): server.launch.command,
        ("args",): list(server.launch.args),
    }
    if server.key:
        parts["env", KEY] = server.key
    for name, value in server.settings.items():
        parts["env", name] = value
    return parts


def _ask_for_key(text: str, host: Host) -> str:
    """VS Code asks the person for what is declared under `inputs`, and keeps it encrypted."""
    configuration = parse(text, comments=host.comments).value
    entry = configuration[host.section][NAME]
    if host.name != "vscode" or entry.get("env", {}).get(KEY) != REFERENCES["vscode"]:
        return text
    asked = configuration.get("inputs", [])
    if isinstance(asked, list) and any(isinstance(one, dict) and one.get("id") == INPUT for one in asked):
        return text
    return with_item(text, ("inputs",), QUESTION, comments=host.comments)
