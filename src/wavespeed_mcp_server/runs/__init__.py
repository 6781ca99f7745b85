"""One run from request to result, many at once, and what became of them."""

from .account import Account
from .batch import Batch
from .faults import EXPECTED, NOTHING_SUBMITTED, MaybeSubmitted, NotRun, RunError, TaskFailed
from .generate import prepare, price_to_agree, run
from .limits import dollars
from .options import RunOptions
from .outcome import NOT_FOUND, NOT_SUBMITTED, UNKNOWN, Outcome, room_for
from .progress import tell_bytes
from .quotes import estimate
from .request import Prepared
from .status import Status

__all__ = [
    "EXPECTED",
    "NOTHING_SUBMITTED",
    "NOT_FOUND",
    "NOT_SUBMITTED",
    "UNKNOWN",
    "Account",
    "Batch",
    "MaybeSubmitted",
    "NotRun",
    "Outcome",
    "Prepared",
    "RunError",
    "RunOptions",
    "Status",
    "TaskFailed",
    "dollars",
    "estimate",
    "prepare",
    "price_to_agree",
    "room_for",
    "run",
    "tell_bytes",
]
