"""The real server, as a program, with its pauses made short: `python hasty.py [arguments of the server]`.

Nothing else differs from `wavespeed-mcp-server`. Pauses are not what these tests are about, and a search of
the history that finds nothing would take ten seconds of each.
"""

import sys

from wavespeed_mcp_server.api import waiting
from wavespeed_mcp_server.cli import main
from wavespeed_mcp_server.runs import recovery


def hasten() -> None:
    """Make the pauses between polls, and between looks into the history, a moment each."""
    vars(waiting)["gap"] = lambda *_: 0.01
    vars(recovery)["LOOK_PAUSES"] = (0.01, 0.01, 0.01)


if __name__ == "__main__":
    hasten()
    sys.exit(main())
