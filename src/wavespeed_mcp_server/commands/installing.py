"""Writing this server into hosts' configurations, taking it out again, and saying where it is."""

from __future__ import annotations

import difflib
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from ..hosts import (
    HOSTS,
    KEY,
    PACKAGE,
    CannotSave,
    Host,
    Launch,
    Machine,
    NoSuchPlace,
    NotAnObject,
    OtherServer,
    Server,
    Unreadable,
    changes,
    config_files,
    earlier_texts,
    entry_of,
    environment_of,
    launch,
    name_of,
    read_text,
    remove,
    requirement_of,
    save,
    signs,
    without,
)
from .terminal import complain

# Editors on Windows begin a file with it; it is part of no syntax.
MARK = "\ufeff"


@dataclass(frozen=True)
class Wanted:
    """What is to be written: settings by the names of their environment variables, and the key if given.

    With `sandbox` the host will talk to the stand-in: no key, no cost. `project` is a directory whose own
    file is meant.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default="", repr=False)
    project: Path | None = None
    sandbox: bool = False
    dry_run: bool = False


def machine(platform: str, environment: Mapping[str, str], home: Path) -> Machine:
    """This machine. On Windows, the programs from its Store are looked up."""
    found = Machine(platform, environment, str(home))
    try:
        packages = tuple(one.name for one in Path(found.store_packages).iterdir())
    except OSError:
        packages = ()
    return Machine(platform, environment, str(home), packages)


def hosts_found(here: Machine, project: Path | None = None) -> list[Host]:
    """The hosts that are used on this machine; with `project`, those whose own file is in that directory."""
    if project is not None:
        return [
            host for host in HOSTS.values() if any((project / name).exists() for name in host.project_files)
        ]
    return [host for host in HOSTS.values() if any(Path(sign).exists() for sign in signs(host, here))]


def configuration(host: Host, here: Machine, project: Path | None) -> tuple[Path, str]:
    """The file that is meant, and what is in it: the one with an entry, else the first there is.

    Raises:
        NoSuchPlace: the host has no such file.
        CannotSave: it cannot be read.
    """
    files = [Path(one) for one in config_files(host, here, str(project.absolute()) if project else "")]
    texts = {path: read_text(path) for path in files}
    chosen = next((path for path in files if _has_entry(texts[path], host)), None)
    chosen = chosen or next((path for path in files if path.exists()), None)
    there = [Path(sign) for sign in signs(host, here) if Path(sign).exists()]
    chosen = chosen or next((path for path in files if set(there) & set(path.parents)), files[0])
    return chosen, texts[chosen]


def install_all(here: Machine, wanted: Wanted) -> int:
    """Write the entry for every host that is found; 0 if it is there afterwards in all of them."""
    found = hosts_found(here, wanted.project)
    if not found:
        complain(f"No host was found. Name one: {', '.join(HOSTS)}.")
        return 1
    return _for_each(found, lambda name: install(name, here, wanted))


def uninstall_all(here: Machine, wanted: Wanted) -> int:
    """Take the entry out wherever it is, or may be; 0 if it is nowhere afterwards."""
    found = [host for host in HOSTS.values() if not _is_absent(host, here, wanted.project)]
    if not found:
        print("It is installed nowhere.")
    return _for_each(found, lambda name: uninstall(name, here, wanted))


def install(name: str, here: Machine, wanted: Wanted) -> int:
    """Write the entry for the host of that name, or show it; 0 if it is there afterwards (or would be)."""
    host = HOSTS[name]
    try:
        _refuse_nonsense(wanted)
        path, was = configuration(host, here, wanted.project)
        how = _launch(here)
        how = Launch(how.command, (*how.args, "--sandbox")) if wanted.sandbox else how
        server = Server(how, wanted.settings, wanted.key, for_project=wanted.project is not None)
        now = _edited(path, was, lambda text: changes(text, host, server))
        print(_difference(was, now, host, path) or f"{path} has this server already.")
        if now == was:
            return 0
        if wanted.dry_run:
            print("Nothing was written (--dry-run).")
            return 0
        backup = save(path, now, was=was, shared=wanted.project is not None)
    except (NoSuchPlace, CannotSave) as error:
        complain(error)
        return 1
    print(f"Written to {path}" + (f"; before, it was as in {backup.name}" if backup else ""))
    if not wanted.sandbox and _keyless(now, host):
        print(host.key_advice + " Keys: https://wavespeed.ai/accesskey")
    print(host.reload)
    return 0


def uninstall(name: str, here: Machine, wanted: Wanted) -> int:
    """Take the entry out of that host's configuration, or show it; 0 if it is not there afterwards."""
    host = HOSTS[name]
    try:
        path, was = configuration(host, here, wanted.project)
        earlier = [text.removeprefix(MARK) for text in earlier_texts(path)]
        now = _edited(path, was, lambda text: without(text, host, earlier))
        if now == was:
            print(f"{path} does not have this server.")
            return 0
        print(_difference(was, now, host, path))
        if wanted.dry_run:
            print("Nothing was written (--dry-run).")
            return 0
        if not now.removeprefix(MARK) and not earlier:
            remove(path, was=was)
            print(f"{path} held nothing else and was removed.")
            return 0
        backup = save(path, now, was=was, shared=wanted.project is not None)
    except (NoSuchPlace, CannotSave) as error:
        complain(error)
        return 1
    print(f"Taken out of {path}" + (f"; before, it was as in {backup.name}" if backup else ""))
    return 0


