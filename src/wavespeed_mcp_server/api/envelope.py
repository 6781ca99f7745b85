"""What an answer of the API means: the envelope around its data."""

from __future__ import annotations

from typing import Any

from ..json_text import read_json
from .answer import Answer
from .errors import MODERATED, ApiError, Unanswered, moderated, refusal
from .wire import TERMINAL


def unwrap(answer: Answer) -> Any:
    """The data of an envelope.

    A code other than 200 is an error even under HTTP 200 (official SDKs); a body that is no envelope, such
    as a gateway's page, tells nothing about what was done. A task that ended with a code of its own is data,
    whatever it comes under.

    Raises:
        ApiError: see the tree in `errors`.
    """
    try:
        envelope = read_json(answer.body)
    except (ValueError, RecursionError):
        envelope = None
    known = envelope if isinstance(envelope, dict) else {}
    task, fault = (known[part] if isinstance(known.get(part), dict) else {} for part in ("data", "error"))
    reason = known.get("message") or fault.get("message") or known.get("error") or task.get("error") or ""
    if any(_is_moderated(part) for part in (known, task, fault)):
        if not task.get("id"):
            raise moderated(answer.status, str(reason))
        ended = task.get("status") in TERMINAL
        told = {"status": task["status"] if ended else "failed", "error": task.get("error") or str(reason)}
        return task | told | {"code": MODERATED}
    if not 200 <= answer.status < 300:
        raise _refused(answer.status, reason, answer)
    if not known or ("data" not in known and "code" not in known):
        raise Unanswered("The API's answer could not be read (no JSON envelope).", status=answer.status)
    code = known.get("code", 200)
    if isinstance(code, int) and code not in {0, 200}:
        raise _refused(code if 400 <= code < 600 else 500, reason or f"code {code}", answer)
    return known.get("data")


def _is_moderated(part: dict[str, Any]) -> bool:
    """Whether content moderation refused what this is about, as a number or as text."""
    return str(MODERATED) in (str(part.get("code")), str(part.get("error_code")))


def _refused(status: int, reason: Any, answer: Answer) -> ApiError:
    if 300 <= status < 400:
        return Unanswered(
            f"The API answered with a redirect ({status}), which is not followed.", status=status
        )
    return refusal(status, str(reason), answer.retry_after)
