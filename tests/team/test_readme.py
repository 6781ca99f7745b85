"""What the README says about a team is so."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from wavespeed_mcp_server.setting_names import HTTP_MEANINGS

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## For a team\n")[1].split("\n## ")[0]


def test_the_table_of_settings_is_what_they_mean() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", SECTION, re.MULTILINE)
    assert dict(rows) == HTTP_MEANINGS


def test_the_two_commands_start_a_server_and_call_it(
    needs: Callable[[str, str], str], tmp_path: Path
) -> None:
    needs("curl", "calls the server as the README does")
    (block,) = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
    script = f"{block}\ncode=$?\nkill %1\nwait\nexit $code\n"
    done = subprocess.run(
        ["bash", "-c", script],
        env={"HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"status":"completed"' in done.stdout, done.stdout + done.stderr
