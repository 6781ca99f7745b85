"""Requests of the handshake's era (2025-11-25 and before), each complete in itself.

The SDK serves each with a session, streams and eleven tasks; where nothing may be asked back, none of them is
needed. So a waiting call takes half the memory, and ends with its connection.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
from mcp.server.connection import Connection
from mcp.server.lowlevel import Server
from mcp.server.runner import modern_error_data, serve_one
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import MCPError, NoBackChannelError
from mcp.shared.jsonrpc_dispatcher import progress_token_from_params
from mcp.shared.message import ServerMessageMetadata
from mcp.shared.transport_context import TransportContext
from mcp.types import (
    DEFAULT_NEGOTIATED_VERSION,
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    ProgressToken,
    RequestId,
)
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...tools.call import AppState
from . import request_ids
from .refusal import Refusal

logger = logging.getLogger(__name__)

Message = JSONRPCRequest | JSONRPCNotification | JSONRPCResponse | JSONRPCError

VERSION = "mcp-protocol-version"
SESSION = "mcp-session-id"
CANCELLED = -32800
PING_SECONDS = 15.0
STREAM = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


CallKey = tuple[str, str, RequestId]
"""Which call a cancel may mean: its caller, the client's session, and the client's id for it."""


class HandshakeEra:
    """Serves POSTs of that era with `server`, in the lifespan's `state`; `caller_of` names whose one is.

    A session is only a name that its client repeats, so that a cancel can tell the calls of one key apart.
    Nothing is kept of it.
    """

    def __init__(
        self, server: Server[AppState], state: AppState, caller_of: Callable[[Request], str]
    ) -> None:
        self._server = server
        self._state = state
        self._caller_of = caller_of
        self._open: dict[CallKey, list[anyio.CancelScope]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one POST: a request is answered as JSON, or as a stream where there is more to tell."""
        request = Request(scope, receive)
        try:
            message = await _message(request)
        except Refusal as refusal:
            await refusal.response()(scope, receive, send)
            return
        if isinstance(message, JSONRPCRequest):
            await self._answer(message, request, _Answer(message, scope, receive, send))
            return
        if isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled":
            meant = (message.params or {}).get("requestId")
            if isinstance(meant, int | str):
                self._cancel(self._key(request, meant))
        await Response(status_code=202)(scope, receive, send)

    async def _answer(self, message: JSONRPCRequest, request: Request, answer: _Answer) -> None:
        key = self._key(request, message.id)
        with anyio.CancelScope() as connected, anyio.CancelScope() as wanted:
            self._open.setdefault(key, []).append(wanted)
            try:
                async with anyio.create_task_group() as group:
                    group.start_soon(_until_gone, request.receive, connected)
                    group.start_soon(answer.keep_open)
                    told = await self._answered(message, _Context(message, answer, request), request)
                    group.cancel_scope.cancel()
            finally:
                self._open[key].remove(wanted)
                if not self._open[key]:
                    del self._open[key]
        if connected.cancelled_caught:
            return
        if wanted.cancelled_caught:
            error = ErrorData(code=CANCELLED, message="Request cancelled")
            told = JSONRPCError(jsonrpc="2.0", id=message.id, error=error)
        await answer.end(told)

    def _key(self, request: Request, request_id: RequestId) -> CallKey:
        return self._caller_of(request), request.headers.get(SESSION, ""), request_id

    def _cancel(self, key: CallKey) -> None:
        """End the call that is meant; none where it may be another client's of the same key."""
        calls = self._open.get(key, [])
        if len(calls) == 1:
            calls[0].cancel()

    async def _answered(
        self, message: JSONRPCRequest, context: _Context, request: Request
    ) -> JSONRPCResponse | JSONRPCError:
        version = request.headers.get(VERSION, DEFAULT_NEGOTIATED_VERSION)
        try:
            result = await serve_one(
                self._server,
                context,
                message.method,
                message.params,
                connection=Connection.from_envelope(version, None, None),
                lifespan_state=self._state,
            )
        except (MCPError, ValidationError) as error:
            return JSONRPCError(jsonrpc="2.0", id=message.id, error=_named(modern_error_data(error)))
        except Exception as error:
            logger.exception("A request failed unexpectedly")
            return JSONRPCError(jsonrpc="2.0", id=message.id, error=_named(modern_error_data(error)))
        return JSONRPCResponse(jsonrpc="2.0", id=message.id, result=result)


