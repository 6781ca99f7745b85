"""What the page is told: every run that the ledger, the account or the disk knows of, as it changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp.client import Client

from wavespeed_mcp_server.accounts import open_account
from wavespeed_mcp_server.files.sidecar import Sidecar, read_sidecar, sidecar_of, write_sidecar
from wavespeed_mcp_server.gallery.serving import running
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.media.png import card
from wavespeed_mcp_server.settings import Settings

from .conftest import Make, until
from .seeding import seed
from .visiting import Visitor, follow


async def test_a_run_appears_while_it_runs_and_fills_in_when_it_ends(
    visitor: Visitor, make: Make, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    made = await make("sandbox/paint", prompt="a cat", wait_seconds=0)
    await until(visitor, lambda: made["id"] in visitor.runs)
    run = visitor.runs[made["id"]]
    assert (run["status"], run["prompt"], run["model"]) == ("processing", "a cat", "sandbox/paint")
    sandbox.finish(made["id"])
    await until(visitor, lambda: visitor.runs[made["id"]]["status"] == "completed")
    assert visitor.runs[made["id"]]["kinds"] == ["image"]
    assert visitor.runs[made["id"]]["project"] == "project"


async def test_a_run_of_another_machine_is_there_too(visitor: Visitor, sandbox: Sandbox) -> None:
    paint = sandbox.models["sandbox/paint"]
    given = {"prompt": "made elsewhere", "seed": 4}
    elsewhere = sandbox.start(paint, sent=given, inputs=given, price=0.02, webhook="")
    await until(visitor, lambda: visitor.runs.get(elsewhere.id, {}).get("outputs"))
    facts = await visitor.run(elsewhere.id)
    assert facts["input"] == given
    assert facts["seed"] == 4
    assert json.loads(facts["call"].removeprefix("generate(").removesuffix(")")) == {
        "model": "sandbox/paint",
        "input": given,
    }


async def test_what_was_saved_long_ago_is_there_with_what_made_it(
    visitor: Visitor, settings: Settings
) -> None:
    assert settings.output_dir is not None
    folder = settings.output_dir / "spring"
    folder.mkdir(parents=True)
    (folder / "cat.png").write_bytes(card(64, 64, bytes(32)))
    made = Sidecar(
        "an-old-run", "vendor/old", {"prompt": "a cat"}, 0.5, "2025-01-02T03:04:05Z", project="film"
    )
    write_sidecar(folder / "cat.png", made)
    await until(visitor, lambda: "an-old-run" in visitor.runs)
    run = visitor.runs["an-old-run"]
    assert run["saved"]
    assert (run["project"], run["quote"], run["model"]) == ("film", 0.5, "vendor/old")
    facts = await visitor.run("an-old-run")
    assert facts["parts"][0]["name"] == "spring/cat.png"
    shown = await visitor.get("/media/an-old-run/0")
    assert shown.content == (folder / "cat.png").read_bytes()
    assert shown.headers["content-type"] == "image/png"
    (folder / "cat.png").unlink()
    await until(visitor, lambda: "an-old-run" not in visitor.runs)


async def test_what_a_version_without_sidecars_saved_is_known_by_its_name(
    visitor: Visitor, settings: Settings
) -> None:
    assert settings.output_dir is not None
    settings.output_dir.mkdir(parents=True)
    identity = "6488c2754f6f4dfea924382fa14d11bd"
    for name in (f"flux-dev-{identity}-1.png", f"flux-dev-{identity}-2.png", "holiday.png"):
        (settings.output_dir / name).write_bytes(card(64, 64, bytes(32)))
    await until(visitor, lambda: visitor.runs.get(identity, {}).get("outputs") == 2)
    assert visitor.runs[identity]["model"] == "flux-dev"
    assert set(visitor.runs) == {identity}


async def test_parents_and_children_are_known(visitor: Visitor, make: Make) -> None:
    first = await make("sandbox/paint", prompt="a cat")
    await until(visitor, lambda: visitor.runs.get(first["id"], {}).get("outputs"))
    second = await make("sandbox/edit", prompt="a hat", images=[first["outputs"][0]])
    await until(visitor, lambda: visitor.runs.get(second["id"], {}).get("outputs"))
    assert (await visitor.run(second["id"]))["parents"] == [first["id"]]
    assert (await visitor.run(first["id"]))["children"] == [second["id"]]


async def test_a_chain_through_a_folder_is_known_to_ledger_sidecars_and_gallery(
    visitor: Visitor, make: Make, settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "in" / "hero"
    folder.mkdir()
    pictures = [await make("sandbox/paint", save=True, prompt=prompt) for prompt in ("face", "coat")]
    for name, picture in zip(("1 face.png", "2 a coat.png"), pictures, strict=True):
        (folder / name).write_bytes(Path(picture["saved"][0]).read_bytes())
    (folder / "9 a stranger.png").write_bytes(card(64, 64, bytes(32)))
    shot = await make("sandbox/edit", save=True, prompt="a", images=f"@{folder}/")
    both = [f"@{folder}/1 face.png", shot["outputs"][0]]
    again = await make("sandbox/edit", save=True, prompt="b", images=both)
    kept = [f"@{folder}/2 a coat.png", f"@{again['saved'][0]}"]
    last = await make("sandbox/edit", prompt="c", images=kept)

    face, coat = (one["id"] for one in pictures)
    made_of = {shot["id"]: {face, coat}, again["id"]: {face, shot["id"]}, last["id"]: {coat, again["id"]}}
    for made in (shot, again):
        beside = read_sidecar(sidecar_of(Path(made["saved"][0])))
        assert beside is not None
        assert set(beside.parents) == made_of[made["id"]]
    async with open_account(settings) as account:
        rows = await account.ledger.by_ids(list(made_of))
    assert {key: set(row.parents) for key, row in rows.items()} == made_of
    # The project stands in the ledger alone: it has been read.
    await until(visitor, lambda: visitor.runs.get(last["id"], {}).get("project"))
    shown = {key: await visitor.run(key) for key in (face, coat, *made_of)}
    assert {key: set(shown[key]["parents"]) for key in made_of} == made_of
    assert set(shown[face]["children"]) == {shot["id"], again["id"]}
    assert set(shown[coat]["children"]) == {shot["id"], last["id"]}
    assert shown[again["id"]]["children"] == [last["id"]]


async def test_quote_charge_and_what_came_back_are_told_apart(
    visitor: Visitor, make: Make, agent: Client
) -> None:
    good = await make("sandbox/paint", prompt="a cat")
    await agent.call_tool("generate", {"model": "sandbox/flaky", "input": {"prompt": "x"}})
    await until(
        visitor, lambda: len(visitor.runs) == 2 and all("charged" in run for run in visitor.runs.values())
    )
    run = visitor.runs[good["id"]]
    assert run["charged"] == pytest.approx(0.018)
    assert run["returned"] == 0
    (failed,) = [run for run in visitor.runs.values() if run["status"] == "failed"]
    assert failed["charged"] == 0
    assert failed["returned"] > 0
    assert "moderation" in failed["error"]
    assert visitor.news["balance"] < 10


async def test_looking_makes_nothing_seen_and_owns_nothing(
    visitor: Visitor, make: Make, agent: Client, sandbox: Sandbox, settings: Settings
) -> None:
    """The host's server is told of the end as if nobody had looked."""
    sandbox.run_seconds = lambda _model, _inputs: None
    made = await make("sandbox/paint", prompt="a cat", wait_seconds=0)
    ledger = settings.state_dir / "ledger.sqlite3" if settings.state_dir else Path()
    before = rows(ledger)
    sandbox.finish(made["id"])
    await until(visitor, lambda: visitor.runs.get(made["id"], {}).get("outputs"))
    await visitor.run(made["id"])
    await visitor.get(f"/media/{made['id']}/0/small")
    assert rows(ledger) == before
    told: Any = await agent.call_tool("check_status", {})
    assert [one["id"] for one in told.structured_content["predictions"]] == [made["id"]]


