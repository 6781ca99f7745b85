"""The real server with a bug in it: `get_usage` for the model `a/crash` fails in a way nobody expects."""

import sys
from datetime import datetime
from typing import Any

from wavespeed_mcp_server.api.client import WaveSpeed
from wavespeed_mcp_server.cli import main

from .hasty import hasten

usage = WaveSpeed.usage


async def broken(self: WaveSpeed, start: datetime, end: datetime, model: str = "") -> Any:
    """As good as ever, but for one model."""
    if model == "a/crash":
        raise ZeroDivisionError("a bug")
    return await usage(self, start, end, model)


if __name__ == "__main__":
    hasten()
    WaveSpeed.usage = broken  # type: ignore[method-assign]
    sys.exit(main())
