"""`@DIRECTORY/` in a list: all media of that folder, in the natural order of their names. It blocks.

`@DIRECTORY/*.jpg` is those of them whose names fit.
"""

import fnmatch
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .markers import marked_path
from .media import MEDIA_SUFFIXES
from .path_policy import PathPolicy
from .refusal import FileRefused
from .spelling import unquoted

MAX_FILES = 100
"""The most files one folder stands for, whatever the list may hold."""
_MAX_NAMES = 10_000
_NUMBERS = re.compile(r"(\d+)")
_KINDS = ("image", "video", "audio")


@dataclass(frozen=True)
class Expanded:
    """An input without folders. `note` says which files stand for them, or nothing."""

    input: dict[str, Any]
    note: str = ""


def may_be_folder(path: str) -> bool:
    """Whether a path is `DIRECTORY/`, may be one that lacks its slash, or names files by a pattern."""
    last = _pattern(path)
    return "*" in last or "." not in last


def _folder(value: object, policy: PathPolicy) -> str:
    """The path of a folder, with its slash or a pattern; "" where `value` is none."""
    path = marked_path(value) if isinstance(value, str) else None
    if path is None or not may_be_folder(path):
        return ""
    path = unquoted(path)
    if "*" in _pattern(path):
        with suppress(FileRefused):
            return "" if policy.holds(path) else path
    elif _pattern(path):
        with suppress(FileRefused):
            return f"{path}/" if policy.readable_dir(path) else ""
        return ""
    return path


def _pattern(path: str) -> str:
    """What stands behind the last slash."""
    return re.split(r"[\\/]", unquoted(path))[-1]


def expand(inputs: dict[str, Any], kinds: Mapping[str, str], policy: PathPolicy) -> Expanded:
    """A copy of `inputs` with the files of each folder in its place, where it stands in a list.

    `kinds` are the inputs that take a list, with the kind of media that they want ("" or "file": any); in
    them a folder may also stand alone.

    Raises:
        FileRefused: a directory may not be read, or holds none of that kind, or more than 100.
    """
    notes: list[str] = []
    found = {key: _expanded(value, kinds.get(key), policy, notes) for key, value in inputs.items()}
    return Expanded(found, " ".join(notes))


def _expanded(value: Any, kind: str | None, policy: PathPolicy, notes: list[str]) -> Any:
    if kind is not None and _folder(value, policy):
        value = [value]
    if isinstance(value, Mapping):
        return {key: _expanded(item, None, policy, notes) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    items: list[Any] = []
    for item in value:
        folder = _folder(item, policy)
        found = _files(folder, kind or "", policy, notes) if folder else None
        items += [_expanded(item, None, policy, notes)] if found is None else found
    return items


def _files(path: str, kind: str, policy: PathPolicy, notes: list[str]) -> list[str]:
    """The folder's files as markers of their own."""
    pattern = _pattern(path)
    folder = policy.readable_dir(path.removesuffix(pattern))
    wanted = kind if kind in _KINDS else "media"
    found: list[str] = []
    left_out = 0
    for name in sorted(_names(folder, pattern), key=_natural):
        if not _is_wanted(folder / name, wanted, policy):
            left_out += 1
            continue
        if len(found) == MAX_FILES:
            raise FileRefused(f"{folder} holds more than {MAX_FILES} {wanted} files; name the ones you mean.")
        found.append(f"@{folder / name}")
    if not found:
        called = f" called {pattern}" if pattern else ""
        raise FileRefused(f"{folder} holds no {wanted} files{called} that may be read.")
    others = f" ({left_out} others left out)" if left_out else ""
    notes.append(
        f"{folder / pattern} stands for {len(found)} {wanted} file{'s' if len(found) > 1 else ''}{others}."
    )
    return found


def _names(folder: Path, pattern: str) -> list[str]:
    fits = re.compile(fnmatch.translate(pattern or "*"), re.IGNORECASE).match
    try:
        with os.scandir(folder) as entries:
            names = [
                one.name
                for one in entries
                if not one.name.startswith(".") and one.is_file() and fits(one.name)
            ]
    except OSError as error:
        raise FileRefused(f"{folder} cannot be listed ({error.strerror or error}).") from error
    if len(names) > _MAX_NAMES:
        raise FileRefused(f"{folder} holds more than {_MAX_NAMES:,} files; name the ones you mean.")
    return names


def _is_wanted(path: Path, wanted: str, policy: PathPolicy) -> bool:
    try:
        with policy.open(str(path)) as opened:
            return wanted in ("media", opened.media.kind)
    except FileRefused:
        if path.suffix.lower() in MEDIA_SUFFIXES:
            raise  # a picture that cannot be read is not to be missing without a word
        return False


def _natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """`img2` before `img10`, capitals where small letters are."""
    parts = _NUMBERS.split(name.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part], name
