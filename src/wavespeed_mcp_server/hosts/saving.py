"""Reading and writing a host's configuration: whole or not at all, and never without a backup."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


class CannotSave(Exception):
    """The file cannot be read or written; the text says why. It is as it was."""


def read_text(path: Path) -> str:
    """What is in `path`; nothing where there is no such file. Line ends and a byte order mark are kept.

    Raises:
        CannotSave: it cannot be read, or is no UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise CannotSave(f"{path} is not UTF-8 text. Nothing was changed.") from error
    except OSError as error:
        raise CannotSave(f"{path} cannot be read: {error.strerror}. Nothing was changed.") from error


def save(path: Path, text: str, *, was: str, shared: bool = False) -> Path | None:
    """Put `text` in `path`; returns the backup of what was there before, if anything was.

    `was` is what was read: another program may have written since, and its work is not thrown away. A new
    file can be read by its owner alone, unless it is `shared` (a project's). Where `path` is a link, its
    target is written.

    Raises:
        CannotSave: it cannot be written, or changed meanwhile.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _refuse_what_is_not_ours_to_write(path, target, was)
        backup = _backup(target) if target.exists() else None
        _replace(target, text, mode=0o644 if shared else 0o600)
    except OSError as error:
        raise CannotSave(f"{path} cannot be written: {error.strerror}. Nothing was changed.") from error
    return backup


def earlier_texts(path: Path) -> Iterator[str]:
    """What `save` found in `path`, the newest first. Backups that cannot be read are left out."""
    for backup in reversed(_backups(path.resolve())):
        with contextlib.suppress(CannotSave):
            yield read_text(backup)


def remove(path: Path, *, was: str) -> None:
    """Remove a file that `save` made.

    Raises:
        CannotSave: it cannot be removed, or changed meanwhile.
    """
    target = path.resolve()
    _refuse_what_is_not_ours_to_write(path, target, was)
    try:
        target.unlink()
    except OSError as error:
        raise CannotSave(f"{path} cannot be removed: {error.strerror}.") from error


def _refuse_what_is_not_ours_to_write(path: Path, target: Path, was: str) -> None:
    if read_text(target) != was:
        raise CannotSave(f"{path} was changed by another program just now. Nothing was changed; try again.")
    # A file can be replaced although it is read-only, but somebody, or a program for dotfiles, made it so.
    if target.exists() and not target.stat().st_mode & 0o222:
        raise CannotSave(f"{path} is read-only. Nothing was changed; make it writable, or change its source.")


def _backups(target: Path) -> list[Path]:
    """The backups beside `target`, the oldest first."""
    number, found = 1, []
    while (backup := target.with_name(f"{target.name}.backup{number}")).exists():
        found.append(backup)
        number += 1
    return found


def _backup(target: Path) -> Path:
    """A copy beside `target`, under the first free name."""
    backup = target.with_name(f"{target.name}.backup{len(_backups(target)) + 1}")
    shutil.copy2(target, backup)
    return backup


def _replace(target: Path, text: str, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode & 0o777 if target.exists() else mode)
        Path(name).replace(target)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
