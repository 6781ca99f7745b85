"""The page as a person sees it, in Chromium, on ten thousand runs, while a host's server adds to them.

The behaviours are in drive.mjs, one sentence each.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest

from calling import Connect, MakeSettings
from wavespeed_mcp_server.gallery.access import redirect_page
from wavespeed_mcp_server.gallery.serving import running
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.predictions import Prediction

from .seeding import seed

HERE = Path(__file__).parent
PATIENCE_SECONDS = 300.0
HOUR_NS = 3600 * 10**9


def made_elsewhere(sandbox: Sandbox) -> None:
    """Runs of another machine: two that leave in half a day, one that failed and was never paid back."""

    def start(prompt: str) -> Prediction:
        given = {"prompt": prompt}
        paint = sandbox.models["sandbox/paint"]
        return sandbox.start(paint, sent=given, inputs=given, price=0.02, webhook="")

    for number in range(2):
        start(f"leaves soon {number}").created_ns -= (156 - number) * HOUR_NS
    usual, sandbox.run_seconds = sandbox.run_seconds, lambda _model, _inputs: None
    broken = start("was charged and failed")
    sandbox.run_seconds = usual
    sandbox.fail(broken.id, message="The worker was lost.")
    broken.created_ns -= 30 * HOUR_NS
    sandbox.account.bills.clear()
    sandbox.account.take(broken)


@pytest.mark.ci
async def test_the_page_does_what_its_scenarios_say(
    needs: Callable[[str, str], str],
    make_settings: MakeSettings,
    connect: Connect,
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    node = needs("node", "drives a browser: run .ci/install-gallery")
    browser = needs("chromium", "shows the page: run .ci/install-gallery")
    needs(
        str(HERE / "node_modules" / "playwright-core" / "cli.js"), "drives a browser: run .ci/install-gallery"
    )
    settings = make_settings(daily_budget=5000.0)
    seed(settings, 10_000)
    made_elsewhere(sandbox)
    async with running(settings) as access, connect(settings) as client:
        made: Any = await client.call_tool(
            "generate", {"model": "sandbox/paint", "input": {"prompt": "a teapot"}}
        )
        shape = {"model": "sandbox/sculpt", "input": {"image": made.structured_content["outputs"][0]}}
        await client.call_tool("generate", shape)
        given = {"prompt": "made just now", "seed": 7}
        await client.call_tool("generate", {"model": "sandbox/paint", "input": given})
        opened = tmp_path / "open.html"
        opened.write_text(redirect_page(access.link))
        options = {
            "link": opened.as_uri(),
            "browserPath": browser,
            "shots": os.environ.get("GALLERY_SCREENSHOTS", ""),
        }
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
