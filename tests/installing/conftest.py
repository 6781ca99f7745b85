"""A home directory with nothing in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

MOVES = ("WAVESPEED_", "XDG_", "CLAUDE_", "CODEX_", "COPILOT_", "CLINE_", "APPDATA", "LOCALAPPDATA")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with nothing in it; no setting comes from outside."""
    for name in [name for name in os.environ if name.startswith(MOVES)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path
