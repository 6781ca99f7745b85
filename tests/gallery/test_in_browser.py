"""The page as a person sees it, in Chromium, on ten thousand runs, while a host's server adds to them.

The behaviours are in drive.mjs, one sentence each.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from calling import Connect, MakeSettings
from wavespeed_mcp_server.gallery.serving import running

from .seeding import seed

HERE = Path(__file__).parent
PATIENCE_SECONDS = 300.0


@pytest.mark.ci
async def test_the_page_does_what_its_scenarios_say(
    needs: Callable[[str, str], str], make_settings: MakeSettings, connect: Connect, tmp_path: Path
) -> None:
    node = needs("node", "drives a browser: run .ci/install-gallery")
    browser = needs("chromium", "shows the page: run .ci/install-gallery")
    needs(
        str(HERE / "node_modules" / "playwright-core" / "cli.js"), "drives a browser: run .ci/install-gallery"
    )
    settings = make_settings(daily_budget=5000.0)
    seed(settings, 10_000)
    async with running(settings) as access, connect(settings) as client:
        given = {"prompt": "made just now", "seed": 7}
        await client.call_tool("generate", {"model": "sandbox/paint", "input": given})
        options = {"link": access.link, "browserPath": browser}
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        with anyio.fail_after(PATIENCE_SECONDS):
            done = await anyio.run_process(
                [node, str(HERE / "drive.mjs"), json.dumps(options)], check=False, cwd=HERE, env=environment
            )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    report = json.loads(done.stdout)
    wrong = {name: said for name, said in report.items() if said != "passed"}
    assert report
    assert not wrong, "\n\n".join(f"{name}:\n{said}" for name, said in wrong.items())
