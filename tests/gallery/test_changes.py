"""What a person can do on the page."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from wavespeed_mcp_server.files.sidecar import read_sidecar
from wavespeed_mcp_server.gallery.serving import running
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import Settings

from .conftest import Make, until
from .visiting import Visitor, follow

DAY_NS = 86_400 * 10**9


async def test_saving_puts_the_outputs_and_what_made_them_on_disk(
    visitor: Visitor, make: Make, settings: Settings
) -> None:
    made = await make("sandbox/paint", prompt="a cat", seed=7, num_images=2)
    await until(visitor, lambda: visitor.runs.get(made["id"], {}).get("outputs"))
    answer = await visitor.do("save", keys=[made["id"]])
    assert answer.json() == {"saving": 1}
    await until(visitor, lambda: kept(visitor, made["id"]))
    assert settings.output_dir is not None
    notes = [read_sidecar(path) for path in sorted(settings.output_dir.glob("*.json"))]
    assert [note and (note.id, note.model, note.input["seed"]) for note in notes] == [
        (made["id"], "sandbox/paint", 7)
    ] * 2
    assert (await visitor.do("save", keys=[made["id"]])).json() == {"saving": 0}


async def test_all_that_is_deleted_within_a_day_is_saved_at_once(
    visitor: Visitor, make: Make, sandbox: Sandbox
) -> None:
    made = [await make("sandbox/paint", prompt=f"cat {number}") for number in range(3)]
    await make("sandbox/write", prompt="a text needs no saving")
    fresh = await make("sandbox/paint", prompt="a fresh one")
    for one in [*(one["id"] for one in made)]:
        sandbox.predictions[one].created_ns -= int(6.5 * DAY_NS)
    old = {one["id"] for one in made}
    await until(
        visitor, lambda: old < set(visitor.runs) and all(aged(visitor.runs[key]["at"]) for key in old)
    )
    assert (await visitor.do("save", expiring=True)).json() == {"saving": 3}
    await until(visitor, lambda: all(visitor.runs[key].get("saved") for key in old))
    assert not visitor.runs[fresh["id"]].get("saved")
    assert (await visitor.do("save", expiring=True)).json() == {"saving": 0}


def kept(visitor: Visitor, key: str) -> bool:
    """The files of a run are saved, and what made them beside."""
    run = visitor.runs[key]
    return bool(run.get("saved")) and not run.get("saving")


def aged(at: float) -> bool:
    """Created more than six days ago."""
    return datetime.now(UTC).timestamp() - at > 6 * 86_400


async def test_what_cannot_be_saved_says_why(visitor: Visitor, make: Make, sandbox: Sandbox) -> None:
    made = await make("sandbox/paint", prompt="a cat")
    await until(visitor, lambda: visitor.runs.get(made["id"], {}).get("outputs"))
    sandbox.account_mode = "unactivated"
    await visitor.do("save", keys=[made["id"]])
    await until(visitor, lambda: visitor.runs[made["id"]].get("trouble"))
    assert not visitor.runs[made["id"]].get("saving")


async def test_deleting_is_asked_for_twice(visitor: Visitor, make: Make, sandbox: Sandbox) -> None:
    made = await make("sandbox/paint", prompt="a cat")
    other = await make("sandbox/paint", prompt="a dog")
    await until(visitor, lambda: sum(bool(run.get("outputs")) for run in visitor.runs.values()) == 2)
    first = (await visitor.do("delete", keys=[made["id"]])).json()
    assert first["runs"] == 1
    assert sandbox.counts["delete"] == 0
    for confirm in ("x", first["confirm"] + "x"):
        assert (await visitor.do("delete", keys=[made["id"]], confirm=confirm)).status_code == 409
    wrong = await visitor.do("delete", keys=[other["id"]], confirm=first["confirm"])
    assert wrong.status_code == 409
    assert (await visitor.do("delete", keys=[made["id"]], confirm=first["confirm"])).status_code == 409
    assert set(sandbox.predictions) == {made["id"], other["id"]}
    again = (await visitor.do("delete", keys=[made["id"]])).json()
    done = await visitor.do("delete", keys=[made["id"]], confirm=again["confirm"])
    assert done.json() == {"deleted": 1}
    assert set(sandbox.predictions) == {other["id"]}
    await until(visitor, lambda: visitor.runs.get(made["id"], {}).get("gone"))


async def test_a_pick_outlives_the_gallery(visitor: Visitor, make: Make, settings: Settings) -> None:
    keys = [(await make("sandbox/paint", prompt=f"cat {number}"))["id"] for number in range(3)]
    await until(visitor, lambda: set(keys) <= set(visitor.runs))
    assert (await visitor.do("pick", keys=keys, pick=keys[1])).status_code == 200
    await visitor.look(5)
    assert visitor.news["picks"] == {",".join(sorted(keys)): keys[1]}
    for wrong in ({"keys": keys[:1], "pick": keys[0]}, {"keys": keys, "pick": "x"}, {"keys": [*keys, "x"]}):
        assert (await visitor.do("pick", **wrong)).status_code == 409
    assert settings.state_dir is not None
    assert stat.S_IMODE((settings.state_dir / "gallery.json").stat().st_mode) == 0o600
    async with running(settings) as later, httpx.AsyncClient(base_url=later.origin) as http:
        next_day = await follow(http, later)
        await next_day.look()
        assert next_day.news["picks"] == visitor.news["picks"]


async def test_the_folder_of_a_saved_run_is_opened(visitor: Visitor, make: Make, shown: list[Path]) -> None:
    made = await make("sandbox/paint", prompt="a cat", save=True)
    await until(visitor, lambda: visitor.runs.get(made["id"], {}).get("saved"))
    assert (await visitor.do("folder", keys=[made["id"]])).status_code == 200
    assert [str(path) for path in shown] == made["saved"]
    unsaved = await make("sandbox/paint", prompt="a dog")
    await until(visitor, lambda: unsaved["id"] in visitor.runs)
    assert (await visitor.do("folder", keys=[unsaved["id"]])).status_code == 409


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"null", b'{"keys": "x"}', b'{"keys": [1]}', b"\xff", b"[" * 100_000]
)
async def test_a_body_that_is_not_the_pages_changes_nothing(visitor: Visitor, body: bytes) -> None:
    from wavespeed_mcp_server.gallery.access import SECRET_HEADER

    headers = {SECRET_HEADER: visitor.secret, "content-type": "application/json"}
    for what in ("save", "delete", "pick", "folder", "nothing"):
        answer = await visitor.http.post(f"/do/{what}", content=body, headers=headers)
        assert answer.status_code in {202, 400, 404, 409}
        assert answer.status_code != 202 or answer.json() == {"saving": 0}
