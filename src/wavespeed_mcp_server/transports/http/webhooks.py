"""Where the API tells of ends. An address proves itself: nothing is stored, and no caller's secret is needed.

It names a row of the ledger and when it was made, under a code that only this server and its replicas can
make. What a delivery says is not read: it wakes whoever waits for that row, in whichever process, and they
ask the API. So the worst that a stolen address can do is to have one task looked at.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from time import time
from urllib.parse import urlsplit

import anyio
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...api.endpoint import is_loopback
from ...team.secret import ServerSecret
from ...wakeups import Wakeups
from .refusal import Refusal

PATH = "/webhooks/"
VALID_SECONDS = 7 * 24 * 3600.0
"""As long as the API and the ledger keep a task."""
SLACK_SECONDS = 300.0
"""How far a delivery's own time may be from now, as the API says; and a replica's clock from another's."""
MAX_BYTES = 4 * 1024 * 1024
MOST_READ = 16 * MAX_BYTES
READ_SECONDS = 10.0
CODE_BYTES = 18
LONGEST = 100

UNKNOWN = Refusal(404, "This is no webhook address of this server.")
EXPIRED = Refusal(410, "This webhook address is older than the task that it is about is kept.")
STALE = Refusal(400, "This delivery is not of now: its webhook-timestamp is more than 300 seconds off.")
TOO_LARGE = Refusal(413, f"A delivery may have {MAX_BYTES:,} bytes at most.")
TOO_SLOW = Refusal(408, f"A delivery has {READ_SECONDS:.0f} seconds to arrive.")
NOT_POST = Refusal(405, "A delivery is a POST.", {"Allow": "POST"})


class Webhooks:
    """The addresses below `public_url`, and what is delivered there. `on_delivery` hears of each outcome."""

    def __init__(
        self,
        public_url: str,
        secret: ServerSecret,
        wakeups: Wakeups,
        on_delivery: Callable[[str], None] = lambda outcome: None,
        clock: Callable[[], float] = time,
    ) -> None:
        self._public_url = public_url
        self._key = secret.key("webhooks")
        self._wakeups = wakeups
        self._on_delivery = on_delivery
        self._clock = clock

    def address(self, key: int) -> str:
        """Where word of the end of the task of this row goes."""
        subject = f"{key:x}.{int(self._clock()):x}"
        return f"{self._public_url}{PATH}{subject}.{self._code(subject)}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request below `/webhooks/`."""
        try:
            key = self._row(scope["path"].removeprefix(PATH))
            if scope["method"] != "POST":
                raise NOT_POST
            self._check_time(Headers(scope=scope).get("webhook-timestamp"))
            # One that is too large is word all the same: what it says is not read.
            await self._wakeups.ring(key)
            with anyio.fail_after(READ_SECONDS):
                await _read_past(Headers(scope=scope), receive)
        except Refusal as refusal:
            await self._answer(refusal.response(), scope, receive, send)
        except TimeoutError:
            await self._answer(TOO_SLOW.response(), scope, receive, send)
        else:
            await self._answer(Response(status_code=204), scope, receive, send)

    async def _answer(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        self._on_delivery("taken" if response.status_code < 300 else "refused")
        await response(scope, receive, send)

    def _row(self, given: str) -> int:
        """The row that an address is about. Raises `Refusal`."""
        subject, _, code = given.rpartition(".")
        if len(given) > LONGEST or not given.isascii() or not hmac.compare_digest(code, self._code(subject)):
            raise UNKNOWN
        key, _, made = subject.partition(".")
        age = self._clock() - int(made, 16)
        if not -SLACK_SECONDS <= age <= VALID_SECONDS:
            raise EXPIRED
        return int(key, 16)

    def _code(self, subject: str) -> str:
        digest = hmac.digest(self._key, subject.encode(), hashlib.sha256)[:CODE_BYTES]
        return urlsafe_b64encode(digest).decode()

    def _check_time(self, told: str | None) -> None:
        """A delivery that was written down and is sent again. Where a proxy took the header away, none is."""
        if told is None:
            return
        seconds = int(told) if told.isascii() and told.isdecimal() and len(told) < LONGEST else 0
        if abs(self._clock() - seconds) > SLACK_SECONDS:
            raise STALE


def reaches_us(public_url: str, api_url: str) -> bool:
    """The API can deliver there: from elsewhere it cannot reach this machine by the name of loopback."""
    host, api = urlsplit(public_url).hostname or "", urlsplit(api_url).hostname or ""
    return bool(host) and (not is_loopback(host) or is_loopback(api))


async def _read_past(headers: Headers, receive: Receive) -> None:
    """Take the body from the connection, so that its sender hears the answer. Raises `Refusal`: too large."""
    announced = headers.get("content-length", "")
    size = int(announced) if announced.isdecimal() and len(announced) < 20 else 0
    taken, more = 0, size <= MOST_READ
    while more and taken <= MOST_READ:
        message = await receive()
        more = message.get("more_body", False)
        taken += len(message.get("body", b""))
    if max(size, taken) > MAX_BYTES:
        raise TOO_LARGE
