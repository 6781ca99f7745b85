"""A storage server, and the things under test pointed at it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import settings

from wavespeed_mcp_server.api.endpoint import Endpoint
from wavespeed_mcp_server.api.transfer import Transfer
from wavespeed_mcp_server.api.transport import Transport
from wavespeed_mcp_server.files import PathPolicy

from .storage import Storage, running

settings.register_profile("unhurried")
settings.load_profile("unhurried")

KEY = "wsk_never_to_be_seen"


async def no_pause(seconds: float) -> None:
    """Retries follow at once in tests."""


@pytest.fixture
async def storage() -> AsyncIterator[Storage]:
    """A server on loopback."""
    async with running() as one:
        yield one


@pytest.fixture
async def transfer(storage: Storage) -> AsyncIterator[Transfer]:
    """A transfer for an API that is itself on loopback."""
    async with Transport() as transport:
        yield Transfer(transport, Endpoint(base_url=storage.url, key=KEY), pause=no_pause)


@pytest.fixture
def policy(tmp_path: Path) -> PathPolicy:
    """`in` may be read, `out` is the output directory, `project` is where relative paths begin."""
    for name in ("in", "out", "project", "home"):
        (tmp_path / name).mkdir()
    allowed = (tmp_path / "in", tmp_path / "project")
    return PathPolicy(allowed, tmp_path / "out", tmp_path / "project", tmp_path / "home")


Listing = Callable[[Path], list[str]]


@pytest.fixture
def listing() -> Listing:
    """Every file below a directory, hidden ones too."""
    return lambda top: sorted(str(path.relative_to(top)) for path in top.rglob("*") if path.is_file())
