"""A visitor of the page: what a browser sends, so that a test can leave parts of it out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import httpx

from calling import Json
from wavespeed_mcp_server.gallery.access import SECRET_HEADER, Access


@dataclass
class Visitor:
    """A browser that has followed the link: its cookie, and the page's secret."""

    http: httpx.AsyncClient
    secret: str
    revision: int = 0
    runs: dict[str, Json] = field(default_factory=dict)
    news: Json = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """A data request as the page makes it."""
        return await self.http.get(path, headers={SECRET_HEADER: self.secret, **headers})

    async def do(self, what: str, **asked: object) -> httpx.Response:
        """A change as the page asks for it."""
        return await self.http.post(f"/do/{what}", json=asked, headers={SECRET_HEADER: self.secret})

    async def look(self, seconds: float = 0) -> Json:
        """Take over what is new, waiting for it for up to `seconds`; returns the answer."""
        answer: Json = (await self.get(f"/data/runs?after={self.revision}&wait={seconds}")).json()
        if answer["whole"]:
            self.runs.clear()
        for key in answer["gone"]:
            self.runs.pop(key, None)
        self.runs.update({run["key"]: run for run in answer["runs"]})
        self.news, self.revision = answer["news"], answer["revision"]
        return answer

    async def run(self, key: str) -> Json:
        """Everything about one run."""
        answer = await self.get(f"/data/run/{key}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found


async def follow(http: httpx.AsyncClient, access: Access) -> Visitor:
    """Follow the link as a browser does, cookie and all."""
    opened = await http.get(access.link)
    assert opened.status_code == 200
    secret = re.search(r'name="gallery-secret" content="([^"]+)"', opened.text)
    assert secret is not None
    return Visitor(http, secret[1])
