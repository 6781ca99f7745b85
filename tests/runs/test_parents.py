"""Where the inputs of a run came from: chains of runs over addresses, saved files and uploads."""

from __future__ import annotations

import json
from pathlib import Path

from mcp.client import Client

from calling import Connect, Json, MakeSettings, call
from wavespeed_mcp_server.files.sidecar import Sidecar, read_sidecar, sidecar_of

PAINT = "sandbox/paint"
EDIT = "sandbox/edit"


async def painted(client: Client, prompt: str, **more: object) -> Json:
    """A finished picture."""
    return await call(client, "generate", model=PAINT, input={"prompt": prompt}, **more)


async def edited(client: Client, *images: str) -> Json:
    """A picture made of others, saved."""
    given = {"prompt": "more", "images": list(images)}
    return await call(client, "generate", model=EDIT, input=given, save=True)


def beside(made: Json) -> Sidecar:
    """What stands beside the file that was saved."""
    found = read_sidecar(sidecar_of(Path(made["saved"][0])))
    assert found is not None
    return found


async def test_an_input_that_is_an_earlier_output_makes_its_run_a_parent(client: Client) -> None:
    first, second = await painted(client, "a"), await painted(client, "b")
    made = await edited(client, first["outputs"][0], "https://example.com/other.png", second["outputs"][0])
    assert set(beside(made).parents) == {first["id"], second["id"]}
    assert beside(made).model == EDIT


async def test_a_saved_file_that_is_uploaded_again_is_known_under_any_name(
    client: Client, tmp_path: Path
) -> None:
    first = await painted(client, "a", save=True)
    elsewhere = tmp_path / "in" / "reference.png"
    elsewhere.write_bytes(Path(first["saved"][0]).read_bytes())
    assert beside(await edited(client, f"@{elsewhere}")).parents == (first["id"],)


async def test_an_address_that_upload_file_gave_is_known_too(client: Client) -> None:
    first = await painted(client, "a", save=True)
    uploaded = await call(client, "upload_file", path=first["saved"][0])
    assert beside(await edited(client, uploaded["url"])).parents == (first["id"],)


async def test_parents_are_known_to_a_later_process_and_over_a_chain(
    make_settings: MakeSettings, connect: Connect
) -> None:
    async with connect(make_settings()) as client:
        first = await painted(client, "a")
        second = await edited(client, first["outputs"][0])
    async with connect(make_settings()) as client:
        third = await edited(client, f"@{second['saved'][0]}")
    assert beside(third).parents == (second["id"],)
    assert beside(second).parents == (first["id"],)


async def test_a_run_of_nothing_earlier_has_no_parents(client: Client) -> None:
    made = await painted(client, "a", save=True)
    note = json.loads(sidecar_of(Path(made["saved"][0])).read_text(encoding="utf-8"))
    assert "parents" not in note
