"""What can go wrong between this client and the API.

```
ApiError
├── NotConfigured         a key or a usable base URL is missing; nothing was sent
├── Rejected              the API said no, so nothing was created
│   ├── BadRequest        400, 409, 413, 422 and any other 4xx
│   │   └── Moderated     code 1200, whatever the status
│   ├── Unauthorized      401
│   ├── InsufficientCredit  402, or a message that says so
│   ├── Forbidden         403
│   ├── NotFound          404
│   └── RateLimited       429
├── Unreachable           no connection opened, so nothing was sent
└── Unanswered            sent, but no usable answer: dropped, timed out, 408, 5xx, unreadable
```

`Rejected` and `Unreachable` prove that a submit created nothing. `Unanswered` proves nothing.
"""

from __future__ import annotations

import re

from ..text import one_line, sentence

KEY_PAGE = "https://wavespeed.ai/accesskey"
TOP_UP_PAGE = "https://wavespeed.ai/top-up"
# A gateway's word for a timeout (408) or a client that went away (499): the API behind it may have acted.
AMBIGUOUS = frozenset({408, 499})
# The API's code for what its content moderation refused, from its page on error codes.
MODERATED = 1200
LEFT_TO_THE_PERSON = (
    "Tell the person, and leave the change to them: do not reword the prompt, and do not send it to another "
    "model, unless they ask for it."
)

_CREDIT = re.compile(r"insufficient (credit|balance|fund)|top[ -]?up|not enough (credit|balance)", re.I)


class ApiError(Exception):
    """The call did not work. The text says what happened and what to do."""


class NotConfigured(ApiError):
    """A setting that the call needs is missing or unusable. Nothing was sent."""


class Rejected(ApiError):
    """The API answered no: nothing was created.

    `status` is the HTTP status or the envelope's code; `reason` is the API's own words, bounded.
    """

    def __init__(self, text: str, *, status: int, reason: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.reason = reason


class BadRequest(Rejected):
    """The request itself was refused (400, 413, ...)."""


class Moderated(BadRequest):
    """Content moderation refused the request; only the person may change it."""


class Unauthorized(Rejected):
    """401: the key is wrong, or was never activated by a top-up."""


class InsufficientCredit(Rejected):
    """The account cannot pay: 402, or a 400 whose message says so."""


class Forbidden(Rejected):
    """403: the account is suspended, or the key's role lacks the permission."""


class NotFound(Rejected):
    """404: unknown model or prediction."""


class RateLimited(Rejected):
    """429: the rate limit or a quota. `retry_after` is in seconds where the API gave it."""

    def __init__(self, text: str, *, status: int = 429, reason: str = "", retry_after: float | None = None):
        super().__init__(text, status=status, reason=reason)
        self.retry_after = retry_after


class Unreachable(ApiError):
    """No connection to the API could be opened: nothing was sent."""


class Unanswered(ApiError):
    """The request was sent and no usable answer came back: it may have taken effect.

    `status` is the HTTP status where there was one.
    """

    def __init__(self, text: str, *, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


def lasting(error: Exception) -> bool:
    """The API said no, and asking again will not help."""
    return isinstance(error, Rejected) and not isinstance(error, RateLimited)


def moderated(status: int, reason: str) -> Moderated:
    """The error for a request that content moderation refused before a task was made of it."""
    said = one_line(reason).rstrip(".") or "it gave no reason"
    return Moderated(
        f"Refused by content moderation (code {MODERATED}). The API's reason: {said}. {LEFT_TO_THE_PERSON}",
        status=status,
        reason=reason,
    )


def refusal(status: int, reason: str, retry_after: float | None = None) -> ApiError:
    """The error for an answer of HTTP status (or envelope code) `status`, with the API's own `reason`."""
    reason = one_line(reason)
    said = f" The API said: {sentence(reason)}" if reason else ""
    if status == 402 or (status in {400, 403} and _CREDIT.search(reason)):
        return InsufficientCredit(
            f"The account has not enough credit.{said} Top up at {TOP_UP_PAGE}.", status=status, reason=reason
        )
    if status == 401:
        return Unauthorized(
            f"The API refused the key (401).{said} Check it (WAVESPEED_API_KEY, or what this call came "
            f"with); keys are made at {KEY_PAGE} and work only after a first top-up of the account.",
            status=status,
            reason=reason,
        )
    if status == 403:
        return Forbidden(
            f"The API forbids this (403).{said} The account may be suspended, or the key's role may lack "
            "the permission.",
            status=status,
            reason=reason,
        )
    if status == 404:
        return NotFound(f"Not found (404).{said}", status=status, reason=reason)
    if status == 429:
        return RateLimited(
            f"The API's rate limit or a quota is reached (429).{said} It resets within a minute.",
            reason=reason,
            retry_after=retry_after,
        )
    if 400 <= status < 500 and status not in AMBIGUOUS:
        return BadRequest(f"The API refused the request ({status}).{said}", status=status, reason=reason)
    what = "that it timed out" if status in AMBIGUOUS else "with a server error"
    return Unanswered(f"The API answered {what} ({status}).{said}", status=status)
