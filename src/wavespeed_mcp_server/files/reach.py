"""Where files may be read and written, and the one way to open them.

A path is resolved before anything is decided about it, and it is opened by walking down from the allowed
directory without following any link, so that what was checked is what is read, even if the tree changes in
between.
"""

import difflib
import io
import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PureWindowsPath
from typing import Self

from .media import HEAD_BYTES, MediaType, sniff
from .refusal import FileRefused

MAX_UPLOAD_BYTES = 200 * 1024 * 1024
"""The upload endpoint's limit (official Python SDK)."""

DEFAULT_FOLDERS = ("Desktop", "Documents", "Downloads", "Movies", "Music", "Pictures", "Videos")

_SYSTEM_TREES = ("/proc", "/sys", "/dev")
_WINDOWS_ROOT = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LISTED_NAMES = 2000
_WALKS = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO must not wait for its writer
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOCTTY", 0)
)


@dataclass(frozen=True)
class OpenFile:
    """A media file that may be read, open. `size` is in bytes, as it was when it was opened."""

    path: Path
    file: io.FileIO
    size: int
    media: MediaType

    @property
    def mark(self) -> tuple[int, int, int]:
        """Size in bytes, and times of the last changes in nanoseconds, as they are now."""
        now = os.fstat(self.file.fileno())
        return now.st_size, now.st_mtime_ns, now.st_ctime_ns

    def close(self) -> None:
        """Give the descriptor back."""
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Reach:
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
    ) -> "Reach":
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
        path = self._resolved(path_text)
        root = self._root_of(path)
        try:
            file = io.FileIO(_walk(root, path) if _WALKS else _open_and_compare(path), "rb")
        except FileNotFoundError as error:
            raise self._missing(path, path_text) from error
        except OSError as error:
            raise FileRefused(f"{path} cannot be opened ({error.strerror or error}).") from error
        try:
            return _checked(path, file)
        except FileRefused:
            file.close()
            raise
        except OSError as error:
            file.close()
            raise FileRefused(f"{path} cannot be read ({error.strerror or error}).") from error

    def writable_dir(self, directory: str = "") -> Path:
        """The directory that outputs go to, made if need be: `output_dir` itself, or one below it.

        Raises:
            FileRefused: it is elsewhere, hidden, or cannot be made or written.
        """
        if _CONTROL.search(directory):
            raise FileRefused("The directory's name holds control characters.")
        root = _resolve(self._absolute(self.output_dir))
        wanted = root if not directory else _resolve(root / self._host_path(directory, root))
        if not wanted.is_relative_to(root):
            raise FileRefused(
                f"{directory} is outside the output directory {root}; give a directory below it, or set "
                "WAVESPEED_OUTPUT_DIR."
            )
        below = wanted.relative_to(root)
        if any(part.startswith(".") for part in below.parts):
            raise FileRefused(f"{directory} is a hidden directory; outputs are not written there.")
        try:
            wanted.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(wanted, error) from error
        if _resolve(wanted) != wanted:
            raise FileRefused(f"{directory} changed while it was checked.")
        return wanted

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
        if text.lower().startswith("file:"):
            raise FileRefused("Give the path itself, not a file: URL.")
        if text.lower().startswith(("http://", "https://")):
            raise FileRefused("That is a URL, not a path: models take it as it is, without an upload.")
        if os.name == "nt":
            reject_windows_path(text)
        elif _WINDOWS_ROOT.match(text):
            raise FileRefused(f"{text} is a Windows path; this server does not run on Windows.")
        if text == "~" or text.startswith(("~/", "~\\")):
            if self.home is None:
                raise FileRefused("~ cannot be resolved here: give the whole path.")
            return self.home / text[2:]
        return base / text

    def _resolved(self, path_text: str) -> Path:
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

    def _root_of(self, path: Path) -> Path:
        """The allowed directory that `path` may be read from."""
        hidden = False
        for root in self._roots():
            if path == root:
                raise FileRefused(f"{path} is a directory; name a file in it.")
            if not path.is_relative_to(root):
                continue
            if not any(part.startswith(".") for part in path.relative_to(root).parts):
                break
            hidden = True
        else:
            if hidden:
                raise FileRefused(f"{path} is hidden or in a hidden directory, so it is not read.")
            raise FileRefused(
                f"That path is outside the directories that may be read ({self._listed()}). Move the file "
                "into one of them, or add its directory to WAVESPEED_ALLOWED_DIRS."
            )
        if path.as_posix().startswith(tuple(f"{tree}/" for tree in _SYSTEM_TREES)):
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

    def _missing(self, path: Path, path_text: str) -> FileRefused:
        text = f"There is no file {path}."
        close = _close_name(path)
        if close:
            text += f" Did you mean {path.with_name(close)}?"
        if not path_text.startswith("~") and not Path(path_text).is_absolute():
            text += (
                f" Relative paths begin at {self.relative_to or self.output_dir}, not at the server's "
                "working directory."
            )
        return FileRefused(text)


def unwritable(directory: Path, error: OSError) -> FileRefused:
    """The refusal for a directory that cannot be written to."""
    return FileRefused(
        f"{directory} cannot be written to ({error.strerror or error}). Set WAVESPEED_OUTPUT_DIR to a "
        "directory that can."
    )


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


def _walk(root: Path, path: Path) -> int:
    """`path` (resolved, below `root`) open for reading, with no link followed on the way."""
    directory_flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    *folders, name = path.relative_to(root).parts
    here = os.open(root, directory_flags)
    try:
        for folder in folders:
            there = os.open(folder, directory_flags, dir_fd=here)
            os.close(here)
            here = there
        return os.open(name, _OPEN_FLAGS, dir_fd=here)
    finally:
        os.close(here)


def _open_and_compare(path: Path) -> int:
    """Where directories cannot be walked by descriptor: open, then see that the path still leads to it."""
    descriptor = os.open(path, _OPEN_FLAGS)
    try:
        if path.resolve() != path or not os.path.samestat(path.stat(), os.fstat(descriptor)):
            raise OSError("it changed while it was opened")
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _checked(path: Path, file: io.FileIO) -> OpenFile:
    """The open file, once its kind, its size and its content are found to be what may be sent."""
    found = os.fstat(file.fileno())
    if not stat.S_ISREG(found.st_mode):
        raise FileRefused(f"{path} is not a regular file, so it is not read.")
    size = found.st_size
    if size > MAX_UPLOAD_BYTES:
        raise FileRefused(
            f"{path} has {size:,} bytes; the upload limit is {MAX_UPLOAD_BYTES:,} (200 MiB). Give a public "
            "URL for a larger file."
        )
    head = file.read(HEAD_BYTES)
    file.seek(0)
    media = sniff(head, size)
    if media is None or (media.weak and not media.named_by(path.name)):
        raise FileRefused(
            f"{path} is not recognised as an image, video, audio, 3D file or zip archive by its content, so "
            "it is not read."
        )
    return OpenFile(path, file, size, media)


def _close_name(path: Path) -> str | None:
    """A file beside the missing one with nearly its name. `path` is known to be in an allowed directory."""
    try:
        with os.scandir(path.parent) as entries:
            names = [
                entry.name
                for entry in islice(entries, _LISTED_NAMES)
                if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False)
            ]
    except OSError:
        return None
    close = difflib.get_close_matches(path.name, names, n=1)
    return close[0] if close else None
