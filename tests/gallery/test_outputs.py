"""The bytes of outputs: only the run's own, and nothing that could act as a page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wavespeed_mcp_server.files.sidecar import Sidecar, sidecar_of, write_sidecar
from wavespeed_mcp_server.gallery.folder import Folder
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.media.png import card
from wavespeed_mcp_server.settings import Settings

from .conftest import Make, until
from .visiting import Visitor

PICTURE = card(64, 64, bytes(32))
PAGES = {
    "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "page.png": b"<!doctype html><script>alert(1)</script>",
    "notes.txt": b"plain",
    "facts.xml": b"<?xml version='1.0'?><x/>",
}


@pytest.mark.parametrize("name", PAGES)
async def test_what_could_act_as_a_page_is_only_ever_a_sandboxed_download(
    visitor: Visitor, settings: Settings, name: str
) -> None:
    assert settings.output_dir is not None
    settings.output_dir.mkdir(parents=True)
    (settings.output_dir / name).write_bytes(PAGES[name])
    write_sidecar(settings.output_dir / name, Sidecar("a-run", "m", {}))
    await until(visitor, lambda: "a-run" in visitor.runs)
    answer = await visitor.get("/media/a-run/0")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await visitor.get("/media/a-run/0/small")).status_code == 204


async def test_parts_of_an_output_are_what_was_asked_for(visitor: Visitor, make: Make) -> None:
    made = await make("sandbox/film-2.1/text-to-video", prompt="waves")
    path = f"/media/{made['id']}/0"
    whole = (await visitor.get(path)).content
    for asked, first, last in (("0-0", 0, 1), ("5-", 5, None), ("-7", -7, None), ("3-999999999", 3, None)):
        part = await visitor.get(path, range=f"bytes={asked}")
        assert part.status_code == 206
        assert part.content == whole[first:last]
        assert part.headers["content-range"].endswith(f"/{len(whole)}")
    assert (await visitor.get(path, range=f"bytes={len(whole)}-")).status_code == 416


async def test_an_unsaved_output_is_fetched_once(visitor: Visitor, make: Make, sandbox: Sandbox) -> None:
    made = await make("sandbox/paint", prompt="a cat")
    for path in ("0", "0/small", "0", "0/small"):
        answer = await visitor.get(f"/media/{made['id']}/{path}")
        assert answer.headers["content-type"].startswith("image/")
    assert sandbox.counts["download"] == 1
    assert not sandbox.leaks


async def test_an_output_that_is_gone_is_said_to_be(visitor: Visitor, make: Make, sandbox: Sandbox) -> None:
    made = await make("sandbox/paint", prompt="a cat")
    del sandbox.predictions[made["id"]]
    await visitor.get(f"/media/{made['id']}/0/small")
    await until(visitor, lambda: visitor.runs.get(made["id"], {}).get("gone"))
    assert (await visitor.get(f"/media/{made['id']}/0")).status_code == 404


def outside(tmp_path: Path) -> tuple[Folder, Path]:
    """A folder with a saved file, and a picture beside the folder that is nobody's business."""
    root = tmp_path / "out"
    root.mkdir()
    (root / "cat.png").write_bytes(PICTURE)
    secret = tmp_path / "secret.png"
    secret.write_bytes(PICTURE)
    return Folder(root), secret


HOSTILE = (
    "../secret.png",
    "/etc/passwd",
    "..",
    "",
    "a/../../secret.png",
    "./cat.png",
    "cat.png/",
    ".hidden.png",
)


@pytest.mark.parametrize(
    "name", [*HOSTILE, "cat.png\0", "..\\secret.png", "link.png", "dir/secret.png", "pipe.png"]
)
def test_a_name_that_leads_elsewhere_opens_nothing(tmp_path: Path, name: str) -> None:
    folder, secret = outside(tmp_path)
    (folder.root / "link.png").symlink_to(secret)
    (folder.root / "dir").symlink_to(tmp_path)
    (folder.root / ".hidden.png").write_bytes(PICTURE)
    os.mkfifo(folder.root / "pipe.png")
    assert folder.open(name) is None
    opened = folder.open("cat.png")
    assert opened is not None
    opened.file.close()


def test_links_and_hidden_files_are_not_listed(tmp_path: Path) -> None:
    folder, secret = outside(tmp_path)
    write_sidecar(secret, Sidecar("elsewhere", "m", {}))
    (folder.root / "link.png").symlink_to(secret)
    (folder.root / "link.png.json").symlink_to(sidecar_of(secret))
    (folder.root / "dir").symlink_to(tmp_path)
    hidden = folder.root / ".cache"
    hidden.mkdir()
    (hidden / "dog.png").write_bytes(PICTURE)
    write_sidecar(hidden / "dog.png", Sidecar("hidden", "m", {}))
    assert folder.scan() == {}


def test_a_directory_is_read_anew_only_where_something_came_or_went(tmp_path: Path) -> None:
    folder, _ = outside(tmp_path)
    write_sidecar(folder.root / "cat.png", Sidecar("a-run", "m", {}))
    first = folder.scan()
    assert set(first) == {"cat.png"}
    assert folder.scan()["cat.png"] is first["cat.png"]
    (folder.root / "deep").mkdir()
    (folder.root / "deep" / "dog.png").write_bytes(PICTURE)
    write_sidecar(folder.root / "deep" / "dog.png", Sidecar("b-run", "m", {}))
    assert set(folder.scan()) == {"cat.png", "deep/dog.png"}
