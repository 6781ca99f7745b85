"""One line from the client: the message in it, or what to answer where there is none.

A client waits for the answer to every request it sends, so a line that cannot be read is never dropped.
"""

from __future__ import annotations

import json
from typing import Any

import mcp.types as types
from pydantic import ValidationError

from ..json_text import read_json


class Unreadable(Exception):
    """The line holds no message. `answer` is for its sender; None where nobody waits for one."""

    def __init__(self, answer: types.JSONRPCError | None) -> None:
        super().__init__("no message")
        self.answer = answer


def read_message(line: bytes) -> types.JSONRPCMessage:
    """The JSON-RPC message in `line`; see `read_json` for texts that JavaScript cut inside an emoji.

    Raises:
        Unreadable: there is none.
    """
    try:
        return types.jsonrpc_message_adapter.validate_json(line, by_name=False)
    except ValidationError:
        pass
    try:
        found = read_json(line)
        text = json.dumps(found)
    except (ValueError, RecursionError) as error:
        raise Unreadable(_error(None, types.PARSE_ERROR, "Parse error: the line is no JSON.")) from error
    try:
        return types.jsonrpc_message_adapter.validate_json(text, by_name=False)
    except ValidationError as error:
        raise Unreadable(_refusal(found)) from error


def _refusal(found: Any) -> types.JSONRPCError | None:
    if not isinstance(found, dict):
        return _error(None, types.INVALID_REQUEST, "Invalid request: send one JSON-RPC object a line.")
    if "method" not in found or "id" not in found:
        return None
    request_id = found["id"] if type(found["id"]) in {int, str} else None
    return _error(request_id, types.INVALID_REQUEST, "Invalid request: this is no JSON-RPC 2.0 request.")


def _error(request_id: int | str | None, code: int, message: str) -> types.JSONRPCError:
    return types.JSONRPCError(jsonrpc="2.0", id=request_id, error=types.ErrorData(code=code, message=message))
