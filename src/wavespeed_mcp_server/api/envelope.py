"""What an answer of the API means: the envelope around its data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..json_text import read_json
from .errors import ApiError, Unanswered, refusal


@dataclass
class Answer:
    """An HTTP answer before its envelope is opened. `retry_after` is in seconds."""

    status: int
    body: bytes
    retry_after: float | None = None


def unwrap(answer: Answer) -> Any:
    """The data of an envelope.

    A code other than 200 is an error even under HTTP 200 (official SDKs); a body that is no envelope, such
    as a gateway's page, tells nothing about what was done.

    Raises:
        ApiError: see the tree in `errors`.
    """
    try:
        envelope = read_json(answer.body)
    except (ValueError, RecursionError):
        envelope = None
    known = envelope if isinstance(envelope, dict) else {}
    reason = known.get("message") or known.get("error") or ""
    if not 200 <= answer.status < 300:
        raise _refused(answer.status, reason, answer)
    if not known or ("data" not in known and "code" not in known):
        raise Unanswered("The API's answer could not be read (no JSON envelope).", status=answer.status)
    code = known.get("code", 200)
    if isinstance(code, int) and code not in {0, 200}:
        raise _refused(code if 400 <= code < 600 else 500, reason or f"code {code}", answer)
    return known.get("data")


def _refused(status: int, reason: Any, answer: Answer) -> ApiError:
    if 300 <= status < 400:
        return Unanswered(
            f"The API answered with a redirect ({status}), which is not followed.", status=status
        )
    return refusal(status, str(reason), answer.retry_after)
