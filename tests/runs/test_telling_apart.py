"""What tells the runs of one answer apart: in words, and in the names of what is saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wavespeed_mcp_server.runs import Account, Batch, RunOptions, prepare
from wavespeed_mcp_server.runs.telling_apart import sources
from wavespeed_mcp_server.sandbox.media.png import card


@pytest.mark.parametrize(
    ("inputs", "names"),
    [
        ([{"image": "@/in/set_1.jpg"}, {"image": "@/in/set 2.png"}], ["set_1", "set 2"]),
        ([{"image": "@~/My \u00e9toile.v2.jpg", "seed": 1}], ["My \u00e9toile.v2"]),
        ([{"image": "@file:///in/a%20b.png"}, {"image": '@"/in/c.png"'}], ["a b", "c"]),
        ([{"image": "@C:\\in\\a.png"}, {"image": "https://x.test/b.png"}], ["a", ""]),
        # What all have is no mark of one, unless there is no other.
        ([{"image": f"@/in/{n}.png", "last_image": "@/in/end.png"} for n in "ab"], ["a", "b"]),
        ([{"image": "@/in/a.png", "seed": 1}, {"image": "@/in/a.png", "seed": 2}], ["a", "a"]),
        ([{"images": ["@/in/a.png", "@/in/b.png"]}, {"prompt": "@Image1"}], ["", ""]),
        ([], []),
    ],
)
def test_a_run_is_named_after_the_one_file_that_it_was_made_from(
    inputs: list[dict[str, Any]], names: list[str]
) -> None:
    assert sources(inputs) == names


async def test_what_a_batch_saves_is_called_after_its_files(account: Account, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir(exist_ok=True)
    for name in ("left", "right"):
        (folder / f"{name}.png").write_bytes(card(64, 64, name.encode() * 8))
    async with account.own_rows() as rows:
        requests = [
            await prepare(account, rows, "sandbox/cutout", {"image": f"@{folder}/{name}.png"}, in_batch=True)
            for name in ("left", "right")
        ]
        made = await Batch(account, rows, RunOptions(30, save=True), 8).run(requests)
        assert [Path(*one.saved).stem for one in made] == [
            f"{name}-cutout-{one.id}" for name, one in zip(("left", "right"), made, strict=True)
        ]
        await rows.answered()
