"""A stand-in for the system's viewer, which tells through a pipe what it was asked to open."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread

from calling import PATIENCE_SECONDS

T = TypeVar("T")


def put_viewer(programs: Path) -> Path:
    """Put it into the new folder `programs`; returns its pipe."""
    programs.mkdir()
    pipe = programs / "opened"
    os.mkfifo(pipe)
    viewer = programs / "xdg-open"
    viewer.write_text(f'#!/bin/sh\nprintf %s "$1" > "{pipe}"\n', encoding="utf-8")
    viewer.chmod(0o755)
    return pipe


async def opening(pipe: Path, show: Callable[[], Awaitable[T]]) -> tuple[T, str]:
    """What `show` returns, and what the viewer was asked to open meanwhile."""
    opened: list[str] = []

    async def hear() -> None:
        opened.append(await anyio.to_thread.run_sync(pipe.read_text, abandon_on_cancel=True))

    with anyio.fail_after(PATIENCE_SECONDS):
        async with anyio.create_task_group() as group:
            group.start_soon(hear)
            shown = await show()
    return shown, opened[0]
