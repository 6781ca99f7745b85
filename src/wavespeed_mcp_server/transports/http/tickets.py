"""Files in, without a key: an address that takes one PUT, and passes it on to the API as it comes."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from time import monotonic

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...api.errors import ApiError
from ...api.guard import TransferFailed
from ...files import MediaType, safe_stem, sniff
from ...files.media import HEAD_BYTES
from ...files.remote import RemoteMedia
from ...runs import Account
from ...tools.call import UploadAddress
from .body import ClientGone, announced, parts
from .refusal import Refusal

PATH = "/files/"
VALID_SECONDS = 600.0
MAX_BYTES = 256 * 1024 * 1024
MOST_OF_A_CALLER = 100
MOST = 10_000
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "PUT, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "600",
}
SPENT = Refusal(404, "This upload address is unknown, used up or older than ten minutes.")


@dataclass
class Ticket:
    """Leave to upload one file for one caller until `until`, on the clock that never steps."""

    caller: str
    media: RemoteMedia
    name: str
    until: float


class Tickets:
    """The upload addresses that were given and not used yet.

    `public_url` is where callers reach this server, if not as they did when they asked for one.
    """

    def __init__(self, public_url: str = "", clock: Callable[[], float] = monotonic) -> None:
        self._public_url = public_url
        self._clock = clock
        self._open: dict[str, Ticket] = {}

    def issue(self, request: object, account: Account, name: str) -> UploadAddress | None:
        """An address for a file of this name; None where the caller has too many that are not used."""
        now = self._clock()
        self._open = {key: one for key, one in self._open.items() if one.until > now}
        mine = sum(one.caller == account.caller for one in self._open.values())
        if mine >= MOST_OF_A_CALLER or len(self._open) >= MOST:
            return None
        assert isinstance(request, Request) and isinstance(account.media, RemoteMedia), "a call over HTTP"
        key = secrets.token_urlsafe(32)
        self._open[key] = Ticket(account.caller, account.media, name, now + VALID_SECONDS)
        basis = self._public_url or f"{request.url.scheme}://{request.headers['host']}"
        return UploadAddress(f"{basis}{PATH}{key}", MAX_BYTES, VALID_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request below `/files/`."""
        try:
            if scope["method"] == "OPTIONS":
                response = Response(status_code=204)
            elif scope["method"] == "PUT":
                response = await self._put(scope, receive)
            else:
                raise Refusal(405, "An upload address takes one PUT.", {"Allow": "PUT, OPTIONS"})
        except Refusal as refusal:
            response = refusal.response()
        except ClientGone:
            return
        response.headers.update(CROSS_ORIGIN)
        await response(scope, receive, send)

    async def _put(self, scope: Scope, receive: Receive) -> Response:
        key = scope["path"].removeprefix(PATH)
        ticket = self._open.get(key)
        if ticket is None or ticket.until <= self._clock():
            raise SPENT
        size = _size(Headers(scope=scope))
        body = parts(receive)
        head = b""
        while len(head) < min(HEAD_BYTES, size) and (chunk := await anext(body, b"")):
            head += chunk
        media = sniff(head[:HEAD_BYTES], size)
        if media is None or (media.weak and not media.named_by(ticket.name)):
            raise Refusal(415, "Only images, video, audio, 3D files and zip archives are taken.")
        # Spent before anything is awaited: of two that come together one is served.
        if self._open.pop(key, None) is None:
            raise SPENT
        return await _passed_on(ticket, media, size, head, body)


async def _passed_on(
    ticket: Ticket, media: MediaType, size: int, head: bytes, rest: AsyncIterator[bytes]
) -> Response:
    once: Iterator[None] = iter([None])

    async def content() -> AsyncIterator[bytes]:
        if next(once, ...) is ...:
            raise TransferFailed("The file cannot be sent twice.")
        yield head
        async for chunk in rest:
            yield chunk

    stem = ticket.name.rpartition(".")[0] or ticket.name or "upload"
    try:
        upload = await ticket.media.put(safe_stem(stem) + media.suffix, media, size, content)
    except (ApiError, TransferFailed) as error:
        raise Refusal(502, f"The file could not be passed on: {error} Ask for a new address.") from error
    told = {"url": upload.url, "media_type": upload.media_type, "size_bytes": upload.size_bytes}
    return Response(json.dumps(told), media_type="application/json")


def _size(headers: Headers) -> int:
    if "content-length" not in headers:
        raise Refusal(411, "Say how long the file is, in Content-Length.")
    if announced(headers) > MAX_BYTES:
        raise Refusal(413, f"A file may have {MAX_BYTES:,} bytes at most.")
    return announced(headers)
