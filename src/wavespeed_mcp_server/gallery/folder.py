"""The output directory as the gallery sees it: which saved files there are, what made them, how to open one.

Nothing outside the directory is looked at, opened or named. Everything here blocks.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..api.wire import PREDICTION_ID
from ..files.media import HEAD_BYTES, MediaType, sniff
from ..files.sidecar import ENDING, Sidecar, read_sidecar
from .kinds import kind_of

DEEPEST = 5
MOST_FOLDERS = 5_000
MOST_FILES = 200_000
OTHERS = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "dist", "build", "target"})
# A saved output is named after its model and its prediction: `paint-6488c275...-2.png`.
_NAMED_AFTER = re.compile(
    r"(?:(?P<model>.+)-)?(?P<id>(?:sandbox)?[0-9a-f]{24,40})(?:-\d{1,3}){0,2}\.\w{2,11}"
)


@dataclass(frozen=True)
class SavedFile:
    """A saved output. `name` is its path below the output directory, `made_at` Unix seconds."""

    name: str
    id: str
    model: str
    size_bytes: int
    made_at: float
    sidecar: Sidecar | None = None

    @property
    def kind(self) -> str:
        """image, video, audio, 3d, text or file, by its name."""
        return kind_of(self.name)


class Folder:
    """The saved outputs below `root`, read anew only where a directory has changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seen: dict[str, tuple[int, list[str], list[SavedFile]]] = {}

    def scan(self) -> dict[str, SavedFile]:
        """Every saved output whose prediction is known, by name."""
        found: dict[str, SavedFile] = {}
        before, self._seen = self._seen, {}
        waiting = [("", 0)]
        while waiting and len(self._seen) < MOST_FOLDERS and len(found) < MOST_FILES:
            name, depth = waiting.pop()
            entry = self._look(name, before.get(name))
            if entry is None:
                continue
            self._seen[name] = entry
            found.update((file.name, file) for file in entry[2])
            if depth < DEEPEST:
                waiting += [(inner, depth + 1) for inner in entry[1]]
        return found

    def _look(
        self, name: str, before: tuple[int, list[str], list[SavedFile]] | None
    ) -> tuple[int, list[str], list[SavedFile]] | None:
        path = self.root / name
        try:
            changed = path.stat().st_mtime_ns
            if before is not None and before[0] == changed:
                return before
            with os.scandir(path) as entries:
                listed = [entry for entry in entries if not entry.name.startswith(".")]
                folders = [
                    f"{name}/{entry.name}" if name else entry.name
                    for entry in listed
                    if entry.is_dir(follow_symlinks=False) and entry.name not in OTHERS
                ]
                files = [entry for entry in listed if entry.is_file(follow_symlinks=False)]
                return changed, folders, _saved(name, path, files)
        except OSError:
            return None

    def open(self, name: str) -> OpenOutput | None:
        """The saved file `name`, open for reading; None where it is not one of this directory's own.

        No link is followed on the way down, so that what is read is what stands there.
        """
        parts = name.split("/")
        if any(
            part in ("", ".", "..") or part.startswith(".") or "\\" in part or "\0" in part for part in parts
        ):
            return None
        try:
            root = self.root.resolve()
            path = root.joinpath(*parts)
            if path.resolve() != path or not path.is_relative_to(root):
                return None
            flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            file = os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb")
        except (OSError, RuntimeError, ValueError):
            return None
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or path.resolve() != path:
            file.close()
            return None
        head = file.read(HEAD_BYTES)
        file.seek(0)
        return OpenOutput(path, file, found.st_size, trusted(head, found.st_size, path.name))


@dataclass(frozen=True)
class OpenOutput:
    """A saved file, open. `media` is what its content is; None for text, SVG, HTML and what is not known."""

    path: Path
    file: BinaryIO
    size: int
    media: MediaType | None


def trusted(head: bytes, size: int, name: str) -> MediaType | None:
    """What a file's content is; a weak sign counts only where the name agrees."""
    found = sniff(head, size)
    return None if found is not None and found.weak and not found.named_by(name) else found


def _saved(folder: str, path: Path, files: list[os.DirEntry[str]]) -> list[SavedFile]:
    names = {entry.name for entry in files}
    found = []
    for entry in files:
        if entry.name.endswith(ENDING) and entry.name.removesuffix(ENDING) in names:
            continue
        sidecar = _sidecar(path / (entry.name + ENDING)) if entry.name + ENDING in names else None
        named = _NAMED_AFTER.fullmatch(entry.name) if sidecar is None else None
        if sidecar is None and named is None:
            continue
        state = entry.stat(follow_symlinks=False)
        found.append(
            SavedFile(
                name=f"{folder}/{entry.name}" if folder else entry.name,
                id=sidecar.id if sidecar else named["id"] if named else "",
                model=sidecar.model if sidecar else (named["model"] or "") if named else "",
                size_bytes=state.st_size,
                made_at=_made_at(sidecar, state.st_mtime),
                sidecar=sidecar,
            )
        )
    return found


def _sidecar(path: Path) -> Sidecar | None:
    """What made the output, where it names a prediction."""
    found = None if path.is_symlink() else read_sidecar(path)
    return found if found is not None and PREDICTION_ID.fullmatch(found.id) else None


def _made_at(sidecar: Sidecar | None, otherwise: float) -> float:
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(sidecar.created_at if sidecar is not None else "")
    except ValueError:
        return otherwise
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