def _named(error: ErrorData) -> ErrorData:
    """The error with its request's id: in a stream it is part of what was begun before."""
    data = error.data if isinstance(error.data, dict) else {}
    return error.model_copy(update={"data": {**data, "request_id": request_ids.current()}})


async def _message(request: Request) -> Message:
    """The message in a POST.

    Raises:
        Refusal: it is no message.
    """
    accepted = request.headers.get("accept", "*/*")
    if not all(one in accepted or "*/*" in accepted for one in ("application/json", "text/event-stream")):
        raise Refusal(406, "Accept must name application/json and text/event-stream.")
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise Refusal(415, "Content-Type must be application/json.")
    try:
        found = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "The body is no JSON.", code=PARSE_ERROR) from error
    kind: type[Message] = JSONRPCRequest
    if isinstance(found, dict) and "method" not in found:
        kind = JSONRPCError if "error" in found else JSONRPCResponse
    elif isinstance(found, dict) and "id" not in found:
        kind = JSONRPCNotification
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        raise Refusal(400, "The body is no message of JSON-RPC.", code=INVALID_REQUEST) from error


async def _until_gone(receive: Receive, connected: anyio.CancelScope) -> None:
    """End the call when its connection is dropped."""
    while (await receive())["type"] != "http.disconnect":
        pass
    connected.cancel()


class _Answer:
    """The answer to one request: JSON, or a stream of events once there is something to send before it."""

    def __init__(self, message: JSONRPCRequest, scope: Scope, receive: Receive, send: Send) -> None:
        self._headers = {SESSION: uuid.uuid4().hex} if message.method == "initialize" else {}
        self._scope = scope
        self._receive = receive
        self._send = send
        self._writing = anyio.Lock()
        self._streams = False

    async def event(self, data: bytes) -> None:
        """Send a part of the stream."""
        async with self._writing:
            if not self._streams:
                self._streams = True
                await self._send({"type": "http.response.start", "status": 200, "headers": STREAM})
            await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def keep_open(self) -> None:
        """Send something now and then, so that no proxy takes the silence for an end."""
        while True:
            await anyio.sleep(PING_SECONDS)
            await self.event(b": ping\r\n\r\n")

    async def end(self, message: JSONRPCResponse | JSONRPCError) -> None:
        """Send the answer itself."""
        text = message.model_dump_json(by_alias=True, exclude_none=True)
        if self._streams:
            await self.event(_event(text))
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            self._streams = True
            response = Response(text, headers=self._headers, media_type="application/json")
            await response(self._scope, self._receive, self._send)


def _event(text: str) -> bytes:
    return f"event: message\r\ndata: {text}\r\n\r\n".encode()


@dataclass
class _Context:
    """What the SDK asks of whoever carries a request (`mcp.shared.dispatcher.DispatchContext`)."""

    message: JSONRPCRequest
    answer: _Answer
    request: Request
    can_send_request: bool = False
    cancel_requested: anyio.Event = field(default_factory=anyio.Event)
    progress_token: ProgressToken | None = field(init=False)

    def __post_init__(self) -> None:
        self.progress_token = progress_token_from_params(self.message.params)

    @property
    def transport(self) -> TransportContext:
        """What carries it."""
        return TransportContext(kind="streamable-http", can_send_request=False, headers=self.request.headers)

    @property
    def request_id(self) -> RequestId:
        """Its id on the wire."""
        return self.message.id

    @property
    def message_metadata(self) -> ServerMessageMetadata:
        """The HTTP request that it came with."""
        return ServerMessageMetadata(request_context=self.request)

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> dict[str, Any]:
        """Nothing can be asked back: the answer would come to whichever server."""
        raise NoBackChannelError(method)

    async def notify(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> None:
        """Tell the caller something while it waits."""
        told = JSONRPCNotification(jsonrpc="2.0", method=method, params=dict(params) if params else None)
        await self.answer.event(_event(told.model_dump_json(by_alias=True, exclude_none=True)))

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """Tell the caller how far it is, where it asked to be told."""
        if self.progress_token is not None:
            told = {"progressToken": self.progress_token, "progress": progress}
            more = {"total": total, "message": message}
            await self.notify(
                "notifications/progress", told | {key: part for key, part in more.items() if part is not None}
            )
