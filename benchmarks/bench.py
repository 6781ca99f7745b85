"""What every measurement is given: the stand-in, the two servers, and how much to measure."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio

from wavespeed_mcp_server.sandbox import Sandbox

from .client import StdioClient
from .servers import HERE, OFFICIAL, Contender, contenders
from .standin import model_id

DATA = Path(__file__).parents[2] / "shared" / "data"
CATALOG = DATA / "models-2026-03-13.json"
SETTLED_SECONDS = 4.0


@dataclass
class Bench:
    """One run of the benchmark. `tasks` is how many run times the waiting rows sample."""

    official_dir: Path
    tasks: int = 48
    repeats: int = 3
    long_seconds: tuple[float, ...] = (60.0, 90.0)
    progress: bool = False
    say: Callable[[str], None] = print
    random: random.Random = field(default_factory=lambda: random.Random(2026))
    _numbers: int = 0

    def number(self) -> int:
        """A number not given before, so that no two runs are equal."""
        self._numbers += 1
        return self._numbers

    def unused_model(self) -> str:
        """A model that has not run yet in this benchmark."""
        return model_id(self.number() % 1000)

    @asynccontextmanager
    async def contenders(self, sandbox: Sandbox) -> AsyncIterator[list[Contender]]:
        """Both servers as they can be started, each with an empty home."""
        with TemporaryDirectory(prefix="wavespeed-bench-") as homes:
            yield contenders((OFFICIAL, HERE), sandbox.url, Path(homes), self.official_dir)

    @asynccontextmanager
    async def servers(self, sandbox: Sandbox) -> AsyncIterator[list[Server]]:
        """Both servers running, warmed by one run."""
        async with self.contenders(sandbox) as contenders, AsyncExitStack() as stack:
            servers = [Server(one, await stack.enter_async_context(one.started())) for one in contenders]
            for server in servers:
                await server.warm()
            await anyio.sleep(SETTLED_SECONDS)
            yield servers


@dataclass
class Server:
    """A running server and how to ask it."""

    contender: Contender
    client: StdioClient

    @property
    def name(self) -> str:
        """Which of the two it is."""
        return self.contender.name

    async def warm(self) -> None:
        """One run that ends at once: the catalog is fetched, connections are open, code is loaded."""
        from .standin import inputs

        await self.client.call(*self.contender.run(model_id(0), inputs(0.0, 0)))
