"""Where the API is, and who calls it."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .errors import KEY_PAGE, NotConfigured

_SYSTEMS = {"Darwin": "darwin", "Windows": "windows"}


@dataclass(frozen=True)
class Endpoint:
    """One account's way to the API.

    `problem` says why the base URL cannot be used, `key_problem` why the key cannot; calls then raise
    `NotConfigured`.
    """

    base_url: str = "https://api.wavespeed.ai"
    key: str = field(default="", repr=False)
    client_name: str = "wavespeed-mcp-server"
    client_version: str = ""
    problem: str = ""
    key_problem: str = ""

    @property
    def on_loopback(self) -> bool:
        """The API itself is on this machine, as the sandbox is."""
        return is_loopback(urlsplit(self.base_url).hostname or "")

    @property
    def user_agent(self) -> str:
        """What this client calls itself."""
        return f"{self.client_name}/{self.client_version}"

    def check(self) -> None:
        """Raises:
        NotConfigured: no key, or a base URL that must not be used.
        """
        if self.problem:
            raise NotConfigured(self.problem)
        if not self.key:
            raise NotConfigured(
                self.key_problem
                or "No API key: set WAVESPEED_API_KEY in this server's configuration. "
                f"Keys are made at {KEY_PAGE} and work after a first top-up. Nothing was sent."
            )

    def headers(self) -> dict[str, str]:
        """What every request to the API carries (the `X-Client-*` names are the official SDKs')."""
        return {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "User-Agent": self.user_agent,
            "X-Client-Name": self.client_name,
            "X-Client-OS": _SYSTEMS.get(platform.system(), "linux"),
            "X-Client-Version": self.client_version,
        }


def is_loopback(host: str) -> bool:
    """`host` names this machine without asking a resolver."""
    import ipaddress

    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
