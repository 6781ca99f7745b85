"""Where files may be read and written, and the one way to open them.

A path is resolved before anything is decided about it, and it is opened by walking down from the allowed
directory without following any link, so that what was checked is what is read, even if the tree changes in
between.
"""

import difflib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PureWindowsPath

from .opening import OpenFile, open_media
from .refusal import FileRefused, is_directory, not_brought_down, on_the_chats_machine, unwritable
from .spelling import folded, is_chats_own, is_windows_path, ways_to_read

DEFAULT_FOLDERS = ("Desktop", "Documents", "Downloads", "Movies", "Music", "Pictures", "Videos")

_SYSTEM_TREES = ("/proc", "/sys", "/dev")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LISTED_NAMES = 5000


@dataclass(frozen=True)
class PathPolicy:
    """The directories that may be read, and the one that may be written.

    Relative paths begin at `relative_to` (the host's project directory), else at `output_dir`; `~/` at
    `home`. The process's working directory is never used. `output_dir` may always be read. Everything here
    blocks: call it from a worker thread.
    """

    allowed: Sequence[Path]
    output_dir: Path
    relative_to: Path | None = None
    home: Path | None = None

    @classmethod
    def default(
        cls,
        home: Path,
        project_dir: Path | None = None,
        *,
        allowed: Sequence[Path] | None = None,
        output_dir: Path | None = None,
    ) -> "PathPolicy":
        """What may be reached where the settings `allowed` and `output_dir` are not given.

        A given `allowed` takes the place of the project directory and the person's folders.
        """
        if output_dir is None:
            output_dir = project_dir or home / "Downloads" / "wavespeed"
        if allowed is None:
            allowed = [*([project_dir] if project_dir else []), *(home / name for name in DEFAULT_FOLDERS)]
        return cls(tuple(allowed), output_dir, project_dir, home)

    def readable(self, path_text: str) -> Path:
        """The resolved path of a media file that may be read.

        Raises:
            FileRefused: it may not, with the reason. Outside the allowed directories the reason is the same
                whether or not something is there.
        """
        with self.open(path_text) as opened:
            return opened.path

    def open(self, path_text: str) -> OpenFile:
        """The file at `path_text`, open for reading, once everything about it has been checked.

        Raises:
            FileRefused: see `readable`.
        """
        return open_media(*self._found(path_text))

    def holds(self, path_text: str) -> bool:
        """Whether anything is at `path_text`, in a directory that may be read.

        Raises:
            FileRefused: it is outside of them, or nothing is there.
        """
        return os.path.lexists(self._found(path_text)[1])

    def _found(self, path_text: str, *, directory: bool = False) -> tuple[Path, Path]:
        """The allowed directory in which is what `path_text` means, and its resolved path."""
        places: dict[Path, Path] = {}
        refusal: FileRefused | None = None
        for way in ways_to_read(path_text, windows=os.name == "nt"):
            try:
                path = self._resolved(way)
                places.setdefault(path, self._root_of(path, directory=directory))
            except FileRefused as error:
                refusal = refusal or error
        if not places:
            raise refusal or FileRefused("The path is empty.")
        there = [path for path in places if os.path.lexists(path)]
        if there:
            return places[there[0]], there[0]
        alike = sorted({fit for path, root in places.items() for fit in _alike(root, path)})
        if len(alike) == 1:
            # It may be a link, or have changed: decided about like any other path.
            path = _resolve(alike[0])
            return self._root_of(path, directory=directory), path
        raise self._missing(next(iter(places)), path_text, alike)

    def readable_dir(self, path_text: str) -> Path:
        """The resolved path of a directory whose files may be read, or some of them.

        Raises:
            FileRefused: it is no directory, hidden, or outside the allowed ones.
        """
        _, path = self._found(path_text, directory=True)
        if not path.is_dir():
            raise FileRefused(f"{path} is not a directory; leave out the slash after it.")
        return path

    def writable_dir(self, directory: str = "") -> Path:
        """The directory that outputs go to, made if need be: `output_dir` itself, or one below it.

        With its whole path, or one that begins with `~/`, it may also be one whose files may be read.

        Raises:
            FileRefused: it is elsewhere, hidden, or cannot be made or written.
        """
        if _CONTROL.search(directory):
            raise FileRefused("The directory's name holds control characters.")
        root = _resolve(self._absolute(self.output_dir))
        named = self._host_path(directory, root) if directory else root
        wanted = _resolve(root / named)
        if not wanted.is_relative_to(root):
            root = self._named_root(directory, wanted)
        if any(part.startswith(".") for part in wanted.relative_to(root).parts):
            raise FileRefused(f"{directory} is a hidden directory; outputs are not written there.")
        try:
            wanted.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(wanted, error) from error
        if _resolve(wanted) != wanted:
            raise FileRefused(f"{directory} changed while it was checked.")
        return wanted

    def _named_root(self, directory: str, path: Path) -> Path:
        """The allowed directory that holds `path`, which is not below `output_dir`."""
        whole = directory.startswith("~") or Path(directory).is_absolute()
        roots = [root for root in self._roots() if path.is_relative_to(root)] if whole else []
        if not roots or _is_system(path):
            raise FileRefused(
                f"{directory} is outside the output directory {_resolve(self.output_dir)}; give a directory "
                f"below it, or the whole path of one that may be read ({self._listed()}), or set "
                "WAVESPEED_OUTPUT_DIR."
            )
        # The innermost: what is hidden above it was allowed by name.
        return max(roots, key=lambda root: len(root.parts))

    def _absolute(self, path: Path) -> Path:
        if path.is_absolute():
            return path
        raise FileRefused(
            f"WAVESPEED_OUTPUT_DIR is {path}, which is not an absolute path; give the whole path."
        )

    def _host_path(self, text: str, base: Path) -> Path:
        """The path meant by `text`: `~/` at home, relative ones at `base`."""
        if not text or _CONTROL.search(text):
            raise FileRefused("The path is empty or holds control characters.")
        if text.lower().startswith(("http://", "https://")):
            raise FileRefused("That is a URL, not a path: models take it as it is, without an upload.")
        if text.lower().startswith("sandbox:"):
            raise on_the_chats_machine(text, self._listed())
        if os.name == "nt":
            reject_windows_path(text)
        elif is_windows_path(text):
            raise FileRefused(
                f"{text} is a path of a Windows machine, and this server runs on another one: give the path "
                "that the file has here, or a URL."
            )
        if text == "~" or text.startswith(("~/", "~\\")):
            if self.home is None:
                raise FileRefused("~ cannot be resolved here: give the whole path.")
            return self.home / text[2:]
        return base / text

    def _resolved(self, path_text: str) -> Path:
        """The path meant, resolved, not yet held against what is allowed."""
        base = self.relative_to or self.output_dir
        path = self._host_path(path_text, base)
        if not path.is_absolute():
            raise FileRefused(
                f"{path_text} is relative and no project directory is known: give the whole path."
            )
        return _resolve(path)

    def _roots(self) -> list[Path]:
        """The allowed directories, resolved anew: a link among them counts for where it leads now."""
        return [_resolve(path) for path in (*self.allowed, self.output_dir) if path.is_absolute()]

    def _root_of(self, path: Path, *, directory: bool = False) -> Path:
        """The allowed directory that `path` may be read from; it itself only where a directory is wanted."""
        hidden = False
        for root in self._roots():
            if path == root:
                if directory:
                    return root
                raise is_directory(path)
            if not path.is_relative_to(root):
                continue
            if not any(part.startswith(".") for part in path.relative_to(root).parts):
                break
            hidden = True
        else:
            if hidden:
                raise FileRefused(f"{path} is hidden or in a hidden directory, so it is not read.")
            if _is_system(path):
                raise FileRefused(f"{path} belongs to the system, so it is not read.")
            if is_chats_own(path.as_posix()):
                raise on_the_chats_machine(path.as_posix(), self._listed())
            raise FileRefused(
                f"That path is outside the directories that may be read ({self._listed()}). Move the file "
                "into one of them, or add its directory to WAVESPEED_ALLOWED_DIRS."
            )
        if _is_system(path):
            raise FileRefused(f"{path} belongs to the system, so it is not read.")
        return root

    def _listed(self) -> str:
        shown = []
        for path in dict.fromkeys((*self.allowed, self.output_dir)):
            at_home = self.home is not None and path.is_relative_to(self.home) and path != self.home
            shown.append(
                f"~/{path.relative_to(self.home).as_posix()}" if at_home and self.home else str(path)
            )
        return ", ".join(shown[:10]) + (f" and {len(shown) - 10} more" if len(shown) > 10 else "")

    def _is_readable(self, path: Path) -> bool:
        resolved = _resolve(path)
        try:
            open_media(self._root_of(resolved), resolved).close()
        except FileRefused:
            return False
        return True

    def _missing(self, path: Path, path_text: str, alike: Sequence[Path]) -> FileRefused:
        if alike:
            names = ", ".join(ascii(found.name) for found in alike[:5])
            return FileRefused(
                f"There is no file {path}, and more than one whose name looks like it: {names}."
            )
        if os.path.lexists(path.with_name(f".{path.name}.icloud")):
            return not_brought_down(path)
        text = f"There is no file {path}."
        close = next(filter(self._is_readable, _close_names(path)), None)
        if close:
            text += f" Did you mean {close}?"
        if not path_text.startswith("~") and not Path(path_text).is_absolute():
            text += (
                f" Relative paths begin at {self.relative_to or self.output_dir}, not at the server's "
                "working directory."
            )
        return FileRefused(text)


