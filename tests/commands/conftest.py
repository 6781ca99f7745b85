"""The command line as a person types it, against a sandbox."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from calling import Json
from starting import run_process
from wavespeed_mcp_server.sandbox import Sandbox


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> Json:
        """Its output as JSON."""
        found: Json = json.loads(self.out)
        return found


Type = Callable[..., Awaitable[Said]]


async def typed(environment: Mapping[str, str], *words: str) -> Said:
    """`wavespeed-mcp-server WORDS` with exactly this environment."""
    with anyio.fail_after(90):
        done = await run_process([sys.executable, "-m", "wavespeed_mcp_server", *words], env=environment)
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment without any setting."""
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}


@pytest.fixture
def environment(bare: dict[str, str], sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """An environment that leads to the sandbox."""
    return {
        **bare,
        "WAVESPEED_API_KEY": "sandbox-key",
        "WAVESPEED_BASE_URL": sandbox.url,
        "WAVESPEED_STATE_DIR": str(tmp_path / "state"),
        "WAVESPEED_OUTPUT_DIR": str(tmp_path / "out"),
        "WAVESPEED_ALLOWED_DIRS": str(tmp_path / "in"),
    }


@pytest.fixture
def type_(environment: dict[str, str]) -> Type:
    """`await type_("generate", ...)`: the command with the sandbox's environment."""

    async def run(*words: str) -> Said:
        return await typed(environment, *words)

    return run
