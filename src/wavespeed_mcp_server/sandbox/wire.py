"""What goes over the wire: one request as the routes see it, one answer as they give it."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

Json = dict[str, Any]

JSON_TYPE = "application/json"
MARK = ("x-sandbox", "1")


class Refused(Exception):
    """A request the API refuses: HTTP `status`, the envelope's `message` and `code` (0: the status), and an
    optional `error_code`.
    """

    def __init__(self, status: int, message: str, *, code: int = 0, error_code: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.error_code = error_code


@dataclass(slots=True)
class Answer:
    """A whole HTTP answer. `headers` are further ones: length, type and the sandbox mark are added."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: list[tuple[str, str]] = field(default_factory=list)

    def all_headers(self) -> list[tuple[bytes, bytes]]:
        pairs = [
            ("content-type", self.content_type),
            ("content-length", str(len(self.body))),
            MARK,
            *self.headers,
        ]
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]

    async def send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.all_headers()})
        await send({"type": "http.response.body", "body": self.body})


def json_answer(document: object, status: int = 200) -> Answer:
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    # Half a surrogate pair has no UTF-8; it goes as the escape that JSON has for it.
    return Answer(status, text.encode("utf-8", "backslashreplace"))


def success(data: object) -> Answer:
    """The API's envelope around a good answer."""
    return json_answer({"code": 200, "message": "success", "data": data})


def refusal(refused: Refused) -> Answer:
    """The API's envelope around an error: `{code, message}`, for role failures `error_code` too."""
    document: Json = {"code": refused.code or refused.status, "message": refused.message}
    if refused.error_code:
        document["error_code"] = refused.error_code
    return json_answer(document, refused.status)


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One request: `at` is what it was for (a fault's place, "control" or "other"), `time` Unix seconds."""

    number: int
    at: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    time: float


@dataclass(slots=True)
class Submission:
    """One submit: `body` as it came (bytes if unreadable), and the prediction it made, or why none."""

    model: str
    body: Any
    webhook: str
    time: float
    prediction: str | None = None
    refused: str = ""


@dataclass(slots=True)
class Call:
    """One request: its parts, and `body` once it was read (streamed routes read it themselves)."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    request: Request
    body: bytes = b""
    model: str = ""
    prediction: str = ""
    key: str = ""
    submission: Submission | None = None

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> "Call":
        return cls(
            method=scope["method"],
            path=scope["path"],
            query=dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            request=Request(scope, receive),
        )

    def document(self) -> Json:
        """The body as a JSON object; `{}` when there is none. Raises `Refused` (400) for anything else."""
        if not self.body.strip():
            return {}
        try:
            document = json.loads(self.body)
        except ValueError:
            raise Refused(400, "invalid request body: not JSON") from None
        if not isinstance(document, dict):
            raise Refused(400, "invalid request body: not a JSON object")
        return document
