"""The project's own files, and a copy of them as a fresh clone has it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"


def text(name: str) -> str:
    """What is in one of the project's files."""
    return (ROOT / name).read_text(encoding="utf-8")


def data(name: str) -> Any:
    """What one of the project's JSON files holds."""
    return json.loads(text(name))


def clone(to: Path) -> Path:
    """The project's files as they are now, without what git does not keep (environments, builds)."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        source = ROOT / name
        if source.is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, to / name)
    return to
