"""How often each caller may call. Kept for a bounded number of callers, and only while it matters."""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

MOST_KEPT = 20_000


class Rates:
    """Allows each name `burst` calls at once, and `a_second` more from then on."""

    def __init__(self, burst: float, a_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._burst = burst
        self._a_second = a_second
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, cost: float = 1.0) -> float:
        """Count a call; returns 0 where it is allowed, else the seconds until it would be."""
        left = self._now(name)
        if left < 1.0:
            return math.ceil((1.0 - left) / self._a_second)
        self._keep(name, left - cost)
        return 0.0

    def charge(self, name: str, cost: float) -> None:
        """Count calls that were allowed already as more, or as fewer where `cost` is negative."""
        self._keep(name, min(self._burst, self._now(name) - cost))

    def _now(self, name: str) -> float:
        left, at = self._left.get(name, (self._burst, self._clock()))
        return min(self._burst, left + (self._clock() - at) * self._a_second)

    def _keep(self, name: str, left: float) -> None:
        self._left[name] = left, self._clock()
        self._left.move_to_end(name)
        while len(self._left) > MOST_KEPT:
            self._left.popitem(last=False)


def network_of(address: str) -> str:
    """What one host on the internet may call from: its address, or all of its IPv6 network."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address) or found.ipv4_mapped:
        return str(getattr(found, "ipv4_mapped", None) or found)
    return str(ipaddress.ip_network(f"{found}/64", strict=False))
