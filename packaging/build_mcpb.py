"""Builds the Claude Desktop bundle: `python packaging/build_mcpb.py [DIRECTORY]` (dist).

The official tool, pinned in package.json beside this file, validates the manifest and packs; npm fetches it
into packaging/node_modules where it is missing. The bundle holds this project's source; the host's own uv
installs what it needs on the person's machine.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CONTENTS = ("pyproject.toml", "README.md", "LICENSE", "src")


def build(directory: Path) -> Path:
    """Pack the bundle into `directory`; returns its path.

    Raises:
        subprocess.CalledProcessError: npm failed, or the manifest is not valid.
        FileNotFoundError: there is no npm.
    """
    manifest = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    directory.mkdir(parents=True, exist_ok=True)
    bundle = directory.resolve() / f"{manifest['name']}-{manifest['version']}.mcpb"
    tool = _tool()
    with tempfile.TemporaryDirectory(prefix="mcpb-") as name:
        stage = Path(name) / "bundle"
        _gather(stage)
        subprocess.run([tool, "validate", str(stage / "manifest.json")], check=True)
        subprocess.run([tool, "pack", str(stage), str(bundle)], check=True)
    return bundle


def _gather(stage: Path) -> None:
    stage.mkdir()
    for source in (HERE / "manifest.json", HERE / "start.py"):
        shutil.copy2(source, stage)
    for name in CONTENTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, stage / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy2(source, stage)


def _tool() -> str:
    places = str(HERE / "node_modules" / ".bin")
    if shutil.which("mcpb", path=places) is None:
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError("npm is needed to fetch the tool that packs bundles (https://nodejs.org)")
        subprocess.run([npm, "install", "--prefix", str(HERE), "--no-package-lock", "--no-audit"], check=True)
    found = shutil.which("mcpb", path=places)
    if found is None:
        raise FileNotFoundError(f"npm has put no mcpb into {places}")
    return found


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist"))
