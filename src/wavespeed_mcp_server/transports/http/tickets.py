"""Files in, without a key: an address that takes one PUT, and passes it on to the API as it comes.

An address proves itself: it names its caller, the file and when it was made, under a code that only this
server and its replicas can make, and the ledger's store spends it once for all of them. The caller's key is
neither in it nor kept. So a replica that has not seen that key yet cannot pass the file on: it says so, and
the address stays good. Of a token the operator's key is at hand everywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from time import time

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ...api.errors import ApiError
from ...api.guard import TransferFailed
from ...files import MediaType, safe_stem, sniff
from ...files.media import HEAD_BYTES
from ...files.remote import RemoteMedia
from ...ledger import LedgerUnavailable, SharedStore
from ...ledger.tokens import CALLER as TOKEN_CALLER
from ...runs import Account
from ...team.accounts import TeamAccounts
from ...team.secret import ServerSecret
from ...tools.call import UploadAddress
from .admission import Admission
from .body import ClientGone, announced, parts
from .refusal import Refusal

PATH = "/files/"
VALID_SECONDS = 600.0
SLACK_SECONDS = 300.0
"""How far a replica's clock may be from another's."""
MAX_BYTES = 256 * 1024 * 1024
LONGEST = 4096
"""A name of 200 characters stays below, whatever they are."""
CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "PUT, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "600",
}
SPENT = Refusal(404, "This upload address is unknown, used up or older than ten minutes.")
ENDED = Refusal(403, "The token that this upload address was given for is expired or revoked.")
AWAY = Refusal(503, "Uploads cannot be taken just now, and nothing was: send it again.", {"Retry-After": "2"})
KEY_ELSEWHERE = Refusal(
    503,
    "The server that got this file has not seen the caller's key lately, and took nothing: send it again, "
    "which may reach another, or ask for an address again.",
    {"Retry-After": "1"},
)


@dataclass(frozen=True)
class Ticket:
    """Leave to upload one file of this name for one caller. `nonce` is what is spent; `made` a Unix time."""

    caller: str
    name: str
    made: int
    nonce: str


class Tickets:
    """Gives upload addresses, and takes what is PUT there.

    `public_url` is where callers reach this server, if not as they did when they asked for one.
    """

    def __init__(
        self,
        secret: ServerSecret,
        store: SharedStore,
        accounts: TeamAccounts,
        admission: Admission,
        public_url: str = "",
        clock: Callable[[], float] = time,
    ) -> None:
        self._key = secret.key("uploads")
        self._store = store
        self._accounts = accounts
        self._admission = admission
        self._public_url = public_url
        self._clock = clock

    def issue(self, request: object, account: Account, name: str) -> UploadAddress:
        """See `tools.call.Uploads`."""
        assert isinstance(request, Request), "a call over HTTP"
        told = [account.caller, name, int(self._clock()), secrets.token_urlsafe(16)]
        subject = urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode().rstrip("=")
        basis = self._public_url or f"{request.url.scheme}://{request.headers['host']}"
        url = f"{basis}{PATH}{subject}.{self._code(subject)}"
        return UploadAddress(url, MAX_BYTES, VALID_SECONDS)

    def _code(self, subject: str) -> str:
        digest = hmac.digest(self._key, subject.encode(), hashlib.sha256)
        return urlsafe_b64encode(digest).decode().rstrip("=")

    def _ticket(self, given: str) -> Ticket:
        """What an address says that is one of ours and of now. Raises `Refusal`."""
        subject, _, code = given.rpartition(".")
        if len(given) > LONGEST or not given.isascii() or not hmac.compare_digest(code, self._code(subject)):
            raise SPENT
        ticket = Ticket(*json.loads(urlsafe_b64decode(subject + "=" * (-len(subject) % 4))))
        if not -SLACK_SECONDS <= self._clock() - ticket.made < VALID_SECONDS:
            raise SPENT
        return ticket

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
        ticket = self._ticket(scope["path"].removeprefix(PATH))
        size = _size(Headers(scope=scope))
        body = parts(receive)
        head = b""
        while len(head) < min(HEAD_BYTES, size) and (chunk := await anext(body, b"")):
            head += chunk
        kind = sniff(head[:HEAD_BYTES], size)
        if kind is None or (kind.weak and not kind.named_by(ticket.name)):
            raise Refusal(415, "Only images, video, audio, 3D files and zip archives are taken.")
        try:
            media = await self._media(ticket.caller)
            await self._spend(ticket)
        except LedgerUnavailable as error:
            raise AWAY from error
        return await _passed_on(media, ticket.name, kind, size, head, body)

    async def _media(self, name: str) -> RemoteMedia:
        """With which the file of this caller is passed on. Raises `Refusal`, `LedgerUnavailable`."""
        if name.startswith(TOKEN_CALLER):
            caller = await self._admission.of_token_named(name)
            if caller is None:
                raise ENDED
            account: Account | None = self._accounts.of_caller(caller)
        else:
            account = self._accounts.known(name)
        if account is None:
            raise KEY_ELSEWHERE
        assert isinstance(account.media, RemoteMedia), "a caller elsewhere"
        return account.media

    async def _spend(self, ticket: Ticket) -> None:
        """Of several that come together, at whichever replica, one is served."""
        spent_at = self._clock()
        nonce = f"upload:{ticket.nonce}"
        store = self._store
        if not await store.run(lambda tx: tx.spend(nonce, spent_at), shielded=True, on_disk=store.must_hold):
            raise SPENT


async def _passed_on(
    media: RemoteMedia, name: str, kind: MediaType, size: int, head: bytes, rest: AsyncIterator[bytes]
) -> Response:
    once: Iterator[None] = iter([None])

    async def content() -> AsyncIterator[bytes]:
        if next(once, ...) is ...:
            raise TransferFailed("The file cannot be sent twice.")
        yield head
        async for chunk in rest:
            yield chunk

    stem = name.rpartition(".")[0] or name or "upload"
    try:
        upload = await media.put(safe_stem(stem) + kind.suffix, kind, size, content)
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
