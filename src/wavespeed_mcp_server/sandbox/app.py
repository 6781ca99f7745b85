"""Every request's way: which route, who asks, what is held or goes wrong, what is answered."""

import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
from starlette.types import Receive, Scope, Send

from . import connection, control, listings, runs, transfers
from .faults import Fault, spoiled
from .wire import Answer, Call, Refused, Submission, refusal

if TYPE_CHECKING:
    from .state import Sandbox

Handler = Callable[["Sandbox", Call], Awaitable[Answer]]

_API = "/api/v3/"
_PREDICTIONS = "/api/v3/predictions/"
_RESULT = "/result"
# The slashes of a model id are part of the path: an id in one escaped segment names nothing.
_ESCAPED_SLASH = b"%2f"
# What a key of a read-only role may not do.
FORBIDDEN_FOR_READ_ONLY = frozenset(
    {"submit", "delete", "usage", "billing", "upload_ticket", "upload_binary"}
)


@dataclass(frozen=True, slots=True)
class Route:
    """`at` is what faults and counts call it. A streamed route reads its body itself."""

    at: str
    handler: Handler
    streamed: bool = False


_ROUTES = {
    ("GET", "/api/v3/models"): Route("models", listings.models),
    ("GET", "/api/v3/balance"): Route("balance", listings.balance),
    ("GET", "/api/v3/webhook/secret"): Route("secret", listings.webhook_secret),
    ("POST", "/api/v3/predictions"): Route("history", listings.history),
    ("POST", "/api/v3/predictions/delete"): Route("delete", listings.delete),
    ("POST", "/api/v3/model/price"): Route("price", listings.price),
    ("POST", "/api/v3/model/pricing"): Route("price", listings.pricing),
    ("POST", "/api/v3/user/usage_stats"): Route("usage", listings.usage),
    ("POST", "/api/v3/billings/search"): Route("billing", listings.billing),
    ("POST", "/api/v3/media/uploads"): Route("upload_ticket", transfers.upload_ticket),
    ("POST", "/api/v3/media/upload/binary"): Route("upload_binary", transfers.upload_binary, streamed=True),
}
_POLL = Route("poll", runs.result)
_DOWNLOAD = Route("download", transfers.download)
_PUT = Route("upload_put", transfers.put, streamed=True)
_CONTROL = Route("control", control.answer)


async def _not_found(sandbox: "Sandbox", call: Call) -> Answer:
    raise Refused(404, "not found")


_OTHER = Route("other", _not_found)
_SUBMIT = Route("submit", runs.submit)


async def respond(sandbox: "Sandbox", scope: Scope, receive: Receive, send: Send) -> None:
    """One request from its first byte to its last."""
    call = Call.of(scope, receive)
    route = _find(call)
    if not route.streamed:
        call.body = await call.request.body()
    _name(sandbox, call, route)
    _record(sandbox, call, route)
    fault = sandbox.fault_for(route.at, call)
    await sandbox.held(route.at, after_work=False)
    good = await _worked(sandbox, call, route) if fault is None or fault.works else None
    await sandbox.held(route.at, after_work=True)
    if good is not None and fault is None:
        await good.send(send)
    elif fault is not None:
        if call.submission and not call.submission.prediction:
            call.submission.refused = call.submission.refused or f"fault: {fault.kind}"
        await _misbehave(fault, good, call, sandbox.url, send)


async def _worked(sandbox: "Sandbox", call: Call, route: Route) -> Answer:
    try:
        if call.path.startswith(_API):
            _authorise(sandbox, call, route)
        return await sandbox.answers.get(route.at, route.handler)(sandbox, call)
    except Refused as refused:
        if call.submission:
            call.submission.refused = refused.message
        return refusal(refused)


def _authorise(sandbox: "Sandbox", call: Call, route: Route) -> None:
    """Only a bearer counts. Raises `Refused`: 401, or 403 for what the key's role may not do."""
    scheme, _, key = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise Refused(401, "unauthorized: send Authorization: Bearer <key>")
    call.key = key.strip()
    if sandbox.key is not None and call.key != sandbox.key:
        raise Refused(401, "unauthorized: invalid API key")
    if sandbox.account_mode == "unactivated":
        raise Refused(401, "unauthorized: this API key is not active until a first top-up")
    if sandbox.account_mode == "restricted" and route.at in FORBIDDEN_FOR_READ_ONLY:
        raise Refused(403, "the role of this API key lacks permission", error_code="permission_denied")


async def _misbehave(fault: Fault, good: Answer | None, call: Call, own_url: str, send: Send) -> None:
    if fault.kind in ("drop_before", "drop_after"):
        await connection.drop(call.request)
    elif fault.kind in ("hang", "hang_before"):
        await connection.gone(call.request)
    elif fault.kind in ("truncated", "wrong_length"):
        claim = good or spoiled(fault, good, own_url)
        await connection.send_cut(call.request, claim, says_less=fault.kind == "wrong_length")
    else:
        if fault.kind == "slow":
            await anyio.sleep(fault.seconds)
        await spoiled(fault, good, own_url).send(send)


def _find(call: Call) -> Route:
    if _ESCAPED_SLASH in call.request.scope["raw_path"].lower():
        return _OTHER
    route = _ROUTES.get((call.method, call.path))
    if route is not None:
        return route
    path = call.path
    if path.startswith(("/outputs/", "/storage/")):
        if call.method == "PUT" and path.startswith("/storage/"):
            return _PUT
        return _DOWNLOAD if call.method in ("GET", "HEAD") else _OTHER
    if path.startswith("/_sandbox/"):
        return _CONTROL
    if not path.startswith(_API):
        return _OTHER
    if call.method == "GET" and path.startswith(_PREDICTIONS) and path.endswith(_RESULT):
        return _POLL
    return _SUBMIT if call.method == "POST" else _OTHER


def _name(sandbox: "Sandbox", call: Call, route: Route) -> None:
    """Fills in which model and prediction the request is about, where it says so."""
    if route is _SUBMIT:
        call.model = call.path.removeprefix(_API)
    elif route is _POLL:
        call.prediction = call.path.removeprefix(_PREDICTIONS).removesuffix(_RESULT)
    elif route is _DOWNLOAD:
        call.prediction = call.path.removeprefix("/outputs/").partition("/")[0]
    elif route.at == "price":
        call.model = _model_id(call.body)
    prediction = sandbox.tasks.by_id.get(call.prediction)
    if prediction is not None:
        call.model = prediction.model.model_id


def _model_id(body: bytes) -> str:
    document = _parsed(body)
    return str(document.get("model_id", "")) if isinstance(document, dict) else ""


def _parsed(body: bytes) -> Any:
    """The body as JSON, or as it is if it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return body


def _record(sandbox: "Sandbox", call: Call, route: Route) -> None:
    if route is _SUBMIT:
        call.submission = Submission(
            call.model, _parsed(call.body), call.query.get("webhook", ""), time.time()
        )
        sandbox.submissions.append(call.submission)
    seen = sandbox.note(route.at, call)
    if not call.path.startswith((_API, "/_sandbox/")) and "authorization" in call.headers:
        sandbox.leaks.append(seen)
