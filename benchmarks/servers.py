"""The two servers: how each is started, and how each is asked for the same thing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .client import Json, StdioClient, connected

PACKAGE = Path(__file__).parent / "official" / "package.json"
ENTRY = Path("node_modules/@wavespeed/mcp/dist/index.js")
KEY = "sandbox-key"
WAIT_SECONDS = 600
HERE = "here"
OFFICIAL = "official"


@dataclass(frozen=True)
class Contender:
    """A server under measurement. `home` holds everything it keeps between runs.

    `settings` are variables beyond those that both servers get.
    """

    name: str
    command: list[str]
    home: Path
    base_url: str
    settings: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """The variables that the server is started with, and no others."""
        passed = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return passed | {
            "HOME": str(self.home),
            "WAVESPEED_API_KEY": KEY,
            "WAVESPEED_BASE_URL": self.base_url,
            "WAVESPEED_STATE_DIR": str(self.home / "state"),
            "WAVESPEED_ALLOWED_DIRS": str(self.home / "files"),
            **self.settings,
        }

    @asynccontextmanager
    async def started(self, *, greet: bool = True) -> AsyncIterator[StdioClient]:
        """The server, running for the block."""
        (self.home / "files").mkdir(parents=True, exist_ok=True)
        async with connected(self.command, self.environment(), greet=greet) as client:
            yield client

    async def start_before(self) -> None:
        """An earlier start, ended as hosts end it: what a server keeps for the next one is written."""
        async with self.started() as client:
            await client.request("tools/list", {})
            await client.leave()

    def run(self, model: str, inputs: Json) -> tuple[str, Json]:
        """The tool call that runs a model and waits for its outputs."""
        tool = "generate" if self.name == HERE else "run_model"
        return tool, {"model": model, "input": inputs, "wait_seconds": WAIT_SECONDS}


def contenders(names: tuple[str, ...], base_url: str, homes: Path, official: Path) -> list[Contender]:
    """The servers called `names`, each with a fresh home below `homes`."""
    commands = {
        HERE: [sys.executable, "-m", "wavespeed_mcp_server"],
        OFFICIAL: ["node", str(official / ENTRY)],
    }
    return [Contender(name, commands[name], homes / name, base_url) for name in names]


def install_official(directory: Path) -> None:
    """Install the pinned official server below `directory` with npm, unless it is there.

    Raises:
        FileNotFoundError: there is no npm.
        subprocess.CalledProcessError: npm could not install it.
    """
    if (directory / ENTRY).exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is needed to install the official server")
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copy(PACKAGE, directory / "package.json")
    subprocess.run([npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=directory, check=True)
