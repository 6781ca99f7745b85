"""The way in: every request passes here, and is refused before anything is done or let through to MCP."""

from __future__ import annotations

from contextvars import ContextVar

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ...team.accounts import TeamAccounts
from ...team.callers import Caller
from .admission import Admission
from .hosts import AllowedHosts
from .rates import Rates, network_of
from .refusal import Refusal

CALLER = "wavespeed.caller"
REFUSED = "wavespeed.refused"
MAX_BODY_BYTES = 4 * 1024 * 1024

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
        try:
            self._hosts.check(headers.get("host", ""), headers.get("origin"))
            if scope["method"] != "POST":
                raise Refusal(405, "Only POST is served here: every request is complete.", {"Allow": "POST"})
            caller = await self._admission.caller(headers)
            address = network_of(scope["client"][0] if scope.get("client") else "")
            self._count(caller, address)
            if int_or_zero(headers.get("content-length", "")) > MAX_BODY_BYTES:
                raise Refusal(413, f"A request may have {MAX_BODY_BYTES:,} bytes at most.")
        except Refusal as refusal:
            await refusal.response()(scope, receive, send)
            return
        scope[CALLER] = caller
        before = self._accounts.is_proved(caller.name)
        token = _caller.set(caller)
        try:
            await self._app(scope, receive, send)
        finally:
            _caller.reset(token)
            if not before:
                self._judge(scope, caller, address)

    def _count(self, caller: Caller, address: str) -> None:
        pause = self._callers.take(caller.name)
        if not pause and not self._accounts.is_proved(caller.name):
            pause = self._strangers.take(address)
        if pause:
            raise Refusal(
                429, "Too many calls; call again in a while.", {"Retry-After": f"{max(1, round(pause))}"}
            )

    def _judge(self, scope: Scope, caller: Caller, address: str) -> None:
        """What a call under a key that was new has shown of it."""
        if self._accounts.is_proved(caller.name):
            self._strangers.charge(address, -1.0)
        elif scope.get(REFUSED):
            self._strangers.charge(address, REFUSED_KEY_COST)


def int_or_zero(text: str) -> int:
    """A number of bytes in a header."""
    return int(text) if text.isascii() and text.isdecimal() else 0
