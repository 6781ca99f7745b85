"""Refusals: an HTTP status and one sentence, given before anything is done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

REFUSED = -32000
"""JSON-RPC's first code for errors of a server's own."""


# Not frozen: where an exception passes through a context manager, Python writes to it.
@dataclass(eq=False)
class Refusal(Exception):
    """A request is not served: `text` is one sentence for whoever sent it."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)
    code: int = REFUSED

    def response(self) -> Response:
        """The answer; in JSON-RPC's form, because MCP clients show its message."""
        body = {"jsonrpc": "2.0", "id": None, "error": {"code": self.code, "message": self.text}}
        return Response(
            json.dumps(body, separators=(",", ":")),
            status_code=self.status,
            headers=dict(self.headers),
            media_type="application/json",
        )
