"""How much is tried: a sample, or all of it where IN_FULL=1, as in `.ci/other-days all`."""

from __future__ import annotations

import os

IN_FULL = os.environ.get("IN_FULL") == "1"


def examples(many: int) -> int:
    """How many examples of a property are tried."""
    return many if IN_FULL else many // 8
