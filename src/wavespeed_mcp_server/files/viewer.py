"""Showing a saved file to the person at this machine, in the system's own programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from .media import HEAD_BYTES, sniff

SHOWN = frozenset({"image", "video", "audio", "3d"})


def show_file(path: Path, patience: float = 0.0) -> bool:
    """Open a media file in the system's viewer; False where it is no media or there is no viewer. Blocks.

    A viewer that ends without success within `patience` seconds is none.
    """
    try:
        with path.open("rb") as file:
            found = sniff(file.read(HEAD_BYTES), path.stat().st_size)
    except OSError:
        return False
    if found is None or found.kind not in SHOWN or not found.named_by(path.name):
        return False
    return _start(path, patience)


def show_folder(path: Path) -> bool:
    """Open the folder of `path` in the file manager, with it selected where that can be asked for. Blocks."""
    if sys.platform == "darwin":
        return _run(["open", "-R", str(path)])
    if sys.platform == "win32":
        return _run(["explorer", "/select,", str(path)])
    return _start(path.parent)


def _start(path: Path, patience: float = 0.0) -> bool:
    if sys.platform == "win32":
        try:
            os.startfile(path)
        except OSError:
            return False
        return True
    return _run(["open" if sys.platform == "darwin" else "xdg-open", str(path)], patience)


def _run(words: list[str], patience: float = 0.0) -> bool:
    """Start a program that goes on by itself, and whose output is nobody's."""
    program = shutil.which(words[0])
    if program is None:
        return False
    try:
        child = subprocess.Popen(
            [program, *words[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    with suppress(subprocess.TimeoutExpired):
        if patience and child.wait(patience):
            return False
    # Somebody has to hear of its end, or it stays behind as a dead entry of the system's table.
    threading.Thread(target=child.wait, daemon=True).start()
    return True
