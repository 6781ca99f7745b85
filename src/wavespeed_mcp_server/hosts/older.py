"""Which entry of a host's configuration is this server's, and what of an older one stays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any

from ..setting_names import MEANINGS
from .syntax import NotAnObject
from .table import Host

NAME = "wavespeed"
# The package, its module or its program: alone, in a path, before an extra or a version.
_THIS = re.compile(r"wavespeed[-_]mcp[-_]server(?![-\w])")
_ANOTHER = re.compile(r"@wavespeed/|wavespeed[-_]mcp(?![-_]server)")
_NODE = {"npx", "npm", "pnpm", "yarn", "node", "bun", "bunx", "deno"}
_URL = {"url", "serverUrl", "httpUrl", "uri"}
_SERVING = {"serve", "--transport=stdio"}


class OtherServer(Exception):
    """Under this server's name the host has another one."""


@dataclass(frozen=True)
class Started:
    """What a host starts for an entry."""

    command: str
    args: tuple[str, ...]
    environment: Mapping[str, str]


def started(entry: Mapping[str, Any], host: Host) -> Started:
    """What `host` starts for an entry of its configuration.

    Raises:
        NotAnObject: the entry does not say.
    """
    command, args = entry.get(host.command), entry.get("args") or []
    if host.joined and isinstance(command, list) and command:
        command, args = command[0], command[1:]
    if not isinstance(command, str) or not isinstance(args, list):
        raise NotAnObject(f"`{host.section}.{NAME}` does not say what to start")
    return Started(command, tuple(map(str, args)), environment_of(entry, host))


def environment_of(entry: Mapping[str, Any], host: Host) -> dict[str, str]:
    """The environment variables that an entry sets."""
    return {name: str(value) for name, value in (entry.get(host.environment) or {}).items()}


def name_among(servers: Mapping[str, Any], host: Host) -> str:
    """What this server is called among `servers`: `NAME`, unless only an entry of another name starts it."""
    ours = [name for name, one in servers.items() if isinstance(name, str) and _names_this(_words(one, host))]
    return NAME if NAME in ours or not ours else ours[0]


def refuse_another(entry: Mapping[str, Any], host: Host) -> None:
    """Raises `OtherServer` if an entry of this server's name is one of another server."""
    words = _words(entry, host)
    how = ""
    if host.command not in entry and _URL & entry.keys():
        how = "reached by a URL"
    elif words and not _names_this(words):
        program = PureWindowsPath(words[0]).stem
        if program in _NODE or any(map(_ANOTHER.search, words)):
            how = f"started with {program}"
    if how:
        raise OtherServer(f"`{host.section}.{NAME}` is another server, {how}; rename or remove it first")


def own_arguments(entry: Mapping[str, Any], host: Host, settings: Mapping[str, str]) -> list[str]:
    """The arguments of an older entry that this server reads, without those that `settings` says anew."""
    words = _words(entry, host)
    flags = {"--" + name.removeprefix("WAVESPEED_").lower().replace("_", "-"): name for name in MEANINGS}
    kept: list[str] = []
    rest = iter(words[_end_of_start(words) :])
    for word in rest:
        flag, has_value, _ = word.partition("=")
        if word in _SERVING:
            kept.append(word)
        elif flag in flags:
            value = [] if has_value else list(_next(rest))
            kept += [word, *value] if flags[flag] not in settings and (has_value or value) else []
    return kept


def _next(words: Iterator[str]) -> Iterator[str]:
    word = next(words, None)
    if word is not None:
        yield word


def _words(entry: Any, host: Host) -> list[str]:
    """What an entry starts, word by word; nothing where it does not say."""
    try:
        found = started(entry, host) if isinstance(entry, dict) else None
    except (NotAnObject, AttributeError):
        return []
    return [found.command, *found.args] if found else []


def _names_this(words: list[str]) -> bool:
    return any(map(_THIS.search, words))


def _end_of_start(words: list[str]) -> int:
    """Where what starts this server ends, and what it is given begins."""
    return next((at for at, word in enumerate(words) if _THIS.search(word)), len(words)) + 1
