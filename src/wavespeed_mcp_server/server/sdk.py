"""What this server takes from the MCP SDK beyond its public parts, and why.

Everything else is imported from public modules. `pyproject.toml` bounds `mcp` to the releases that were
tested; where another was forced in, the process ends at its start with a sentence instead of a traceback.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, TypeVar

from mcp.server import MCPServer
from mcp.server.lowlevel import Server

TESTED = "2.3"
State = TypeVar("State")


class UnsupportedSdk(ImportError):
    """The installed `mcp` lacks something that this server needs. The text says what to install."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"wavespeed-mcp-server needs mcp {TESTED}.x, but mcp {version('mcp')} is installed, which has no "
            f"{missing}. Install it again with its own dependencies: pip install --force-reinstall "
            "wavespeed-mcp-server"
        )


def lowlevel_server(server: MCPServer[State]) -> Server[State]:
    """The `Server` inside an `MCPServer`, for which there is no public name.

    Needed to drive one connection twice, first for a probe and then for the handshake (`MCPServer.run` serves
    one opening and enters the lifespan for each), and to give a completion handler the lifespan's state,
    which `MCPServer.completion` keeps back.

    Raises:
        UnsupportedSdk: there is none in this release.
    """
    found: Any = getattr(server, "_lowlevel_server", None)
    if not isinstance(found, Server):
        raise UnsupportedSdk("MCPServer._lowlevel_server")
    return found
