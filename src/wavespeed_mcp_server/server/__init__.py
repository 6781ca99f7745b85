"""The MCP server: what the SDK is given, and what it leaves loose."""

from .build import build_server

__all__ = ["build_server"]
