"""Finds the programs that .ci/install-packaging brings, and nothing of the environment's settings."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from .project import PACKAGING

PLACES = (PACKAGING / ".venv" / "bin", PACKAGING / "node_modules" / ".bin")


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, needs: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """`needs`, with the places of .ci/install-packaging searched first."""
    path = os.pathsep.join([*map(str, PLACES), os.environ.get("PATH", "")])
    monkeypatch.setenv("PATH", path)
    return needs


@pytest.fixture
def everything() -> None:
    """Only where everything must run (REQUIRE_ALL=1): these tests fetch packages from the index."""
    if os.environ.get("REQUIRE_ALL") != "1":
        pytest.skip("fetches packages from the index; set REQUIRE_ALL=1 to run it")
