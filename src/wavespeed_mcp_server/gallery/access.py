"""Who may ask this page's server anything: one browser, sent here by the person, and nothing else in it.

Every request is to this very address (no other name, no other port), from no other origin. The link's token
is good once and becomes a cookie. A cookie of 127.0.0.1 reaches every port, and with it whoever listens
there, so data, media and changes also need a secret that no cookie leads to: it is told once, to who follows
the link, and the browser keeps it for this origin. It comes in a header, or, where the browser's own player
asks for media, as a signature made with it, together with the browser's word that this origin asks.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from html import escape
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECRET_HEADER = "x-gallery-secret"
OPEN = "/open/"
MEDIA = "/media/"
PLAYERS = frozenset({"video", "audio"})
LARGEST_BODY = 256 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
SANDBOXED = "sandbox; default-src 'none'"
HEADERS = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
    b"cache-control": b"no-store",
}
NOT_OPEN = "This page is not open in this browser. Run `wavespeed-mcp-server gallery` for a link to it.\n"


class Access:
    """Lets through to `app` what the person's own page asks for."""

    def __init__(self, app: ASGIApp, port: int) -> None:
        self._app = app
        self._port = port
        self._token: str | None = secrets.token_urlsafe(32)
        self._session = secrets.token_urlsafe(32)
        self.secret = secrets.token_urlsafe(32)

    @property
    def origin(self) -> str:
        """The only origin there is."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def link(self) -> str:
        """What opens the page, once."""
        return f"{self.origin}{OPEN}{self._token or ''}"

    @property
    def cookie(self) -> str:
        """The cookie's name. Ports share their cookies, so it names this one."""
        return f"wavespeed-gallery-{self._port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or what the server says of its own life."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        answer = self._refusal(scope)
        if answer is None and scope["path"].startswith(OPEN):
            answer = self._opened(scope)
        await (answer or self._app)(scope, _bounded(receive), _guarded(send))

    def _refusal(self, scope: Scope) -> Response | None:
        """Why this request gets nothing; None where it may pass."""
        headers = _Headers(scope)
        method, path = scope["method"], scope["path"]
        if headers.every("host") != [f"127.0.0.1:{self._port}"]:
            return _plain("This server answers only to its own address.", 403)
        if any(origin != self.origin for origin in headers.every("origin")):
            return _plain("This server answers only its own page.", 403)
        if method not in {"GET", "POST"}:
            return _plain("Only GET and POST.", 405)
        if path.startswith(OPEN):
            return None if method == "GET" else _plain("Only GET.", 405)
        if not self._has_cookie(headers):
            return _plain(NOT_OPEN, 401)
        if not _from_this_origin(headers):
            return _plain("This server answers only its own page.", 403)
        if not (path == "/" or path.startswith("/site/")) and not self._knows_secret(scope, headers):
            return _plain("The page's secret is missing.", 403)
        if method == "POST" and headers.one("content-type").partition(";")[0].strip() != "application/json":
            return _plain("Only JSON.", 415)
        return None

    def _has_cookie(self, headers: _Headers) -> bool:
        pairs = [pair.strip().partition("=") for line in headers.every("cookie") for pair in line.split(";")]
        return any(name == self.cookie and _same(value, self._session) for name, _, value in pairs)

    def _knows_secret(self, scope: Scope, headers: _Headers) -> bool:
        given = headers.one(SECRET_HEADER)
        if given:
            return _same(given, self.secret)
        path = scope["path"]
        if not path.startswith(MEDIA) or headers.one("sec-fetch-site") != "same-origin":
            return False
        if headers.one("sec-fetch-dest") not in PLAYERS:
            return False
        signed = parse_qs(scope["query_string"].decode("latin-1")).get("signature", [""])[0]
        return _same(signed, self.signature(path))

    def signature(self, path: str) -> str:
        """What lets the browser's player ask for this path."""
        return hmac.new(self.secret.encode(), path.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def _opened(self, scope: Scope) -> Response:
        """The link was followed: a cookie and the secret, and on to the page.

        A script keeps the secret and goes on, because a strict cookie is not sent where another site's
        navigation is redirected.
        """
        given = scope["path"].removeprefix(OPEN)
        if self._token is None or not _same(given, self._token):
            return _plain("This link was used already, or is not one. " + NOT_OPEN, 403)
        self._token = None
        text = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery</title>'
            f'<meta name="gallery-secret" content="{self.secret}"><link rel="icon" href="/site/icon.svg">'
            '<script type="module" src="/site/enter.js"></script>'
            "<noscript><p>This page needs JavaScript.</p></noscript></html>"
        )
        answer = Response(text, media_type="text/html")
        answer.set_cookie(self.cookie, self._session, httponly=True, samesite="strict", path="/")
        return answer


class _Headers:
    def __init__(self, scope: Scope) -> None:
        self._all: list[tuple[bytes, bytes]] = list(scope["headers"])

    def every(self, name: str) -> list[str]:
        wanted = name.encode()
        return [value.decode("latin-1") for key, value in self._all if key.lower() == wanted]

    def one(self, name: str) -> str:
        """The value, empty where there is none or more than one."""
        found = self.every(name)
        return found[0] if len(found) == 1 else ""


def _from_this_origin(headers: _Headers) -> bool:
    """Every current browser says which site asks; a person's own click or bookmark is `none`."""
    sites = headers.every("sec-fetch-site")
    navigates = headers.one("sec-fetch-mode") == "navigate"
    return all(site == "same-origin" or (site == "none" and navigates) for site in sites)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _plain(text: str, status: int) -> Response:
    return PlainTextResponse(text, status)


def _guarded(send: Send) -> Send:
    """Every answer says that it is nobody else's; one that is stricter by itself keeps that."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", []))
            message = {**message, "headers": given + _missing(name for name, _ in given)}
        await send(message)

    return guarded


def _missing(given: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    there = {name.lower() for name in given}
    return [(name, value) for name, value in HEADERS.items() if name not in there]


def _bounded(receive: Receive) -> Receive:
    """A body that is longer than any of the page's is cut off, and is then no JSON."""
    left = LARGEST_BODY

    async def bounded() -> Message:
        nonlocal left
        message = await receive()
        if message["type"] == "http.request":
            body = message.get("body", b"")[: max(0, left)]
            left -= len(message.get("body", b""))
            return {**message, "body": body, "more_body": message.get("more_body", False) and left > 0}
        return message

    return bounded


def redirect_page(link: str) -> str:
    """A page that sends the browser to `link`, which so never stands among a process's arguments."""
    target = escape(link, quote=True)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<meta http-equiv="refresh" content="0;url={target}"><title>Gallery</title>'
        f'<p><a href="{target}">Open the gallery</a></p></html>'
    )