def rows(path: Path) -> list[tuple[object, ...]]:
    """Every row of the ledger as it stands in the file."""
    import sqlite3

    opened = sqlite3.connect(path)
    try:
        return opened.execute("SELECT * FROM tasks ORDER BY key").fetchall()
    finally:
        opened.close()


async def test_it_works_before_there_is_a_ledger_and_without_an_account(
    settings: Settings, sandbox: Sandbox
) -> None:
    sandbox.account_mode = "unactivated"
    async with running(settings) as access, httpx.AsyncClient(base_url=access.origin, timeout=40) as http:
        visitor = await follow(http, access)
        await until(visitor, lambda: "account" in visitor.news)
        assert visitor.runs == {}
        assert not (settings.state_dir or Path()).exists()


async def test_news_is_waited_for(visitor: Visitor, make: Make) -> None:
    await visitor.look()
    async with anyio.create_task_group() as group:
        with anyio.fail_after(20):
            answers: list[int] = []

            async def wait() -> None:
                while not visitor.runs:
                    answers.append((await visitor.look(20))["revision"])

            group.start_soon(wait)
            await make("sandbox/paint", prompt="a cat")
    assert answers == sorted(answers)


async def test_a_page_of_an_earlier_gallery_gets_everything_anew(visitor: Visitor, make: Make) -> None:
    await make("sandbox/paint", prompt="a cat")
    await until(visitor, lambda: visitor.runs)
    visitor.revision = 10**9
    answer = await visitor.look(20)
    assert answer["whole"]
    assert visitor.runs


