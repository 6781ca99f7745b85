"""What this server's entry in a host's configuration says, and how it is put in, changed and taken out."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .json_edit import JsonText
from .launch import Launch
from .older import OtherServer, environment_of, name_among, own_arguments, refuse_another
from .syntax import NotAnObject, Unreadable, syntax_named
from .table import INPUT, KEY, Host

PROJECT = "WAVESPEED_PROJECT_DIR"
QUESTION = {"type": "promptString", "id": INPUT, "description": "WaveSpeedAI API key", "password": True}
QUESTIONS = "inputs"


@dataclass(frozen=True)
class Server:
    """How the server is started, and with which settings (environment variables); `for_project`: by an entry
    of a project's own file."""

    launch: Launch
    settings: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default="", repr=False)
    for_project: bool = False


def changes(text: str, host: Host, server: Server) -> str:
    """The configuration `text` with this server in it; whatever else is there stays as it is.

    An entry that exists keeps its name, its key, its settings, its own arguments and what the host noted in
    it, unless `server` brings another; what its host needs and it lacks is added. An empty text counts as an
    empty configuration.

    Raises:
        Unreadable: the text is not what the host reads.
        NotAnObject: a member that should hold servers holds something else.
        OtherServer: the entry of this name is not this server's.
    """
    syntax, name, entry = syntax_named(host.syntax), name_of(text, host), entry_of(text, host)
    path = (host.section, name)
    if entry is None:
        now = syntax.put(text, path, _new(host, server))
    else:
        now = text
        for part, value in _parts(host, server, entry).items():
            now = syntax.put(now, (*path, *part), value)
    now = _ask_for_key(now, host)
    _nothing_else_differs(text, now, host, name)
    return now


def without(text: str, host: Host, before: Iterable[str] = ()) -> str:
    """The configuration `text` without this server; whatever else is there stays as it is.

    `before` are earlier texts of the same file, the newest first. The newest that has no entry is the one the
    entry was put into: what `changes` made there besides the entry goes too. Without any, a text that holds
    nothing but an entry as `changes` writes it was made by it, and becomes an empty one.

    Raises:
        Unreadable, NotAnObject, OtherServer: as in `changes`.
    """
    known = next((one for one in before if _has_no_entry(one, host)), None)
    while (entry := entry_of(text, host)) is not None:
        syntax, name = syntax_named(host.syntax), name_of(text, host)
        path = (host.section, name)
        if known is None and text == _ask_for_key(syntax.put("", path, entry), host):
            known = ""
        now = syntax.take_out(_without_question(text, host, known), path, known)
        _nothing_else_differs(text, now, host, name)
        if name_of(now, host) == name and entry_of(now, host) is not None:
            raise NotAnObject(f"`{host.section}.{name}` stands where it cannot be taken out")
        text = now
    return text


def name_of(text: str, host: Host) -> str:
    """What this server is called, or is to be called, in the configuration `text`.

    Raises:
        Unreadable, NotAnObject: as in `changes`.
    """
    servers = syntax_named(host.syntax).read(text).get(host.section)
    return name_among(servers if isinstance(servers, dict) else {}, host)


def entry_of(text: str, host: Host) -> dict[str, Any] | None:
    """This server's entry in the configuration `text`, if there is one.

    Raises:
        Unreadable, NotAnObject, OtherServer: as in `changes`.
    """
    servers = syntax_named(host.syntax).read(text).get(host.section)
    # A section without a value is one without servers.
    if servers is None:
        return None
    if not isinstance(servers, dict):
        raise NotAnObject(f"`{host.section}` is not what it should be")
    name = name_among(servers, host)
    found = servers.get(name)
    if found is None:
        return None
    if not isinstance(found, dict) or not isinstance(found.get(host.environment) or {}, dict):
        raise NotAnObject(f"`{host.section}.{name}` is not what it should be")
    refuse_another(found, host)
    return found


def _new(host: Host, server: Server) -> dict[str, Any]:
    environment = {}
    if server.key or host.key is not None:
        environment[KEY] = server.key or host.key or ""
    if host.workspace and (server.for_project or not host.needs_workspace):
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
    args = [*server.launch.args, *own_arguments(entry, host, server.settings)]
    parts: dict[tuple[str, ...], Any] = {
        (name,): value for name, value in _start(host, server.launch.command, args).items()
    }
    parts |= {(name,): value for name, value in host.fixed.items() if name not in entry}
    given = dict(server.settings)
    if server.key or KEY not in environment_of(entry, host):
        passed = entry.get(host.passes) if host.passes else None
        if server.key or host.key is not None:
            given[KEY] = server.key or host.key or ""
        elif host.passes and KEY not in (passed or []):
            parts[host.passes,] = [*(passed if isinstance(passed, list) else []), KEY]
    if isinstance(entry.get(host.environment), dict):
        parts |= {(host.environment, name): value for name, value in given.items()}
    elif given:
        parts[host.environment,] = given
    return parts


def _ask_for_key(text: str, host: Host) -> str:
    """VS Code asks the person for what is declared under `inputs`, and keeps it encrypted."""
    if host.key != "${input:" + INPUT + "}":
        return text
    if environment_of(entry_of(text, host) or {}, host).get(KEY) != host.key:
        return text
    json = JsonText(comments=True)
    asked = json.read(text).get(QUESTIONS)
    if _question(asked) is not None:
        return text
    return json.put(text, (QUESTIONS, len(asked) if isinstance(asked, list) else 0), QUESTION)


def _without_question(text: str, host: Host, known: str | None) -> str:
    """The configuration without the question for the key, if only this server's entry refers to it."""
    json = JsonText(comments=True)
    reference = "${input:" + INPUT + "}"
    if host.key != reference or text.count(reference) != 1:
        return text
    data = json.read(text)
    index = _question(data.get(QUESTIONS))
    if index is None or environment_of(data[host.section][name_of(text, host)], host).get(KEY) != reference:
        return text
    if known is not None and _question(json.read(known).get(QUESTIONS)) is not None:
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


def _nothing_else_differs(one: str, other: str, host: Host, name: str) -> None:
    """Raises `NotAnObject` if two texts differ in more than the entry of that name."""
    if repr(_rest(one, host, name)) != repr(_rest(other, host, name)):
        raise NotAnObject(f"`{host.section}` is written in a way that cannot be changed safely")


def _rest(text: str, host: Host, name: str) -> dict[str, Any]:
    data = syntax_named(host.syntax).read(text)
    section = data.get(host.section)
    if isinstance(section, dict):
        section.pop(name, None)
    index = _question(data.get(QUESTIONS))
    if index is not None:
        del data[QUESTIONS][index]
    for name in (host.section, QUESTIONS):
        if not data.get(name):
            data.pop(name, None)
    return data
