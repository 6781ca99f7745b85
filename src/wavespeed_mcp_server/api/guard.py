"""Which addresses a URL from outside may lead to: the public internet, never this machine or its network.

A name is resolved once and every address it has is checked; the caller then connects to what was checked, so
that a second answer of the resolver (DNS rebinding) has no effect.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TypeAlias

import anyio

from ..text import one_line
from .errors import ApiError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

RESOLVE_SECONDS = 10.0

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")
_ALSO_CLOSED = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # protocol assignments; older Pythons call parts of it global
    ipaddress.IPv4Network(
        "168.63.129.16/32"
    ),  # answered by the cloud host itself (Azure's platform services)
)


class TransferFailed(ApiError):
    """A file could not be fetched or stored.

    `status` is the HTTP status where there was an answer; `transient` says that the same call may work later.
    """

    def __init__(self, text: str, *, status: int | None = None, transient: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.transient = transient


class AddressRefused(TransferFailed):
    """The URL leads to an address that must not be reached from here. Nothing was sent."""


def is_allowed(address: Address, *, loopback_ok: bool) -> bool:
    """Whether `address` is public. An IPv4 address carried inside an IPv6 one is judged as what it is.

    With `loopback_ok` the loopback addresses are allowed too, and no other private ones.
    """
    inner = _embedded(address)
    if inner is not None:
        return is_allowed(inner, loopback_ok=loopback_ok)
    if address.is_loopback:
        return loopback_ok
    if address.is_multicast or address.is_reserved or address.is_link_local or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv6Address) and (address.is_site_local or address in _LOCAL_NAT64):
        return False
    return address.is_global and not any(address in network for network in _ALSO_CLOSED)


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    low = int(address) & 0xFFFFFFFF
    if address in _NAT64 or (address in _IPV4_COMPATIBLE and low > 1):
        return ipaddress.IPv4Address(low)
    return None


async def checked_addresses(host: str, port: int, *, loopback_ok: bool) -> list[str]:
    """Every address of `host`, IPv4 first, once all of them are allowed.

    Raises:
        AddressRefused: one of them is not.
        TransferFailed: the name has no address.
    """
    try:
        with anyio.fail_after(RESOLVE_SECONDS):
            found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise TransferFailed(
            f"The name {one_line(host, 100)} could not be resolved.", transient=True
        ) from error
    addresses = [ipaddress.ip_address(entry[4][0].partition("%")[0]) for entry in found]
    if not addresses or not all(is_allowed(address, loopback_ok=loopback_ok) for address in addresses):
        raise AddressRefused(
            f"{one_line(host, 100)} leads to a private or local address; files are neither fetched from "
            "nor sent to one."
        )
    in_order = sorted(addresses, key=lambda address: address.version)
    return [str(address) for address in dict.fromkeys(in_order)]
