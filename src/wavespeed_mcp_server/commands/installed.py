"""Which hosts have this server, and whether it starts as each of them starts it."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..hosts import (
    HOSTS,
    KEY,
    CannotSave,
    Host,
    Machine,
    NoSuchPlace,
    NotAnObject,
    OtherServer,
    Started,
    Unreadable,
    entry_of,
    started,
)
from .installing import MARK, configuration, hosts_found

START_SECONDS = 30.0
END_SECONDS = 5.0
STARTS = "starts"
OPENING: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "install --list", "version": "1"},
    },
}


def list_installed(here: Machine, project: Path | None = None) -> int:
    """Say for every host what is installed where and whether it would start; 1 if one would not."""
    present = hosts_found(here, project)
    with ThreadPoolExecutor(max_workers=4) as threads:
        states = dict(
            zip(HOSTS, threads.map(lambda host: _state(host, here, project), HOSTS.values()), strict=True)
        )
    shown = [host for host in HOSTS.values() if host in present or states[host.name][1]]
    width = max((len(host.title) for host in shown), default=0)
    for host in shown:
        path, state = states[host.name]
        print(f"{host.title:{width}}  {state or 'not installed'}  ({path})")
    absent = [host.title for host in HOSTS.values() if host not in shown]
    if absent:
        print(f"Not found {'in this project' if project else 'on this machine'}: {', '.join(absent)}.")
    return int(any(state and not state.startswith(STARTS) for _, state in states.values()))


def _state(host: Host, here: Machine, project: Path | None) -> tuple[str, str]:
    """The host's file, and what is to be said of the entry in it; nothing where there is none."""
    path: Path | str = ""
    try:
        path, text = configuration(host, here, project)
        entry = entry_of(text.removeprefix(MARK), host)
        if entry is None:
            return str(path), ""
        if entry.get("disabled") is True or entry.get("enabled") is False:
            return str(path), "installed, but switched off there"
        return str(path), _starts(started(entry, host), here.environment, here.home)
    except NoSuchPlace:
        return "", ""
    except (CannotSave, Unreadable, NotAnObject, OtherServer) as error:
        return str(path), f"cannot be told: {error}"


def _starts(found: Started, environment: Mapping[str, str], home: str) -> str:
    """Start what a host would start, and see whether it answers as a server of this protocol."""
    program = shutil.which(found.command, path=environment.get("PATH"))
    if program is None:
        return f"would not start: there is no program {found.command}"
    own = {name: value for name, value in environment.items() if not name.startswith("WAVESPEED_")}
    own |= {name: value for name, value in found.environment.items() if name != KEY}
    try:
        process = subprocess.Popen(
            [program, *found.args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=home,
            env=own,
        )
    except OSError as error:
        return f"would not start: {error.strerror}"
    # A host that is opened from a menu does not have the PATH of this shell.
    found_by = "" if Path(found.command).is_absolute() else f", if the host's PATH has {found.command}"
    try:
        answers = _answers(process)
        return STARTS + found_by if answers else "would not start: the program does not answer as a server"
    finally:
        _end(process)


def _answers(process: subprocess.Popen[bytes]) -> bool:
    incoming, outgoing = process.stdin, process.stdout
    if incoming is None or outgoing is None:
        return False
    lines: list[bytes] = []
    reader = threading.Thread(target=lambda: lines.append(outgoing.readline()), daemon=True)
    reader.start()
    try:
        incoming.write(json.dumps(OPENING).encode() + b"\n")
        incoming.flush()
    except OSError:
        return False
    reader.join(START_SECONDS)
    try:
        return "serverInfo" in json.loads(lines[0])["result"]
    except (IndexError, ValueError, KeyError, TypeError):
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let it end by itself, as a host does that closes its input; not at once, then by force."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
