"""A sandbox whose JSON answers are spoiled on the way: parts of them become something else."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from wavespeed_mcp_server.sandbox import Sandbox

JUNK: list[Any] = [
    *(None, True, False, 0, -1, -5, 3.5, 1e308, 10**400),
    *("", "x", "\ud83d", "completed", "failed", "1" * 3000, "0.1", "2026-01-01T00:00:00Z"),
    *("data:image/png;base64,AAAA", "data:;base64,!!", "http://[::", "file:///etc/passwd"),
    *([], {}, [[]], [{}], [None], [1, "a", None], {"a": None}, {"url": "https://127.0.0.1:1/b.mp4"}),
]
STATUSES = (200, 201, 202, 400, 404, 418, 429, 500, 503)


def containers(value: Any) -> list[Any]:
    """Every object and list in a JSON value that holds something."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    here = [value] if isinstance(value, dict | list) and value else []
    return here + [found for part in inner for found in containers(part)]


class Spoiled(Sandbox):
    """Spoils about two thirds of its answers while `spoils` is set; files are left as they are."""

    def __init__(self, seed: int) -> None:
        super().__init__(key="sandbox-key", balance=1e6)
        self.run_seconds = lambda _model, _inputs: 0.0
        self.spoils = False
        self._chance = random.Random(seed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whole = not self.spoils or self._chance.random() < 0.35
        if scope["type"] != "http" or scope["path"].startswith("/storage") or whole:
            await super().__call__(scope, receive, send)
            return
        head: Message = {}
        body = b""

        async def keep(message: Message) -> None:
            nonlocal body
            head.update(message) if message["type"] == "http.response.start" else None
            body += message.get("body", b"")

        await super().__call__(scope, receive, keep)
        body = self._spoiled(body)
        if self._chance.random() < 0.1:
            head["status"] = self._chance.choice(STATUSES)
        kept = [(name, value) for name, value in head["headers"] if name.lower() != b"content-length"]
        await send({**head, "type": "http.response.start", "headers": kept})
        await send({"type": "http.response.body", "body": body})

    def _spoiled(self, body: bytes) -> bytes:
        document = {"whole": json.loads(body)}
        for _ in range(self._chance.randint(1, 3)):
            part = self._chance.choice(containers(document)[self._chance.random() > 0.05 :] or [document])
            place = self._chance.choice(list(part) if isinstance(part, dict) else list(range(len(part))))
            part[place] = copy.deepcopy(self._chance.choice(JUNK))
        return json.dumps(document["whole"]).encode()
