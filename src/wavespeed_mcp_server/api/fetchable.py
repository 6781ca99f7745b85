"""Which URLs the API can fetch media from: those of the public internet, and its own.

Told from the URL alone. What a public name leads to is the API's to find out.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import SplitResult, unquote, urlsplit

from .guard import Address, is_allowed

# Names that no public resolver knows (RFC 2606, 6761, 6762, 7686, 8375, and what routers and clouds use).
_LOCAL_ENDINGS = re.compile(
    r"(?:^|\.)(?:localhost|local|localdomain|internal|intranet|private|corp|home|lan|arpa|test|invalid|example"
    r"|onion)$"
)
_IPV4_PART = re.compile(r"0x[0-9a-f]*|[0-9]+")
_PORTS = {"http": 80, "https": 443}


def unfetchable(url: str, own: str) -> str:
    """Why the API cannot fetch the http(s) URL `url`, in words that follow it, or nothing if it can.

    `own` is the API's base URL: what it stores and serves itself it can fetch wherever it is.
    """
    try:
        parts = _split(url)
        host, port = _host(parts), parts.port
    except ValueError:
        return "is no usable URL"
    if not host:
        return "is a URL without a host"
    if _is_own(parts, host, port, own):
        return ""
    address = _address(host)
    if address is None:
        return "" if _is_public_name(host) else "leads to a name that only a local network knows"
    return "" if is_allowed(address, loopback_ok=False) else "leads to a private or local address"


def _split(url: str) -> SplitResult:
    """The URL's parts as browsers see them: a backslash is a slash, line ends and tabs are nothing."""
    return urlsplit(re.sub(r"[\t\r\n]", "", url.strip()).replace("\\", "/"))


def _host(parts: SplitResult) -> str:
    """The host in plain lower-case letters, without brackets, zone and last dot."""
    host = unicodedata.normalize("NFKC", unquote(parts.hostname or "")).lower()
    return re.sub(r"[\u3002\uff0e\uff61]", ".", host).partition("%")[0].strip("[] ").rstrip(".")


def _is_own(parts: SplitResult, host: str, port: int | None, own: str) -> bool:
    """At the API's own host and port, and not one of its methods."""
    api = _split(own)
    same_host = host == _host(api) or (_is_loopback(host) and _is_loopback(_host(api)))
    same_port = (port or _PORTS.get(parts.scheme)) == (api.port or _PORTS.get(api.scheme))
    return same_host and same_port and not parts.path.startswith("/api/")


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> Address | None:
    """The address that `host` spells, in any way the systems' resolvers read; None if it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return _old_ipv4(host)


def _old_ipv4(host: str) -> ipaddress.IPv4Address | None:
    """`127.1`, `0x7f.0.0.1`, `017700000001` and `2130706433`, as inet_aton reads them."""
    parts = host.split(".")
    if len(parts) > 4 or not all(_IPV4_PART.fullmatch(part) for part in parts):
        return None
    try:
        numbers = [_ipv4_part(part) for part in parts]
    except ValueError:
        return None
    *high, low = numbers
    if any(number > 255 for number in high) or low >= 256 ** (4 - len(high)):
        return None
    return ipaddress.IPv4Address(low + sum(number << (24 - 8 * at) for at, number in enumerate(high)))


def _ipv4_part(text: str) -> int:
    if text.startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if text.startswith("0") else int(text)


def _is_public_name(host: str) -> bool:
    """A name with a dot whose ending is public: names end in letters, so `1.2.3.256` is none."""
    if _LOCAL_ENDINGS.search(host):
        return False
    last = host.rpartition(".")[2]
    return "." in host and not last.isdigit() and not any(ch.isspace() or ch in "<>{}\"'`" for ch in host)
