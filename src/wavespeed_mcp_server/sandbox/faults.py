"""Faults: what goes wrong on the way, where, and how often."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from .wire import Answer, Call, Json, Refused, refusal

PLACES = frozenset(
    {
        "submit",
        "poll",
        "models",
        "price",
        "balance",
        "history",
        "delete",
        "usage",
        "billing",
        "secret",
        "upload_ticket",
        "upload_put",
        "upload_binary",
        "download",
    }
)
STATUSES = {
    "400": "Sandbox fault: bad request",
    "401": "Sandbox fault: unauthorized",
    "402": "Sandbox fault: payment required",
    "403": "Sandbox fault: forbidden",
    "404": "Sandbox fault: not found",
    "413": "Sandbox fault: too large",
    "429": "Sandbox fault: too many requests",
    "500": "Sandbox fault: internal server error",
    "502": "Sandbox fault: bad gateway",
    "503": "Sandbox fault: service unavailable",
    "504": "Sandbox fault: gateway timeout",
}
_BEFORE = frozenset(
    {
        *STATUSES,
        "retry_after",
        "drop_before",
        "hang_before",
        "html_502",
        "envelope_error",
        "redirect",
    }
)
_AFTER = frozenset(
    {
        "drop_after",
        "hang",
        "html",
        "garbage",
        "truncated",
        "wrong_length",
        "empty",
        "null_outputs",
        "missing_fields",
        "unknown_status",
        "slow",
    }
)
KINDS = _BEFORE | _AFTER

_PAGE = b"<!DOCTYPE html><html><title>sandbox gateway</title><h1>Please stand by</h1></html>"


@dataclass
class Fault:
    """One thing that goes wrong.

    at: one of PLACES. kind: one of KINDS. times: how often, None for ever. after: let this many matching
    requests through first. model, prediction, when: only requests for these, or for which `when` is true.
    created: whether the work (the task, the upload, the deletion) is done all the same. By default not for a
    status, a redirect or an envelope error, and yes for an answer that is spoiled, late or lost; "html" and
    "hang" are of the second sort, "html_502" and "hang_before" of the first. seconds: for "slow".
    location: for "redirect". code, message: the envelope's, for "envelope_error" (500) and statuses.
    retry_after: the header's text. Raises ValueError for an unknown place or kind.
    """

    at: str
    kind: str
    times: int | None = 1
    after: int = 0
    model: str | None = None
    prediction: str | None = None
    when: Callable[[Call], bool] | None = None
    created: bool | None = None
    seconds: float = 1.0
    location: str = ""
    code: int = 0
    message: str = ""
    retry_after: str = "1"
    hits: int = field(default=0, init=False)
    passed: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.at not in PLACES:
            raise ValueError(f"unknown place {self.at!r}; one of {', '.join(sorted(PLACES))}")
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind {self.kind!r}; one of {', '.join(sorted(KINDS))}")

    @property
    def works(self) -> bool:
        """Whether the request's work is done although its answer goes wrong."""
        return self.kind in _AFTER if self.created is None else self.created

    def strikes(self, at: str, call: Call) -> bool:
        """Whether this request is hit; counts it."""
        if at != self.at or (self.times is not None and self.hits >= self.times):
            return False
        if self.model is not None and self.model != call.model:
            return False
        if self.prediction is not None and self.prediction != call.prediction:
            return False
        if self.when is not None and not self.when(call):
            return False
        if self.passed < self.after:
            self.passed += 1
            return False
        self.hits += 1
        return True

    def shown(self) -> Json:
        return {name.name: getattr(self, name.name) for name in fields(self) if name.name != "when"}

    @classmethod
    def read(cls, document: Json) -> "Fault":
        """From JSON, as the control endpoint takes it. Raises `Refused` (400) for what it does not know."""
        known = {name.name for name in fields(cls) if name.init and name.name != "when"}
        try:
            if unknown := set(document) - known:
                raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")
            return cls(**document)
        except (TypeError, ValueError) as error:
            raise Refused(400, f"not a fault: {error}") from None


def spoiled(fault: Fault, good: Answer | None, own_url: str) -> Answer:
    """The answer `fault` gives instead of the `good` one (None when no work was done)."""
    kind = fault.kind
    if kind in STATUSES:
        return refusal(Refused(int(kind), fault.message or STATUSES[kind], code=fault.code))
    if kind == "retry_after":
        answer = refusal(Refused(429, fault.message or STATUSES["429"]))
        answer.headers.append(("retry-after", fault.retry_after))
        return answer
    if kind == "envelope_error":
        message = fault.message or "Sandbox fault: error under HTTP 200"
        return refusal(Refused(200, message, code=fault.code or 500))
    if kind == "redirect":
        return Answer(302, b"", headers=[("location", fault.location or own_url + "/elsewhere")])
    if kind in ("html", "html_502"):
        return Answer(200 if kind == "html" else 502, _PAGE, "text/html; charset=utf-8")
    if kind == "garbage":
        return Answer(200, b'{"code":200,"message":"success","data":{"id":"sandb\xff\xfe')
    if kind == "empty":
        return Answer(200, b"")
    if good is None:
        return refusal(Refused(500, STATUSES["500"]))
    return _altered(kind, good)


def _altered(kind: str, good: Answer) -> Answer:
    """A good answer with its data spoiled; one without data (a file, an error) stays as it is."""
    if kind == "slow" or good.status != 200:
        return good
    try:
        document: Any = json.loads(good.body)
    except ValueError:
        return good
    if not isinstance(document, dict) or "data" not in document:
        return good
    data = document["data"]
    if kind == "missing_fields":
        document["data"] = {}
    elif isinstance(data, dict):
        for item in data.get("items") or [data]:
            if kind == "null_outputs":
                item["outputs"] = None
            elif kind == "unknown_status":
                item["status"] = "pondering"
    return Answer(good.status, json.dumps(document).encode(), good.content_type, good.headers)