STRANGE = (
    '"id": "strange", "model": "m", "input": {"prompt": "\\ud800", "a": NaN, "b": [1e999]}',
    '"id": "strange", "model": "\\u0000<script>", "input": {"prompt": ["x"], "seed": {}}',
    '"id": "strange", "model": "m", "input": {"prompt": "x"}, "created_at": "0001-01-01"',
    '"id": "../strange", "model": "m", "input": {}, "parents": ["x", 1], "price": -Infinity',
    '"id": "", "model": "m", "input": {"\\udfff": "y"}',
)


@pytest.mark.parametrize("note", STRANGE)
async def test_no_file_of_somebody_elses_breaks_the_page(
    visitor: Visitor, settings: Settings, make: Make, note: str
) -> None:
    """What lies in a folder was written by anybody; the other runs are shown all the same."""
    assert settings.output_dir is not None
    settings.output_dir.mkdir(parents=True)
    (settings.output_dir / "cat.png").write_bytes(card(64, 64, bytes(32)))
    (settings.output_dir / "cat.png.json").write_text('{"file": "cat.png", ' + note + "}", "utf-8")
    made = await make("sandbox/paint", prompt="a cat")
    await until(visitor, lambda: visitor.runs.get(made["id"], {}).get("outputs"))
    if "strange" in visitor.runs:
        assert (await visitor.run("strange"))["model"]


async def test_news_of_a_broken_ledger_is_told_and_taken_back(visitor: Visitor, settings: Settings) -> None:
    assert settings.state_dir is not None
    settings.state_dir.mkdir(parents=True)
    ledger = settings.state_dir / "ledger.sqlite3"
    ledger.write_bytes(b"this is no database, and longer than a header of one " * 20)
    await until(visitor, lambda: "ledger" in visitor.news)
    assert str(settings.state_dir) not in visitor.news["ledger"]
    ledger.unlink()
    await until(visitor, lambda: "ledger" not in visitor.news)


async def test_ten_thousand_runs_are_there_and_the_newest_first(settings: Settings) -> None:
    seed(settings, 10_000)
    async with running(settings) as access, httpx.AsyncClient(base_url=access.origin, timeout=60) as http:
        visitor = await follow(http, access)
        newest = (await visitor.get("/data/runs?newest=50")).json()
        assert (newest["total"], newest["revision"], len(newest["runs"])) == (10_000, 0, 50)
        await visitor.look()
        assert len(visitor.runs) == 10_000
        oldest_of_the_newest = min(run["at"] for run in newest["runs"])
        assert sum(run["at"] > oldest_of_the_newest for run in visitor.runs.values()) == 49
