"""Serving MCP on standard input and output."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from ..setting_names import KEY
from ..settings import Settings
from ..transports.greeting import Greeter, Record

# Python looks for circles of garbage at every 700 new objects, which is a fifteenth of what a run costs.
GARBAGE_OBJECTS = 50_000
OF_THE_API = (KEY, "WAVESPEED_BASE_URL")


def serve(settings: Settings, greeter: Greeter, place: Record, *, sandbox: bool = False) -> int:
    """Serve until the input ends, a signal comes, or nobody reads the output.

    `greeter` has the standard streams and is reading already; `place` is where its answers are recorded.
    Packages that do not fit together end the process with a sentence.
    """
    try:
        _serve(settings, greeter, place, sandbox)
    except ImportError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _serve(settings: Settings, greeter: Greeter, place: Record, sandbox: bool) -> None:
    # Collecting garbage while the SDK is imported finds none and costs an eighth of the start-up.
    gc.disable()
    import anyio

    from ..transports.lean_import import lean_import

    try:
        with lean_import():
            from ..transports import stdio
    except ImportError:
        # Another release may need at once what is left out; what is truly missing is missing again.
        from ..transports import stdio

    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS)
    gc.enable()
    stdio.end_on_signals()
    logging.basicConfig(
        level=settings.log_level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s"
    )
    for name in ("httpx", "httpcore", "mcp"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for problem in settings.problems.values():
        logging.getLogger("wavespeed_mcp_server").warning("%s", problem)

    async def run() -> None:
        async with on_sandbox(settings) if sandbox else nullcontext(settings) as used:
            await stdio.serve_stdio(used, greeter, place)

    anyio.run(run)


@asynccontextmanager
async def on_sandbox(settings: Settings) -> AsyncIterator[Settings]:
    """Settings that lead to an embedded sandbox; its tasks and ledger are gone afterwards."""
    from tempfile import TemporaryDirectory

    from ..sandbox import Sandbox, running

    with TemporaryDirectory(prefix="wavespeed-sandbox-") as directory:
        async with running(Sandbox()) as sandbox:
            yield replace(
                settings,
                api_key="sandbox-key",
                base_url=sandbox.url,
                state_dir=Path(directory),
                sandbox=True,
                proxy=None,
                problems={name: why for name, why in settings.problems.items() if name not in OF_THE_API},
            )
