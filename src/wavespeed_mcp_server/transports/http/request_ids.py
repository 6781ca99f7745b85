"""A name for each request, in every line that is logged for it and in every error it is answered with."""

from __future__ import annotations

import json
import re
import uuid
from contextvars import ContextVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Scope, Send

HEADER = "x-request-id"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("the request being served", default="")


def current() -> str:
    """The id of the request that is being served, or nothing."""
    return _current.get()


def reference() -> str:
    """The id, as it ends an error's text: a person passes on what the model was shown."""
    return f" (request {current()})" if current() else ""


def begin(scope: Scope) -> str:
    """Name this request as a proxy did, else anew, for everything that is done for it from here on."""
    given = Headers(scope=scope).get(HEADER, "")
    found = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex[:16]
    _current.set(found)
    return found


class Named:
    """Sends an answer with its request's id: in a header, and in the data of an error that is JSON-RPC's."""

    def __init__(self, request_id: str, send: Send) -> None:
        self._id = request_id
        self._send = send
        self._start: Message | None = None
        self.status = 0

    async def __call__(self, message: Message) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=list(message.get("headers", [])))
            headers[HEADER] = self._id
            message = {**message, "headers": headers.raw}
            if headers.get("content-type", "").startswith("application/json"):
                # Its length depends on what follows.
                self._start = message
                return
        elif self._start is not None:
            start, self._start = self._start, None
            body = message.get("body", b"")
            if not message.get("more_body", False) and (named := _named(body, self._id)):
                MutableHeaders(raw=start["headers"])["content-length"] = str(len(named))
                message = {**message, "body": named}
            await self._send(start)
        await self._send(message)


def _named(body: bytes, request_id: str) -> bytes:
    """An error's body with the id in it; nothing where it is no error of JSON-RPC."""
    if b'"error"' not in body:
        return b""
    try:
        answer = json.loads(body)
    except ValueError:
        return b""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict) or "jsonrpc" not in answer:
        return b""
    data = error.get("data")
    error["data"] = {**(data if isinstance(data, dict) else {}), "request_id": request_id}
    return json.dumps(answer, separators=(",", ":")).encode()