def _for_each(hosts: Iterable[Host], verb: Callable[[str], int]) -> int:
    """Do `verb` for every host, and go on after a failure; 1 if any failed."""
    results = []
    for host in hosts:
        print(f"{host.title}:")
        results.append(verb(host.name))
    return int(any(results))


def _refuse_nonsense(wanted: Wanted) -> None:
    if wanted.project is not None and wanted.key:
        raise CannotSave("A project's file is shared with others: --with-key is refused there.")
    if wanted.project is not None and not wanted.project.is_dir():
        raise CannotSave(f"{wanted.project} is no directory; nothing was written.")


def _has_entry(text: str, host: Host) -> bool:
    try:
        return entry_of(text.removeprefix(MARK), host) is not None
    except (Unreadable, NotAnObject, OtherServer):
        return False


def _is_absent(host: Host, here: Machine, project: Path | None) -> bool:
    try:
        _, text = configuration(host, here, project)
        return entry_of(text.removeprefix(MARK), host) is None
    except NoSuchPlace:
        return True
    except (CannotSave, Unreadable, NotAnObject, OtherServer):
        return False


def _edited(path: Path, was: str, edit: Callable[[str], str]) -> str:
    """`was` after `edit`, its mark kept."""
    try:
        text = was.removeprefix(MARK)
        return was[: len(was) - len(text)] + edit(text)
    except (Unreadable, NotAnObject, OtherServer) as error:
        raise CannotSave(
            f"{path} cannot be changed ({error}). Nothing was changed; mend it first."
        ) from error


def _launch(here: Machine) -> Launch:
    python = Path(sys.executable)
    script = python.with_name("wavespeed-mcp-server" + (".exe" if here.platform == "win32" else ""))
    uvx = shutil.which("uvx", path=here.environment.get("PATH"))
    record = distribution(PACKAGE).read_text("direct_url.json") or ""
    return launch(
        python,
        script if script.exists() else None,
        Path(uvx).absolute() if uvx else None,
        requirement_of(record, media=find_spec("av") is not None),
    )


def _difference(was: str, now: str, host: Host, path: Path) -> str:
    """The entry before and after. The rest of the file is nobody's business: it may hold other keys."""
    before, after = (_shown(text.removeprefix(MARK), host) for text in (was, now))
    lines = difflib.unified_diff(before, after, f"{path} now", f"{path} then", n=100, lineterm="")
    return "\n".join(lines)


def _keyless(text: str, host: Host) -> bool:
    """Whether the key is not in the file, but has to come from somewhere."""
    entry = entry_of(text.removeprefix(MARK), host) or {}
    return _is_public(KEY, environment_of(entry, host).get(KEY, ""))


def _shown(text: str, host: Host) -> list[str]:
    """The entry in lines, without what may be secret."""
    entry = entry_of(text, host)
    if entry is None:
        return []
    environment = {
        name: value if _is_public(name, value) else "(not shown)"
        for name, value in environment_of(entry, host).items()
    }
    shown = {
        host.section: {
            name_of(text, host): {**entry, **({host.environment: environment} if environment else {})}
        }
    }
    return json.dumps(shown, indent=2, ensure_ascii=False, default=str).split("\n")


def _is_public(name: str, value: str) -> bool:
    reference = value.startswith(("${", "{env:"))
    secret = not name.startswith("WAVESPEED_") or name.endswith(("KEY", "SECRET", "DATABASE_URL"))
    return not value or reference or not secret
