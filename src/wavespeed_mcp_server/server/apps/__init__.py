"""The page that shows outputs inside hosts that render MCP Apps (`ui://`)."""

from .page import GALLERY_URI, TOOL_META, UiCapability, gallery

__all__ = ["GALLERY_URI", "TOOL_META", "UiCapability", "gallery"]
