"""The names this server answers to. A page of another site must not reach it through somebody's browser."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from ...api.endpoint import is_loopback
from .refusal import Refusal

ANY = {"0.0.0.0", "::"}


class AllowedHosts:
    """Loopback, the address that is listened on, the public URL's host, and what the operator adds."""

    def __init__(self, bound: str, public_url: str = "", more: Iterable[str] = ()) -> None:
        named = [bound, urlsplit(public_url).hostname or "", *map(host_of, more)]
        self._names = frozenset(filter(None, (plain(one) for one in named)))

    def knows(self, host: str) -> bool:
        """This server is called by `host`, a name without a port."""
        name = plain(host)
        return bool(name) and (is_loopback(name) or name in self._names)

    def check(self, host: str, origin: str | None) -> None:
        """Raises:
        Refusal: a foreign Host or Origin; their ports do not matter.
        """
        if not self.knows(host_of(host)):
            raise Refusal(421, "This server is not known by that host name: see WAVESPEED_ALLOWED_HOSTS.")
        if origin is not None and not self.knows(_host_of_origin(origin)):
            raise Refusal(403, "Pages of that origin may not call this server.")


def plain(host: str) -> str:
    """A host name as it is compared."""
    return host.strip().removeprefix("[").removesuffix("]").lower().removesuffix(".")


def host_of(authority: str) -> str:
    """The host of `HOST` or `HOST:PORT`; nothing where it is neither."""
    authority = authority.strip()
    if authority.count(":") > 1 and not authority.startswith("["):
        return authority
    try:
        parts = urlsplit(f"//{authority}")
        port_is_a_number = parts.port is None or parts.port >= 0
        whole = not (parts.path or parts.query or parts.fragment or parts.username is not None)
        return parts.hostname or "" if whole and port_is_a_number else ""
    except ValueError:
        return ""


def _host_of_origin(origin: str) -> str:
    try:
        parts = urlsplit(origin)
        return parts.hostname or "" if parts.scheme in {"http", "https"} else ""
    except ValueError:
        return ""
