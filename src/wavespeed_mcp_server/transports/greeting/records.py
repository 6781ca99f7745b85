"""Where records are kept, and how one is read and written: whole, by its owner alone, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from .answers import Answers
from .evidence import PACKAGE, Listing, evidence, listed

FORMAT = 1
KEPT = 16
"""Records of different settings; the oldest go first."""
MAX_BYTES = 8 * 1024 * 1024
SHAPING = ("WAVESPEED_", "PYTHON", "PYDANTIC_", "MCP_")
"""Variables that may change what is said. The rest of the environment is the host's business."""
SECRETS = {"WAVESPEED_API_KEY"}


def state_directory(environment: Mapping[str, str], words: Sequence[str]) -> str:
    """The state directory, as `settings` finds it, without the imports that this takes there."""
    home = environment.get("HOME") or os.path.expanduser("~")
    chosen = environment.get("WAVESPEED_STATE_DIR", "")
    for number, word in enumerate(words):
        flag, _, value = word.partition("=")
        if flag == "--state-dir":
            chosen = value or "".join(words[number + 1 : number + 2])
    chosen = chosen.strip()
    if chosen == "~" or chosen.startswith(("~/", "~\\")):
        chosen = home + chosen[1:]
    if os.path.isabs(chosen):
        return chosen
    if sys.platform != "linux":
        import platformdirs

        return platformdirs.user_state_dir("wavespeed-mcp-server", appauthor=False)
    base = environment.get("XDG_STATE_HOME", "")
    if not base.strip():
        base = os.path.join(home, ".local/state")
    return os.path.join(base, "wavespeed-mcp-server")


def record_for(environment: Mapping[str, str], words: Sequence[str]) -> Record:
    """The place of the record for a server started like this. Of the key only counts whether there is one."""
    shaping = sorted(
        (name, bool(value) if name in SECRETS else value)
        for name, value in environment.items()
        if name.startswith(SHAPING)
    )
    started = repr((FORMAT, PACKAGE, sys.executable, list(words), shaping))
    name = hashlib.sha256(started.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    path = os.path.join(state_directory(environment, words), "greeting", f"{name}.json")
    return Record(path, listed(sys.path))


class Record:
    """One file of recorded answers, which may be absent, stale or damaged: then there are none.

    `listing` is what could be imported when this process started, before it imported the rest.
    """

    def __init__(self, path: str, listing: Listing) -> None:
        self.path = path
        self.started_ns = time.time_ns()
        self._listing = listing

    def answers(self) -> Answers | None:
        """The recorded answers, where they are whole and the code is still the one that wrote them."""
        try:
            with open(self.path, "rb") as file:
                if not _only_ours(os.fstat(file.fileno())):
                    return None
                digest, _, text = file.read(MAX_BYTES).partition(b"\n")
            if hashlib.sha256(text).hexdigest().encode() != digest:
                return None
            found = json.loads(text)
            if evidence(self._listing, found["names"], found["files"]) != found["evidence"]:
                return None
            return Answers(found["results"], found["index"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, results: list[str], index: dict[str, int], names: list[str], files: list[str]) -> None:
        """Replace what is recorded. Blocks.

        Raises:
            OSError: it cannot be written; what was there before is still whole.
        """
        content: dict[str, Any] = {
            "results": results,
            "index": index,
            "names": names,
            "files": files,
            "evidence": evidence(self._listing, names, files),
        }
        text = json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass")
        directory = os.path.dirname(self.path)
        os.makedirs(os.path.dirname(directory), mode=0o700, exist_ok=True)
        os.makedirs(directory, mode=0o700, exist_ok=True)
        draft = f"{self.path}.{os.getpid()}-{os.urandom(4).hex()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
            os.replace(draft, self.path)
        except OSError:
            with suppress(OSError):
                os.unlink(draft)
            raise
        _forget_oldest(directory)

    def remove(self) -> None:
        """What is recorded is not what the server says."""
        with suppress(OSError):
            os.unlink(self.path)


def _only_ours(state: os.stat_result) -> bool:
    """Nobody else can have written this file."""
    if not hasattr(os, "getuid"):
        return True
    return state.st_uid == os.getuid() and not state.st_mode & 0o022


def _forget_oldest(directory: str) -> None:
    """Of whole records, and of drafts that their writers never finished."""
    for whole in (True, False):
        aged = []
        for name in os.listdir(directory):
            path = os.path.join(directory, name)
            with suppress(OSError):
                if name.endswith(".json") is whole:
                    aged.append((os.stat(path).st_mtime_ns, path))
        for _, path in sorted(aged)[:-KEPT]:
            with suppress(OSError):
                os.unlink(path)
