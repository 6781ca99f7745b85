"""Results as agents get them: structured facts, and the same facts as compact text."""

from __future__ import annotations

import json
from typing import Any

from mcp.types import CallToolResult, TextContent


def facts(values: dict[str, Any]) -> CallToolResult:
    """A result with these facts in both channels; hosts show the model one or the other."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=values)
