"""The state directory and everything in it can be read by this user alone, however it came to be."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from calling import Connect, MakeSettings, call
from wavespeed_mcp_server.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")

PAINT = {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "wait_seconds": 20}


@pytest.fixture(params=[0o000, 0o022])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """What the host's shell leaves open."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def open_to_others(directory: Path) -> list[str]:
    """What others may read, with its mode."""
    found = [directory, *directory.rglob("*")]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in found}
    return [f"{path.name} {mode:o}" for path, mode in modes.items() if mode & 0o077]


async def test_what_a_server_writes_is_closed_whatever_the_umask(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings, tmp_path: Path, umask: int
) -> None:
    async with connect(make_settings()) as client:
        await call(client, "list_models")
        await call(client, "generate", **PAINT)
        assert open_to_others(tmp_path / "state") == []


async def test_what_an_older_version_left_open_is_closed(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    async with connect(make_settings()) as client:
        await call(client, "generate", **PAINT)
        for path in (state, *state.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        async with connect(make_settings()) as later:
            await call(later, "generate", **PAINT)
            assert open_to_others(state) == []
