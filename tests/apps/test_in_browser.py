"""The gallery as a person sees it: real server over stdio, reference host bridge, headless Chromium.

The behaviours are in scenarios.mjs, one sentence each; every one runs in both protocol eras.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

HERE = Path(__file__).parent
PATIENCE_SECONDS = 300.0


def behaviours() -> set[str]:
    """The scenarios' names, as their file lists them."""
    text = (HERE / "scenarios.mjs").read_text(encoding="utf-8")
    return set(re.findall(r'^  async "(.+)"\(stage\)', text, re.MULTILINE))


@pytest.mark.parametrize("era", ["modern", "legacy"])
async def test_the_page_does_what_its_scenarios_say(
    era: str, needs: Callable[[str, str], str], tmp_path: Path
) -> None:
    node = needs("node", "shows the gallery to a browser: run .ci/install-browser")
    browser = needs("chromium", "shows the gallery: run .ci/install-browser")
    needs(str(HERE / "node_modules" / ".bin" / "esbuild"), "bundles the host page: run .ci/install-browser")
    options = {"era": era, "python": sys.executable, "browserPath": browser}
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    with anyio.fail_after(PATIENCE_SECONDS):
        done = await anyio.run_process(
            [node, str(HERE / "drive.mjs"), json.dumps(options)], check=False, cwd=HERE, env=environment
        )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    report = json.loads(done.stdout)
    assert set(report) == behaviours() != set()
    wrong = {name: said for name, said in report.items() if said != "passed"}
    assert not wrong, "\n\n".join(f"{name}:\n{said}" for name, said in wrong.items())
