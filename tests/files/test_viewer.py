"""What opens in the system's programs: media by content and name, and nothing that could act."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import anyio.to_thread
import pytest

from viewing import opening, put_viewer
from wavespeed_mcp_server.files.viewer import show_file, show_folder
from wavespeed_mcp_server.sandbox.media.png import card

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="stands in for xdg-open")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pipe of the only program that is found."""
    pipe = put_viewer(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return pipe


async def test_a_picture_opens(tmp_path: Path, opened: Path) -> None:
    (tmp_path / "cat.png").write_bytes(card(64, 64, bytes(32)))
    shown = await opening(opened, partial(anyio.to_thread.run_sync, show_file, tmp_path / "cat.png"))
    assert shown == (True, str(tmp_path / "cat.png"))


async def test_a_folder_opens(tmp_path: Path, opened: Path) -> None:
    shown = await opening(opened, partial(anyio.to_thread.run_sync, show_folder, tmp_path / "cat.png"))
    assert shown == (True, str(tmp_path))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<!doctype html><script>1</script>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("app.desktop", card(64, 64, bytes(32))),
        ("run.sh", b"#!/bin/sh\n"),
        ("notes.txt", b"text"),
        ("missing.png", None),
    ],
)
def test_nothing_else_opens(tmp_path: Path, opened: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert not show_file(tmp_path / name)


@pytest.mark.parametrize(("code", "shown"), [(0, True), (3, False)])
def test_a_viewer_that_fails_has_shown_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, shown: bool
) -> None:
    for name in ("open", "xdg-open"):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {code}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "cat.png").write_bytes(card(64, 64, bytes(32)))
    assert show_file(tmp_path / "cat.png", patience=60) is shown


def test_without_a_program_nothing_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "cat.png").write_bytes(card(64, 64, bytes(32)))
    assert not show_file(tmp_path / "cat.png")
