"""Why a run did not give outputs.

```
RunError
├── NotRun          nothing was submitted, nothing is charged
├── TaskFailed      the task ran and the API says that it failed
└── MaybeSubmitted  the submit's answer was lost: the task may exist
```
"""

from __future__ import annotations

from ..api.errors import LEFT_TO_THE_PERSON, MODERATED, ApiError
from ..api.wire import Prediction
from ..catalog import CatalogError
from ..files import DownloadFailed, FileRefused
from ..ledger import LedgerUnavailable
from ..text import one_line
from .recovery import Finding

# The API's task codes, from its page on error codes.
CODES = {
    MODERATED: "refused by content moderation",
    1400: "a parameter is missing",
    1401: "a parameter is invalid",
    1402: "a media URL could not be fetched by the API",
    5000: "internal error of the API",
    5003: "model unavailable",
    5004: "timed out",
}
ADVICE = {
    1401: "Look at get_model for what is allowed.",
    1402: "Give URLs that anyone can fetch, or upload the file.",
}
NOTHING_SUBMITTED = "Nothing was submitted, nothing is charged."


class RunError(Exception):
    """A run gave no outputs. The text says what happened, what it cost and what to do."""


class NotRun(RunError):
    """Refused before anything was submitted."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"{str(reason).rstrip()} {NOTHING_SUBMITTED}")


class TaskFailed(RunError):
    """The API ended the task without outputs; such runs are refunded.

    `charged` is what the account was charged for it all the same, USD, where that is booked.
    """

    def __init__(self, prediction: Prediction, charged: float | None = None) -> None:
        self.prediction = prediction
        if prediction.code == MODERATED:
            super().__init__(_moderated(prediction, charged))
            return
        advice = ADVICE.get(prediction.code, "The same call again starts a new paid task.")
        gone = prediction.status == "deleted"
        refunded = "" if gone else "Failed runs are refunded by the API within hours. "
        super().__init__(
            f"Task {prediction.id} of {prediction.model} ended as {prediction.status}: "
            f"{failure_reason(prediction)}. {refunded}{advice}"
        )


class MaybeSubmitted(RunError):
    """The answer to a submit was lost, and it is not proved whether it made a task."""

    def __init__(self, model: str, why: object, finding: Finding) -> None:
        if finding.candidates:
            some = ", ".join(finding.candidates[:10])
            seen = f"Tasks that may be the one: {some}; check_status with these ids shows them."
        else:
            seen = f"The history shows no such task, which is no proof yet: {finding.doubt}"
        super().__init__(
            f"The answer to the submit of {model} was lost ({why}) The task may exist and be charged; "
            f"nothing was sent again. {seen} Call check_status without ids in a minute to look again; the "
            "same call looks first, too, and buys only if there is no task. again: true buys another at once."
        )


def _moderated(prediction: Prediction, charged: float | None) -> str:
    cost = (
        f'no charge is booked so far; get_usage with ids ["{prediction.id}"] shows it'
        if charged is None
        else f"it was charged ${charged:g}, which the API refunds within hours"
        if charged
        else "it was not charged, or its charge was given back"
    )
    said = one_line(prediction.error).rstrip(".") or "it gave no reason"
    return (
        f"Task {prediction.id} of {prediction.model} was refused by content moderation (code {MODERATED}). "
        f"The API's reason: {said}. Cost: {cost}. {LEFT_TO_THE_PERSON}"
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
