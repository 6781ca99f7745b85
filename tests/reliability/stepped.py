"""The real server on a machine whose clock is set while it runs: `python -m reliability.stepped`.

The file named by `STEPPED_CLOCK` says how many seconds the clock is off, or `=N` where it stands at N.
"""

import os
import sys
import time
from pathlib import Path

real = time.time


def stepped() -> float:
    """This machine's clock as the file has it."""
    said = Path(os.environ["STEPPED_CLOCK"]).read_text(encoding="ascii")
    return float(said[1:]) if said.startswith("=") else real() + float(said)


if __name__ == "__main__":
    # Before anything takes its own name for it.
    time.time = stepped
    time.time_ns = lambda: int(stepped() * 1e9)
    from wavespeed_mcp_server.cli import main

    from .hasty import hasten

    hasten()
    sys.exit(main())
