"""Writing this server into a host's configuration."""

from __future__ import annotations

import difflib
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..hosts import (
    HOSTS,
    KEY,
    NAME,
    BrokenJson,
    CannotSave,
    Host,
    Launch,
    Machine,
    NoSuchPlace,
    NotAnObject,
    Server,
    changes,
    config_file,
    entry_of,
    launch,
    read_text,
    save,
)
from .terminal import complain

# Editors on Windows begin a file with it; it is no JSON.
MARK = "\ufeff"
KEY_PLACES = {
    "claude-desktop": f"Put your key between the quotes of {KEY} in that file.",
    "claude-code": f"Claude Code passes on {KEY} from the environment that it is started in.",
    "cursor": f"Cursor passes on {KEY} from the environment that it is started in; "
    "or put the key there in its place.",
    "vscode": "VS Code asks for your key when it starts the server, and keeps it encrypted.",
}


def machine(platform: str, environment: Mapping[str, str], home: Path) -> Machine:
    """This machine. On Windows, the programs from its Store are looked up."""
    found = Machine(platform, environment, str(home))
    try:
        packages = tuple(one.name for one in Path(found.store_packages).iterdir())
    except OSError:
        packages = ()
    return Machine(platform, environment, str(home), packages)


def install(
    host_name: str,
    here: Machine,
    *,
    settings: Mapping[str, str],
    key: str = "",
    project: Path | None = None,
    sandbox: bool = False,
    dry_run: bool = False,
) -> int:
    """Write the entry, or show it; 0 if it is there afterwards (or would be).

    `settings` are written as given, by the names of their environment variables, and `key` only if it is
    given. With `sandbox` the host will talk to the stand-in: no key, no cost.
    """
    host = HOSTS[host_name]
    try:
        if project is not None and key:
            raise CannotSave("A project's file is shared with others: --with-key is refused there.")
        if project is not None and not project.is_dir():
            raise CannotSave(f"{project} is no directory; nothing was written.")
        path = Path(config_file(host, here, str(project.absolute()) if project else ""))
        was = read_text(path)
        how = _launch(here)
        how = Launch(how.command, (*how.args, "--sandbox")) if sandbox else how
        now = _changed(was, host, Server(how, settings, key), path)
        print(_difference(was, now, host, path))
        if now == was:
            return 0
        if dry_run:
            print("Nothing was written (--dry-run).")
            return 0
        backup = save(path, now, was=was, shared=project is not None)
    except (NoSuchPlace, CannotSave) as error:
        complain(error)
        return 1
    print(f"Written to {path}" + (f"; before, it was as in {backup.name}" if backup else ""))
    if not sandbox and _keyless(now, host):
        print(KEY_PLACES[host.name] + " Keys: https://wavespeed.ai/accesskey")
    print(host.reload)
    return 0


def _changed(was: str, host: Host, server: Server, path: Path) -> str:
    try:
        text = was.removeprefix(MARK)
        return was[: len(was) - len(text)] + changes(text, host, server)
    except (BrokenJson, NotAnObject) as error:
        raise CannotSave(
            f"{path} cannot be added to ({error}). Nothing was changed; mend it first."
        ) from error


def _launch(here: Machine) -> Launch:
    python = Path(sys.executable)
    script = python.with_name("wavespeed-mcp-server" + (".exe" if here.platform == "win32" else ""))
    uvx = shutil.which("uvx", path=here.environment.get("PATH"))
    return launch(python, script if script.exists() else None, Path(uvx).absolute() if uvx else None)


def _difference(was: str, now: str, host: Host, path: Path) -> str:
    """The entry before and after. The rest of the file is nobody's business: it may hold other keys."""
    if now == was:
        return f"{path} has this server already."
    before, after = (_shown(entry_of(text.removeprefix(MARK), host), host) for text in (was, now))
    lines = difflib.unified_diff(before, after, f"{path} now", f"{path} then", n=100, lineterm="")
    return "\n".join(lines)


def _keyless(text: str, host: Host) -> bool:
    """Whether the key is not in the file, but has to come from somewhere."""
    entry = entry_of(text.removeprefix(MARK), host) or {}
    return _open(KEY, str(entry.get("env", {}).get(KEY, "")))


def _shown(entry: dict[str, Any] | None, host: Host) -> list[str]:
    """The entry in lines, without what may be secret."""
    if entry is None:
        return []
    environment = {
        name: value if _open(name, str(value)) else "(not shown)"
        for name, value in entry.get("env", {}).items()
    }
    shown = {host.section: {NAME: {**entry, "env": environment}}}
    return json.dumps(shown, indent=2, ensure_ascii=False).split("\n")


def _open(name: str, value: str) -> bool:
    return not value or value.startswith("${") or (name.startswith("WAVESPEED_") and name != KEY)
