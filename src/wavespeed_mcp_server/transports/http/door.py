"""The way in: every request passes here, and is refused before anything is done or let through to MCP."""

from __future__ import annotations

from contextvars import ContextVar

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ...team.accounts import TeamAccounts
from ...team.callers import Caller
from .admission import Admission, UnknownToken
from .body import ClientGone, replayed, whole
from .hosts import AllowedHosts
from .rates import Rates, network_of
from .receipts import Response
from .refusal import Refusal

CALLER = "wavespeed.caller"
REFUSED = "wavespeed.refused"
CALLS_AT_ONCE = 300.0
CALLS_A_SECOND = 10.0
# Everyone behind one address together, while the API has not accepted their keys.
STRANGERS_AT_ONCE = 2400.0
STRANGERS_A_SECOND = 10.0
REFUSED_KEY_COST = 20.0

_caller: ContextVar[Caller | None] = ContextVar("whoever calls", default=None)


def allowed_tools() -> tuple[str, ...]:
    """The only tools of whoever calls, none where it may use all."""
    caller = _caller.get()
    return caller.tools if caller is not None else ()


def caller_of(request: object) -> Caller:
    """Whom a request that came through the door belongs to."""
    scope: Scope = request.scope  # type: ignore[attr-defined]
    found: Caller = scope[CALLER]
    return found


def note_refused(request: object) -> None:
    """The API does not accept the key of a request that came through the door."""
    request.scope[REFUSED] = True  # type: ignore[attr-defined]


class Door:
    """Lets requests of admitted callers through to `app`, which speaks MCP.

    A caller whose key the API has not accepted yet is counted by its address, too, and a key that the API
    refused counts many times: made-up keys, each called once, would be under every other limit.
    """

    def __init__(
        self, app: ASGIApp, hosts: AllowedHosts, admission: Admission, accounts: TeamAccounts
    ) -> None:
        self._app = app
        self._hosts = hosts
        self._admission = admission
        self._accounts = accounts
        self._callers = Rates(CALLS_AT_ONCE, CALLS_A_SECOND)
        self._strangers = Rates(STRANGERS_AT_ONCE, STRANGERS_A_SECOND)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        headers = Headers(scope=scope)
        address = network_of(scope["client"][0] if scope.get("client") else "")
        try:
            self._hosts.check(headers.get("host", ""), headers.getlist("origin"), local_of(scope))
            if scope["method"] != "POST":
                raise Refusal(405, "Only POST is served here: every request is complete.", {"Allow": "POST"})
            caller = await self._admitted(headers, address)
            body = await whole(headers, receive)
        except Refusal as refusal:
            await refusal.response()(scope, receive, send)
            return
        except ClientGone:
            return
        scope[CALLER] = caller
        before = self._accounts.is_proved(caller)
        token = _caller.set(caller)
        response = Response(scope, send)
        try:
            await self._app(scope, replayed(body, receive), response)
        finally:
            _caller.reset(token)
            await response.close()
            if not before:
                self._judge(scope, caller, address)

    async def _admitted(self, headers: Headers, address: str) -> Caller:
        try:
            caller = await self._admission.caller(headers)
        except UnknownToken:
            _pause(self._strangers.take(address, REFUSED_KEY_COST))
            raise
        if not self._accounts.is_proved(caller):
            _pause(self._strangers.take(address))
        _pause(self._callers.take(caller.name))
        return caller

    def _judge(self, scope: Scope, caller: Caller, address: str) -> None:
        """What a call under a key that was new has shown of it."""
        if self._accounts.is_proved(caller):
            self._strangers.charge(address, -1.0)
        elif scope.get(REFUSED):
            self._strangers.charge(address, REFUSED_KEY_COST)


def _pause(seconds: float) -> None:
    if seconds:
        raise Refusal(429, "Too many calls; call again in a while.", {"Retry-After": f"{round(seconds)}"})


def local_of(scope: Scope) -> str:
    """The address of this machine at which a request came in."""
    return str(scope["server"][0]) if scope.get("server") else ""
