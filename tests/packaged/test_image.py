"""The container image. There is no engine in the tests: its file is linted, its steps are done by hand."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters

from wavespeed_mcp_server.setting_names import MEANINGS

from .project import ROOT, text

# Each instruction on one line.
LINES = [line for line in text("Dockerfile").replace("\\\n", "").split("\n") if not line.startswith("#")]


def instructions(name: str) -> list[str]:
    """What follows each instruction of that name."""
    return [line.partition(" ")[2] for line in LINES if line.startswith(name + " ")]


def test_the_linter_has_nothing_to_say(program: Callable[[str, str], str]) -> None:
    done = subprocess.run(
        [program("hadolint", "lints the Dockerfile"), str(ROOT / "Dockerfile")],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_it_runs_as_somebody_who_is_not_root() -> None:
    (user,) = instructions("USER")
    assert user.isdigit() and user != "0"
    assert any(f"--uid {user}" in run for run in instructions("RUN"))


def test_no_key_is_in_it_and_its_settings_are_those_of_the_server() -> None:
    named = set(re.findall(r"(WAVESPEED_\w+)=", text("Dockerfile")))
    assert named == {"WAVESPEED_OUTPUT_DIR", "WAVESPEED_STATE_DIR"} <= set(MEANINGS)
    for place in re.findall(r"WAVESPEED_\w+=(\S+)", text("Dockerfile")):
        assert place in instructions("VOLUME")[0]


@pytest.mark.ci
@pytest.mark.usefixtures("everything")
async def test_its_steps_make_a_server_with_bytecode_that_answers(tmp_path: Path) -> None:
    """The files that COPY names, and no others, go through the first stage's RUN, in directories here."""
    source, app = tmp_path / "source", tmp_path / "app"
    source.mkdir()
    first = LINES[: [index for index, line in enumerate(LINES) if line.startswith("FROM ")][1]]
    for line in first:
        if line.startswith("COPY "):
            *names, _ = line.split()[1:]
            for name in names:
                copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
                copy(ROOT / name, source / name)
    (run,) = [line.partition(" ")[2] for line in first if line.startswith("RUN ")]
    run = run.replace("/app", shlex.quote(str(app))).replace("python -m venv", f"{sys.executable} -m venv", 1)
    await anyio.run_process(["sh", "-c", run], cwd=source)
    package = next(app.glob("lib/python*/site-packages/wavespeed_mcp_server"))
    assert list((package / "__pycache__").glob("cli.*.pyc"))
    (entry,) = instructions("ENTRYPOINT")
    command = entry.strip('[]"').replace("/app", str(app))
    environment = {
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "WAVESPEED_STATE_DIR": str(tmp_path / "state"),
    }
    server = StdioServerParameters(command=command, args=["--sandbox"], env=environment, cwd="/")
    async with Client(server) as client:
        assert not (await client.call_tool("get_balance", {})).is_error
