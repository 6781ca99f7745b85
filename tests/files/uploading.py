"""A process that uploads one file and says how much memory it ever held. Arguments: URL, directory, bytes."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

import anyio

from wavespeed_mcp_server.accounts import open_account
from wavespeed_mcp_server.settings import Settings

MP4_START = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"
CHUNK = 1_000_000


async def upload(url: str, directory: Path, size: int) -> None:
    """Write a clip of `size` bytes, upload it, and print what that took."""
    path = directory / "clip.mp4"
    directory.mkdir()
    with path.open("wb") as file:
        file.write(MP4_START)
        for start in range(len(MP4_START), size, CHUNK):
            file.write(b"\x07" * min(CHUNK, size - start))
    settings = Settings(
        api_key="sandbox-key",
        base_url=url,
        home=directory,
        allowed_dirs=(directory,),
        output_dir=directory / "out",
        state_dir=directory / "state",
    )
    async with open_account(settings) as account:
        done = await account.media.upload(str(path))
    # Kibibytes on Linux, bytes on macOS: getrusage(2).
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    print(json.dumps({"size_bytes": done.size_bytes, "peak_bytes": peak}))


anyio.run(upload, sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
