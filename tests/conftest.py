"""Fixtures every test can use."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """asyncio is the loop the server runs on."""
    return "asyncio"
