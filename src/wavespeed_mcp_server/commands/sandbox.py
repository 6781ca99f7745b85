"""Running the stand-in for the API alone."""

from __future__ import annotations

import sys
from pathlib import Path

import anyio

from ..sandbox import Sandbox, running


def serve_forever(port: int, catalog: Path | None, key: str | None) -> int:
    """Serve the sandbox on 127.0.0.1 until interrupted."""
    sandbox = Sandbox(key=key, catalog_file=catalog)

    async def run() -> None:
        async with running(sandbox, port):
            print(f"A sandbox of the WaveSpeedAI API is at {sandbox.url} (nothing is real, nothing costs).")
            print(
                f"Use it: WAVESPEED_BASE_URL={sandbox.url} WAVESPEED_API_KEY={key or 'anything'}", flush=True
            )
            await anyio.sleep_forever()

    try:
        anyio.run(run)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(f"error: port {port} cannot be used: {error}", file=sys.stderr)
        return 1
    return 0
