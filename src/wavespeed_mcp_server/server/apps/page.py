"""The gallery as a `ui://` resource: its page, and what the page may load.

MCP Apps, protocol 2026-01-26: a tool names the page in its `_meta`, a host shows it in a sandboxed frame
under the Content-Security-Policy that the resource declares.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID, ResourceCsp, ResourcePermissions
from mcp.server.extension import Extension
from mcp.server.mcpserver.resources import FunctionResource

from ...api.endpoint import is_loopback

GALLERY_URI = "ui://wavespeed/gallery.html"

# Hosts look for either form: the nested one is current, the flat one older.
TOOL_META: dict[str, Any] = {"ui": {"resourceUri": GALLERY_URI}, "ui/resourceUri": GALLERY_URI}

OUTPUT_HOSTS = (
    "https://d2p7pge43lyniu.cloudfront.net",
    "https://d1q70pf5vjeyhc.cloudfront.net",
    "https://d11ewybssaphwx.cloudfront.net",
    "https://static.wavespeed.ai",
    "https://cdn.wavespeed.ai",
)
"""Where outputs have been seen (official pages and recorded answers)."""


class UiCapability(Extension):
    """Tells hosts that some tools have a page."""

    identifier = EXTENSION_ID


def gallery(base_url: str) -> FunctionResource:
    """The page's resource. An API on loopback serves its own outputs, so its origin may be loaded too."""
    origin = urlsplit(base_url)
    own = [f"{origin.scheme}://{origin.netloc}"] if is_loopback(origin.hostname or "") else []
    csp = ResourceCsp(resource_domains=[*OUTPUT_HOSTS, *own], connect_domains=[])
    permissions = ResourcePermissions(clipboard_write={})
    return FunctionResource(
        uri=GALLERY_URI,
        name="gallery",
        title="Gallery",
        description="Shows outputs inside hosts that render MCP Apps.",
        mime_type=APP_MIME_TYPE,
        fn=page,
        meta={
            "ui": {
                "csp": csp.model_dump(by_alias=True, exclude_none=True),
                "permissions": permissions.model_dump(by_alias=True, exclude_none=True),
                "prefersBorder": False,
            }
        },
    )


def page() -> str:
    """The page: one file, no build. Blocks, which the SDK does in a worker thread."""
    return files(__package__).joinpath("gallery.html").read_text(encoding="utf-8")
