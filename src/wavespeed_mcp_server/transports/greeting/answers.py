"""The recorded answers, and which request each of them answers."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

FILE = os.path.join(os.path.dirname(__file__), "answers.json")
DEPENDENCIES = ("mcp", "mcp_types", "pydantic", "pydantic_core")
MODERN = "2026-07-28"
META = "io.modelcontextprotocol/"
META_FIELDS = {META + "protocolVersion", META + "clientInfo", META + "clientCapabilities"}


def installed_versions() -> dict[str, str]:
    """The versions of what shapes the answers, read from directory names because importing them is slow."""
    found: dict[str, str] = {}
    for entry in sys.path:
        try:
            names = os.listdir(entry or ".")
        except OSError:
            continue
        for name in names:
            if name.endswith(".dist-info"):
                project, _, version = name.removesuffix(".dist-info").partition("-")
                if project in DEPENDENCIES:
                    found.setdefault(project, version)
    return found


class Answers:
    """One client's opening: `reply` knows what the SDK would say, or that it does not know.

    `results` are results as JSON text; `index` says which of them answers which method in which protocol
    version.
    """

    def __init__(self, results: list[str], index: dict[str, int]) -> None:
        self._results = results
        self._index = index
        self._said: list[str] = []
        self._legacy = ""

    @classmethod
    def recorded(cls, version: str) -> Answers | None:
        """The recorded answers, where they were written by `version` of this package and the SDK at hand."""
        try:
            with open(FILE, encoding="utf-8") as file:
                record = json.load(file)
        except (OSError, ValueError):
            return None
        if record["versions"] != {"wavespeed-mcp-server": version, **installed_versions()}:
            return None
        return cls(record["results"], record["index"])

    def reply(self, line: bytes) -> tuple[str | int, bytes] | None:
        """The id of the request in `line` and the whole answer to it; None where only the SDK can tell.

        After the first message out of the usual order only the SDK can tell.
        """
        try:
            message = json.loads(line)
            method, request_id = message["method"], message.get("id")
            params = message.get("params") or {}
            era = self._era(method, params)
            self._said.append(method)
            if method == "notifications/initialized":
                return None
            result = self._results[self._index[f"{method} {era}"]]
            if type(request_id) not in {int, str} or message["jsonrpc"] != "2.0":
                raise KeyError(request_id)
        except (ValueError, KeyError, TypeError, AttributeError):
            self._index = {}
            return None
        text = f'{{"jsonrpc":"2.0","id":{json.dumps(request_id)},"result":{result}}}'
        return request_id, text.encode()

    def _era(self, method: str, params: dict[str, Any]) -> str:
        """The protocol version that this request is to be answered in. Raises KeyError out of order."""
        probed = set(self._said) <= {"server/discover"}
        if method == "initialize" and probed:
            self._legacy = str(params["protocolVersion"])
            return self._legacy
        if method == "notifications/initialized" and self._said[-1] == "initialize":
            return self._legacy
        meta = params.get("_meta") or {}
        complete = meta.keys() >= META_FIELDS and meta[META + "protocolVersion"] == MODERN
        usual = method in {"server/discover", "tools/list"} and "cursor" not in params
        if usual and complete and not self._legacy:
            return MODERN
        if usual and method == "tools/list" and "notifications/initialized" in self._said:
            return self._legacy
        raise KeyError(method)
