"""One run from request to result, many at once, and what became of them."""

from .account import Account
from .batch import Batch
from .deleting import delete
from .downloading import completed_since, download
from .faults import EXPECTED, NOTHING_SUBMITTED, MaybeSubmitted, NotRun, RunError, TaskFailed
from .filters import HistoryFilter, UnknownFilter, known_model, known_status, no_such_model, whole_id
from .generate import prepare, price_to_agree, run
from .limits import dollars
from .moments import moment
from .options import RunOptions
from .outcome import NOT_FOUND, NOT_SUBMITTED, UNKNOWN, Outcome, room_for
from .progress import tell_bytes
from .quotes import estimate
from .request import Prepared
from .results import Costs
from .spreading import MOST_RUNS, check_count, spread
from .status import Page, Status

__all__ = [
    "EXPECTED",
    "MOST_RUNS",
    "NOTHING_SUBMITTED",
    "NOT_FOUND",
    "NOT_SUBMITTED",
    "UNKNOWN",
    "Account",
    "Batch",
    "Costs",
    "HistoryFilter",
    "MaybeSubmitted",
    "NotRun",
    "Outcome",
    "Page",
    "Prepared",
    "RunError",
    "RunOptions",
    "Status",
    "TaskFailed",
    "UnknownFilter",
    "check_count",
    "completed_since",
    "delete",
    "dollars",
    "download",
    "estimate",
    "known_model",
    "known_status",
    "moment",
    "no_such_model",
    "prepare",
    "price_to_agree",
    "room_for",
    "run",
    "spread",
    "tell_bytes",
    "whole_id",
]
