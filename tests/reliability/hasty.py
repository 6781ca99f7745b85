"""The real server, as a program, with its pauses made short: `python -m reliability.hasty`.

Nothing else differs from `wavespeed-mcp-server`. Pauses are not what these tests are about, and a search of
the history that finds nothing would take ten seconds of each.
"""

import sys

from wavespeed_mcp_server.api import connection, pace, waiting
from wavespeed_mcp_server.cli import main
from wavespeed_mcp_server.ledger import following
from wavespeed_mcp_server.runs import recovery, submission


def hasten() -> None:
    """Make every pause a moment: between polls, between tries, between looks into the history."""
    vars(waiting)["gap"] = lambda *_: 0.01
    vars(pace)["FIRST_PAUSE"] = 0.01
    vars(connection)["READ_BACKOFF_SECONDS"] = 0.01
    vars(recovery)["LOOK_PAUSES"] = (0.01, 0.01, 0.01)
    # The sandbox's history never lags, so that it proves at once what it does not show.
    vars(recovery)["SETTLED_SECONDS"] = -5.0
    vars(submission)["RETRY_SECONDS"] = 0.1
    # These tests repeat a call at once, where people and models take a moment.
    vars(following)["TWIN_SECONDS"] = 0.0


if __name__ == "__main__":
    hasten()
    sys.exit(main())
