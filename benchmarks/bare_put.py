"""A process that puts one file where an upload ticket says, with nothing around it: URL, file.

Prints the seconds it took, its own start-up left out.
"""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import httpx

KEY = "sandbox-key"
CHUNK = 1024 * 1024


async def put(base_url: str, path: Path) -> float:
    """Ask for a ticket and send the bytes; seconds."""
    size = (await anyio.Path(path).stat()).st_size

    async def body() -> AsyncIterator[bytes]:
        async with await anyio.open_file(path, "rb") as file:
            while chunk := await file.read(CHUNK):
                yield chunk

    async with httpx.AsyncClient(trust_env=False, timeout=None) as client:
        started = time.time()
        ticket = await client.post(
            f"{base_url}/api/v3/media/uploads",
            json={"filename": path.name, "size": size, "content_type": "video/mp4"},
            headers={"Authorization": f"Bearer {KEY}"},
        )
        upload = ticket.json()["data"]["upload"]
        headers = {**upload["headers"], "Content-Length": str(size)}
        answer = await client.put(upload["url"], content=body(), headers=headers)
        answer.raise_for_status()
        return time.time() - started


if __name__ == "__main__":
    print(anyio.run(put, sys.argv[1], Path(sys.argv[2])))
