"""The recorded answers, and which request each of them answers."""

from __future__ import annotations

import json
from typing import Any

from .shapes import ENVELOPED, INITIALIZE, LEGACY, MODERN, NOTIFICATION, REQUEST, enveloped

MAX_LINE_BYTES = 64 * 1024


class Answers:
    """One client's opening: `reply` knows what the SDK would say, or that it does not know.

    `results` are results as JSON text; `index` says which of them answers which method in which protocol
    version, as "tools/list 2025-06-18".
    """

    def __init__(self, results: list[str], index: dict[str, int]) -> None:
        self._answers = {request: results[number].encode() for request, number in index.items()}
        self._handshake = ""
        self._confirmed = False

    def reply(self, line: bytes) -> tuple[str | int, bytes] | None:
        """The id of the request in `line` and the whole answer to it; None where only the SDK can tell.

        After the first message that is not certain only the SDK can tell.
        """
        try:
            return self._reply(line)
        except (ValueError, KeyError, RecursionError):
            self._answers = {}
            return None

    def _reply(self, line: bytes) -> tuple[str | int, bytes] | None:
        """Raises KeyError or ValueError for what is not certain."""
        if len(line) > MAX_LINE_BYTES:
            raise ValueError("too long")
        message = json.loads(line.decode(), object_pairs_hook=_distinct, parse_constant=_no_number)
        if NOTIFICATION(message) and self._confirms(message):
            self._confirmed = True
            return None
        if not REQUEST(message):
            raise ValueError("not a request")
        result = self._answers[f"{message['method']} {self._version(message)}"]
        number = json.dumps(message["id"]).encode()
        return message["id"], b'{"jsonrpc":"2.0","id":' + number + b',"result":' + result + b"}"

    def _confirms(self, message: dict[str, Any]) -> bool:
        usual = message["method"] == "notifications/initialized" and LEGACY(message.get("params", {}))
        return usual and bool(self._handshake) and not self._confirmed

    def _version(self, message: dict[str, Any]) -> str:
        """The protocol version that this request is answered in. Raises KeyError where it is unusual."""
        method, params = message["method"], message.get("params", {})
        if method == "initialize" and INITIALIZE(params) and not self._handshake:
            self._handshake = str(params["protocolVersion"])
            return self._handshake
        if method != "initialize" and enveloped(params) and ENVELOPED(params):
            return MODERN
        if method in {"ping", "tools/list"} and self._confirmed and LEGACY(params):
            return self._handshake
        raise KeyError(method)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object each of whose names stands once: which of two counts is the reader's choice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _no_number(name: str) -> float:
    raise ValueError(name)
