"""Beside each saved output lies what made it, whoever saves it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calling import Connect, MakeSettings
from wavespeed_mcp_server.files.sidecar import Sidecar, read_sidecar

GIVEN = {"prompt": "a cat", "seed": 7}


def notes(directory: Path) -> list[Sidecar]:
    """The sidecars in a directory."""
    found = [read_sidecar(path) for path in sorted(directory.rglob("*.json"))]
    return [one for one in found if one is not None]


async def call(connect: Connect, settings: Any, tool: str, **arguments: Any) -> Any:
    """The structured result of one call."""
    async with connect(settings) as client:
        result: Any = await client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return result.structured_content


async def test_a_saved_run_says_what_made_it(
    connect: Connect, make_settings: MakeSettings, tmp_path: Path
) -> None:
    arguments = {"model": "sandbox/paint", "input": {**GIVEN, "num_images": 2}, "save": True}
    made = await call(connect, make_settings(), "generate", **arguments)
    found = notes(tmp_path / "out")
    assert len(found) == len(made["saved"]) == 2
    for note, path, url in zip(found, sorted(made["saved"]), made["outputs"], strict=True):
        assert Path(path).name == note.file
        assert (note.id, note.model, note.project) == (made["id"], "sandbox/paint", "project")
        assert GIVEN.items() <= note.input.items()
        assert note.output == url
        assert note.created_at


async def test_what_is_saved_later_says_it_too(
    connect: Connect, make_settings: MakeSettings, tmp_path: Path
) -> None:
    made = await call(connect, make_settings(), "generate", model="sandbox/paint", input=GIVEN)
    await call(connect, make_settings(), "download_outputs", ids=[made["id"]], directory="later")
    (note,) = notes(tmp_path / "out" / "later")
    assert (note.id, note.model) == (made["id"], "sandbox/paint")


async def test_a_file_inside_the_answer_says_it_too(
    connect: Connect, make_settings: MakeSettings, tmp_path: Path
) -> None:
    given = {**GIVEN, "enable_base64_output": True}
    made = await call(connect, make_settings(), "generate", model="sandbox/paint", input=given)
    (note,) = notes(tmp_path / "out")
    assert (note.id, note.model) == (made["id"], "sandbox/paint")


async def test_sidecars_can_be_switched_off(
    connect: Connect, make_settings: MakeSettings, tmp_path: Path
) -> None:
    settings = make_settings(sidecars=False)
    made = await call(connect, settings, "generate", model="sandbox/paint", input=GIVEN, save=True)
    assert [str(path) for path in (tmp_path / "out").iterdir()] == made["saved"]


@pytest.mark.parametrize("switch", [True, False])
async def test_what_is_saved_opens_in_the_viewer_only_where_asked_for(
    connect: Connect, make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, *, switch: bool
) -> None:
    shown: list[Path] = []
    note: Callable[[Path], None] = shown.append
    monkeypatch.setattr("wavespeed_mcp_server.accounts.show_file", note)
    settings = make_settings(open_outputs=switch)
    made = await call(connect, settings, "generate", model="sandbox/paint", input=GIVEN, save=True)
    assert [str(path) for path in shown] == (made["saved"] if switch else [])
