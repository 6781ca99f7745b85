"""The wheel, as people install it: built, put into an empty environment, started, spoken to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).parents[1]
PACKAGE = "wavespeed_mcp_server"
HELLO = [
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "bare", "version": "1"},
        },
    },
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
]


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """A command to its end, its output kept."""
    return subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False, timeout=400
    )


def test_the_wheel_serves_from_an_empty_environment(tmp_path: Path, lacking: Callable[[str], None]) -> None:
    built = run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", tmp_path / "dist", PROJECT)
    if built.returncode:
        lacking(f"no wheel can be built here: {built.stderr[-300:]}")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    source = PROJECT / "src" / PACKAGE
    wanted = {
        f"{PACKAGE}/{path.relative_to(source).as_posix()}" for path in source.rglob("*") if path.is_file()
    }
    assert {name for name in wanted if "__pycache__" not in name} <= held
    assert {name.split("/")[0] for name in held if ".dist-info" not in name} == {PACKAGE}

    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    installed = run(programs / "python", "-m", "pip", "install", "-q", wheel)
    if installed.returncode:
        lacking(f"the wheel's dependencies cannot be had: {installed.stderr[-300:]}")

    lines = "".join(json.dumps(line) + "\n" for line in HELLO)
    bare = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    with subprocess.Popen(
        [programs / "wavespeed-mcp-server"],
        env=bare,
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(lines)
        process.stdin.flush()
        hello, listing = (json.loads(process.stdout.readline()) for _ in range(2))
        process.stdin.close()
        assert process.wait(60) == 0
    assert hello["result"]["serverInfo"]["name"] == "wavespeed"
    assert len(listing["result"]["tools"]) >= 12
