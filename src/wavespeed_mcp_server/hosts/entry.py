"""What this server's entry in a host's configuration says, and how it is put in, changed and taken out."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PureWindowsPath
from typing import Any

from .json_edit import JsonText
from .launch import MODULE, PACKAGE, Launch
from .syntax import NotAnObject, Unreadable, syntax_named
from .table import INPUT, KEY, Host

NAME = "wavespeed"
PROJECT = "WAVESPEED_PROJECT_DIR"
SANDBOX = "--sandbox"
QUESTION = {"type": "promptString", "id": INPUT, "description": "WaveSpeedAI API key", "password": True}
QUESTIONS = "inputs"


class OtherServer(Exception):
    """Under this server's name the host has one that is reached by a URL."""


@dataclass(frozen=True)
class Server:
    """How the server is started, and with which settings (environment variables)."""

    launch: Launch
    settings: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default="", repr=False)


@dataclass(frozen=True)
class Started:
    """What a host starts for an entry."""

    command: str
    args: tuple[str, ...]
    environment: Mapping[str, str]


def changes(text: str, host: Host, server: Server) -> str:
    """The configuration `text` with this server in it; whatever else is there stays as it is.

    An entry that exists keeps its key, its settings, its own arguments and what the host noted in it, unless
    `server` brings another. An empty text counts as an empty configuration.

    Raises:
        Unreadable: the text is not what the host reads.
        NotAnObject: a member that should hold servers holds something else.
        OtherServer: the entry of this name is not this server's.
    """
    syntax, path = syntax_named(host.syntax), (host.section, NAME)
    entry = entry_of(text, host)
    if entry is None:
        now = syntax.put(text, path, _new(host, server))
    else:
        now = text
        for name, value in _parts(host, server, entry).items():
            now = syntax.put(now, (*path, *name), value)
    now = _ask_for_key(now, host)
    _nothing_else_differs(text, now, host)
    return now


def without(text: str, host: Host, before: Iterable[str] = ()) -> str:
    """The configuration `text` without this server; whatever else is there stays as it is.

    `before` are earlier texts of the same file, the newest first. The newest that has no entry is the one the
    entry was put into: what `changes` made there besides the entry goes too. Without any, a text that holds
    nothing but an entry as `changes` writes it was made by it, and becomes an empty one.

    Raises:
        Unreadable, NotAnObject, OtherServer: as in `changes`.
    """
    path, entry = (host.section, NAME), entry_of(text, host)
    if entry is None:
        return text
    known = next((one for one in before if _has_no_entry(one, host)), None)
    if known is None and text == _ask_for_key(syntax_named(host.syntax).put("", path, entry), host):
        known = ""
    now = _without_question(text, host, known)
    now = syntax_named(host.syntax).take_out(now, path, known)
    _nothing_else_differs(text, now, host)
    return now


def entry_of(text: str, host: Host) -> dict[str, Any] | None:
    """This server's entry in the configuration `text`, if there is one.

    Raises:
        Unreadable, NotAnObject, OtherServer: as in `changes`.
    """
    found: Any = syntax_named(host.syntax).read(text)
    for name in (host.section, NAME):
        if not isinstance(found, dict):
            raise NotAnObject(f"`{host.section}` is not what it should be")
        # A section without a value is one without servers.
        if found.get(name) is None:
            return None
        found = found[name]
    if not isinstance(found, dict) or not isinstance(found.get(host.environment, {}), dict):
        raise NotAnObject(f"`{host.section}.{NAME}` is not what it should be")
    if host.command not in found and {"url", "serverUrl", "httpUrl", "uri"} & found.keys():
        raise OtherServer(
            f"`{host.section}.{NAME}` is another server, reached by a URL; rename or remove it first"
        )
    return found


def started(entry: Mapping[str, Any], host: Host) -> Started:
    """What `host` starts for an entry of its configuration.

    Raises:
        NotAnObject: the entry does not say.
    """
    command, args = entry.get(host.command), entry.get("args", [])
    if host.joined and isinstance(command, list) and command:
        command, args = command[0], command[1:]
    if not isinstance(command, str) or not isinstance(args, list):
        raise NotAnObject(f"`{host.section}.{NAME}` does not say what to start")
    environment = entry.get(host.environment, {})
    return Started(command, tuple(map(str, args)), {name: str(one) for name, one in environment.items()})


def environment_of(entry: Mapping[str, Any], host: Host) -> dict[str, str]:
    """The environment variables that an entry sets."""
    return {name: str(value) for name, value in entry.get(host.environment, {}).items()}


