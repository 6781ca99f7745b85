"""What shows that the code of today is the code that wrote a record: the files that were loaded then.

Versions are no evidence. An editable install, a patched package or a second copy earlier on the path changes
what is said under the same version.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
CLOCK_STEP_NS = 20_000_000
"""A file system's clock lags behind the system's by up to one tick of the kernel."""


Listing = list[tuple[str, list[str]]]


class ChangedMeanwhile(Exception):
    """A file changed while this process imported: what is in memory may be older than what is on disk."""


def loaded() -> tuple[list[str], list[str]]:
    """The packages that are loaded now, and the file of every module; built-in modules have none."""
    found = [(name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items())]
    with_file = [(name.partition(".")[0], file) for name, file in found if isinstance(file, str)]
    return sorted({name for name, _ in with_file}), sorted({_existing(file) for _, file in with_file})


def _existing(path: str) -> str:
    """`path`, or the archive it lies in."""
    while path and not os.path.exists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return path


def listed(search_path: Sequence[str]) -> Listing:
    """What lies in each place where modules are looked for."""
    return [(directory, _entries(directory)) for directory in search_path]


def evidence(listing: Listing, names: Iterable[str], files: Iterable[str]) -> str:
    """A digest of what would be imported: where the packages `names` are found, and the state of `files`.

    Raises:
        OSError: a file is gone.
    """
    found = hashlib.sha256(repr((sys.version, tuple(sys.flags), sys.platform)).encode())
    wanted = set(names)
    for directory, entries in listing:
        if not wanted.isdisjoint(entry.partition(".")[0] for entry in entries):
            found.update(repr((directory, entries)).encode())
    for path in (*_own_files(PACKAGE), *files):
        state = os.stat(path)
        facts = (path, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
        found.update(repr(facts).encode())
    return found.hexdigest()


def unchanged_since(moment_ns: int, files: Iterable[str]) -> None:
    """Nothing of this was written after `moment_ns`, by the clock of this process's start.

    Raises:
        ChangedMeanwhile: something was.
        OSError: a file is gone.
    """
    for path in (*_own_files(PACKAGE), *files):
        state: Any = os.stat(path)
        if max(state.st_mtime_ns, state.st_ctime_ns) >= moment_ns - CLOCK_STEP_NS:
            raise ChangedMeanwhile(path)


def _entries(directory: str) -> list[str]:
    """What is on the search path in one place. Bytecode is written there by the import itself."""
    try:
        return sorted(entry for entry in os.listdir(directory or ".") if entry != "__pycache__")
    except OSError:
        return []


def _own_files(directory: str) -> list[str]:
    """Every file of this package, the data files too."""
    found = []
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    found += _own_files(entry.path)
            else:
                found.append(entry.path)
    return sorted(found)
