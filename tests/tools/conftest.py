"""What the tests of tools have at hand."""

import pytest

from wavespeed_mcp_server.sandbox.media.png import card


@pytest.fixture(scope="session")
def picture() -> bytes:
    """A real PNG file."""
    return card(64, 64, bytes(32))