def _new(host: Host, server: Server) -> dict[str, Any]:
    environment = {}
    if server.key or host.key is not None:
        environment[KEY] = server.key or host.key or ""
    if host.workspace:
        environment[PROJECT] = host.workspace
    environment |= server.settings
    passed = {host.passes: [KEY]} if host.passes and not server.key else {}
    return {
        **copy.deepcopy(dict(host.fixed)),
        **_start(host, server.launch.command, server.launch.args),
        **passed,
        **({host.environment: environment} if environment else {}),
    }


def _start(host: Host, command: str, args: Iterable[str]) -> dict[str, Any]:
    if host.joined:
        return {host.command: [command, *args]}
    return {host.command: command, "args": list(args)}


def _parts(host: Host, server: Server, entry: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    """What is set anew in an entry that exists."""
    args = [*server.launch.args, *_own_arguments(host, server, entry)]
    parts: dict[tuple[str, ...], Any] = {
        (name,): value for name, value in _start(host, server.launch.command, args).items()
    }
    given = {**({KEY: server.key} if server.key else {}), **server.settings}
    if host.environment in entry:
        parts |= {(host.environment, name): value for name, value in given.items()}
    elif given:
        parts[host.environment,] = given
    return parts


def _own_arguments(host: Host, server: Server, entry: Mapping[str, Any]) -> list[str]:
    """The arguments that a person added to an entry, without those that `server` sets otherwise."""
    try:
        found = started(entry, host)
    except NotAnObject:
        return []
    words = list(found.args)
    own = next((words[at + 1 :] for at, word in enumerate(words) if word in (PACKAGE, MODULE)), None)
    if own is None:
        own = words if PureWindowsPath(found.command).stem == PACKAGE else []
    flags = {"--" + name.removeprefix("WAVESPEED_").lower().replace("_", "-") for name in server.settings}
    kept: list[str] = []
    skip = False
    for word in own:
        name, has_value, _ = word.partition("=")
        if skip or word == SANDBOX or name in flags:
            skip = not skip and name in flags and not has_value
        else:
            kept.append(word)
    return kept


def _ask_for_key(text: str, host: Host) -> str:
    """VS Code asks the person for what is declared under `inputs`, and keeps it encrypted."""
    if host.key != "${input:" + INPUT + "}":
        return text
    if environment_of(entry_of(text, host) or {}, host).get(KEY) != host.key:
        return text
    json = JsonText(comments=True)
    asked = json.read(text).get(QUESTIONS, [])
    if isinstance(asked, list) and _question(asked) is not None:
        return text
    return json.put(text, (QUESTIONS, len(asked)), QUESTION)


def _without_question(text: str, host: Host, known: str | None) -> str:
    """The configuration without the question for the key, if only this server's entry refers to it."""
    json = JsonText(comments=True)
    reference = "${input:" + INPUT + "}"
    if host.key != reference or text.count(reference) != 1:
        return text
    data = json.read(text)
    asked = data.get(QUESTIONS, [])
    index = _question(asked) if isinstance(asked, list) else None
    if index is None or environment_of(data[host.section][NAME], host).get(KEY) != reference:
        return text
    if known is not None and _question(json.read(known).get(QUESTIONS, [])) is not None:
        return text
    return json.take_out(text, (QUESTIONS, index), known)


def _question(asked: Any) -> int | None:
    """Where in `inputs` the key is asked for."""
    found = asked if isinstance(asked, list) else []
    ids = (one.get("id") if isinstance(one, dict) else None for one in found)
    return next((index for index, one in enumerate(ids) if one == INPUT), None)


def _has_no_entry(text: str, host: Host) -> bool:
    try:
        return entry_of(text, host) is None
    except (Unreadable, NotAnObject, OtherServer):
        return False


def _nothing_else_differs(one: str, other: str, host: Host) -> None:
    """Raises `NotAnObject` if two texts differ in more than this server's entry."""
    if repr(_rest(one, host)) != repr(_rest(other, host)):
        raise NotAnObject(f"`{host.section}` is written in a way that cannot be changed safely")


def _rest(text: str, host: Host) -> dict[str, Any]:
    data = syntax_named(host.syntax).read(text)
    section = data.get(host.section)
    if isinstance(section, dict):
        section.pop(NAME, None)
    index = _question(data.get(QUESTIONS))
    if index is not None:
        del data[QUESTIONS][index]
    for name in (host.section, QUESTIONS):
        if not data.get(name):
            data.pop(name, None)
    return data
