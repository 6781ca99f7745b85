"""The names this server answers to. A page of another site must not reach it through somebody's browser."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from ...api.endpoint import is_loopback
from .refusal import Refusal


class AllowedHosts:
    """Loopback, the address that is listened on, the public URL's host, and what the operator adds."""

    def __init__(self, bound: str, public_url: str = "", more: Iterable[str] = ()) -> None:
        named = [bound, urlsplit(public_url).hostname or "", *map(host_of, more)]
        self._names = frozenset(filter(None, (plain(one) for one in named)))

    def check(self, host: str, origins: Iterable[str] = (), local: str = "") -> None:
        """Ports do not matter. `local` is the address at which the request came in.

        Raises:
            Refusal: a foreign Host or Origin.
        """
        names = self._names | {plain(local)}
        if not _is_one_of(names, host_of(host)):
            raise Refusal(421, "This server is not known by that host name: see WAVESPEED_ALLOWED_HOSTS.")
        if not all(_is_one_of(names, _host_of_origin(one)) for one in origins):
            raise Refusal(403, "Pages of that origin may not call this server.")


def _is_one_of(names: Iterable[str], host: str) -> bool:
    name = plain(host)
    return bool(name) and (is_loopback(name) or name in names)


def plain(host: str) -> str:
    """A host name or address as it is compared."""
    name = host.strip().removeprefix("[").removesuffix("]").lower().removesuffix(".")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name
    return str(getattr(address, "ipv4_mapped", None) or address)


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
    scheme, _, authority = origin.strip().partition("://")
    return host_of(authority) if scheme.lower() in {"http", "https"} else ""