def _is_system(path: Path) -> bool:
    return path.as_posix().startswith(tuple(f"{tree}/" for tree in _SYSTEM_TREES))


def reject_windows_path(text: str) -> None:
    """Refuse what Windows would take for something other than a file on a drive, before anything touches it.

    Network shares (reaching one sends the person's credentials), device paths, drive-relative paths, and
    alternate streams of a file.

    Raises:
        FileRefused: `text` is one of them.
    """
    path = PureWindowsPath(text)
    if path.drive.startswith(("\\\\", "//")):
        raise FileRefused(f"{text} is on the network or a device; only files on a drive are read.")
    if bool(path.drive) != bool(path.root):
        raise FileRefused(f"{text} depends on the current drive; give the whole path.")
    if any(":" in part for part in path.parts[1 if path.anchor else 0 :]):
        raise FileRefused(f"{text} names a stream inside a file, which is not read.")


def _resolve(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise FileRefused("That path cannot be resolved.") from error


def _alike(root: Path, path: Path) -> list[Path]:
    """Every path below `root` that looks as `path` does; nothing hidden, and no link followed on the way."""
    found = [root]
    *folders, last = path.relative_to(root).parts
    for part in folders:
        found = [one for here in found for one in _looking_like(here, part) if not one.is_symlink()]
    return [one for here in found for one in _looking_like(here, last)]


def _looking_like(directory: Path, name: str) -> list[Path]:
    if os.path.lexists(directory / name):
        return [directory / name]
    look = folded(name)
    return [directory / one for one in _names(directory) if folded(one) == look]


def _names(directory: Path) -> list[str]:
    """What is in a directory, without what is hidden; nothing where it cannot be listed."""
    try:
        with os.scandir(directory) as entries:
            return [entry.name for entry in islice(entries, _LISTED_NAMES) if not entry.name.startswith(".")]
    except OSError:
        return []


def _close_names(path: Path) -> list[Path]:
    """What is beside the missing file and has nearly its name; its directory is known to be allowed."""
    names = {name.casefold(): name for name in reversed(_names(path.parent))}
    close = difflib.get_close_matches(path.name.casefold(), names, n=3)
    return [path.with_name(names[name]) for name in close]
