"""One run from request to result, many at once, and what became of them."""

from .batch import Batch
from .faults import EXPECTED, MaybeSubmitted, NotRun, RunError, TaskFailed
from .limits import Limits, dollars, unconfirmed
from .outcome import NOT_FOUND, NOT_SUBMITTED, UNKNOWN, Outcome, room_for
from .request import Prepared
from .runs import Runs, Wish
from .status import Status
from .submission import Call

__all__ = [
    "EXPECTED",
    "NOT_FOUND",
    "NOT_SUBMITTED",
    "UNKNOWN",
    "Batch",
    "Call",
    "Limits",
    "MaybeSubmitted",
    "NotRun",
    "Outcome",
    "Prepared",
    "RunError",
    "Runs",
    "Status",
    "TaskFailed",
    "Wish",
    "dollars",
    "room_for",
    "unconfirmed",
]
