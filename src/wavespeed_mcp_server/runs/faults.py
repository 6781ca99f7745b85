"""Why a run did not give outputs.

```
RunError
├── NotRun          nothing was submitted, nothing is charged
├── TaskFailed      the task ran and the API says that it failed
└── MaybeSubmitted  the submit's answer was lost: the task may exist
```
"""

from __future__ import annotations

from ..api.errors import ApiError
from ..api.wire import Prediction
from ..catalog import CatalogError
from ..files import DownloadFailed, FileRefused
from ..ledger import LedgerUnavailable
from ..text import one_line
from .recovery import Finding

# The API's task codes, from its page on error codes.
CODES = {
    1200: "refused by content moderation",
    1400: "a parameter is missing",
    1401: "a parameter is invalid",
    1402: "a media URL could not be fetched by the API",
    5000: "internal error of the API",
    5003: "model unavailable",
    5004: "timed out",
}
ADVICE = {
    1200: "Change the prompt or the media.",
    1401: "Look at get_model for what is allowed.",
    1402: "Give URLs that anyone can fetch, or upload the file with upload_file.",
}


class RunError(Exception):
    """A run gave no outputs. The text says what happened, what it cost and what to do."""


class NotRun(RunError):
    """Refused before anything was submitted."""

    def __init__(self, reason: object) -> None:
        text = str(reason).rstrip()
        closing = "" if "othing was " in text else " Nothing was submitted, nothing is charged."
        super().__init__(text + closing)


class TaskFailed(RunError):
    """The API ended the task without outputs; such runs are refunded."""

    def __init__(self, prediction: Prediction) -> None:
        self.prediction = prediction
        advice = ADVICE.get(prediction.code, "The same call again starts a new paid task.")
        gone = prediction.status == "deleted"
        refunded = "" if gone else "Failed runs are refunded by the API within hours. "
        super().__init__(
            f"Task {prediction.id} of {prediction.model} ended as {prediction.status}: "
            f"{failure_reason(prediction)}. {refunded}{advice}"
        )


class MaybeSubmitted(RunError):
    """The answer to a submit was lost, and the history does not show which task it made, if any.

    `looks_again`: the same request made again looks first, instead of buying anew.
    """

    def __init__(self, model: str, why: object, finding: Finding, *, looks_again: bool = True) -> None:
        seen = "The history shows no such task yet."
        if finding.fault:
            seen = f"The history does not tell: {finding.fault}"
        if finding.candidates:
            some = ", ".join(finding.candidates[:10])
            seen = f"Tasks of it that may be the one: {some}; check_status shows them."
        super().__init__(
            f"The answer to the submit of {model} was lost ({why}) The task may exist and be charged; it was "
            f"not sent again. {seen} Call check_status without ids in a minute to look again; the same call "
            + ("also looks first before it buys anew." if looks_again else "once more buys a new one.")
        )


def failure_reason(prediction: Prediction) -> str:
    """The API's reason for a failed task, as one bounded line."""
    meaning = CODES.get(prediction.code, "")
    said = one_line(prediction.error).rstrip(".")
    code = f"code {prediction.code}" if prediction.code else ""
    parts = [part for part in (said, code, meaning) if part]
    return ", ".join(parts) or "the API gave no reason"


EXPECTED = (ApiError, CatalogError, RunError, FileRefused, DownloadFailed, LedgerUnavailable)
"""Every failure that is told as it is; anything else is a fault of this server."""
