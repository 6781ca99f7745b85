"""What a media input may hold: what cannot be fetched or read is refused before anything is sent."""

from __future__ import annotations

import base64
import json
import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client

from calling import Connect, ask, call, refusal, text_of
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import Settings

PICTURE = "https://example.com/a.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory that may be read."""
    (tmp_path / "in").mkdir(exist_ok=True)
    return tmp_path / "in"


def sent(sandbox: Sandbox) -> dict[str, Any]:
    """The body of the only submit."""
    [one] = sandbox.submissions
    assert isinstance(one.body, dict)
    return one.body


async def edit(client: Client, images: Any) -> Any:
    """What becomes of an edit of these images."""
    return await ask(client, "generate", model="sandbox/edit", input={"prompt": "x", "images": images})


@pytest.mark.parametrize(
    "value",
    [
        "sandbox:/mnt/data/a.png",
        "/mnt/data/a.png",
        "attachment://a.png",
        "blob:https://chat.example.com/1234",
        "cid:part1",
        "gs://bucket/a.png",
        "s3://bucket/a.png",
        "ftp://example.com/a.png",
        "asset://a",
        "http://localhost:8000/a.png",
        "http://0x7f.1/a.png",
        "http://192.168.1.9/a.png",
        "http://nas.local/a.png",
        "https://",
        "https://a.com/a.png, https://b.com/b.png",
        "a picture of a cat",
        "example.com/a.png",
        "@Image1",
        "Alloy",
        "6488c2754f6f4dfea924382fa14d11bd",
        "iVBORw0KGgo=",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA...",
        "data:image/png;base64,",
        "data:image/jpeg;base64,aGVsbG8gd29ybGQ=",
        "",
        "   ",
    ],
)
async def test_what_nobody_can_fetch_is_refused_before_it_is_bought(
    client: Client, sandbox: Sandbox, value: str
) -> None:
    result = await edit(client, [PICTURE, value])
    assert result.is_error
    assert "images[1]" in text_of(result)
    assert "Nothing was submitted, nothing is charged." in text_of(result)
    assert "WAVESPEED_ALLOWED_DIRS" not in text_of(result)
    assert sandbox.counts["submit"] == sandbox.counts["upload_ticket"] == 0


async def test_a_data_uri_is_taken_whole_and_refused_cut_off(
    client: Client, sandbox: Sandbox, picture: bytes
) -> None:
    whole = "data:image/png;base64," + base64.b64encode(picture).decode()
    assert not (await edit(client, [whole])).is_error
    for length in (60, len(whole) // 2 // 4 * 4 + 2, len(whole) - 17):
        cut = await edit(client, [whole[:length]])
        assert "cut off" in text_of(cut)
    assert sandbox.counts["submit"] == 1


async def test_a_picture_in_bare_base64_is_left_to_the_model(
    client: Client, sandbox: Sandbox, picture: bytes
) -> None:
    for encoded in (base64.b64encode, base64.urlsafe_b64encode, base64.encodebytes):
        await edit(client, [encoded(picture).decode()])
    assert sandbox.counts["submit"] == 3


@pytest.mark.parametrize("text", ["~/Documents/notes.txt", "file:///a/notes.txt", "@notes.txt", "@{}/notes"])
async def test_a_files_name_is_not_read_aloud(
    client: Client, sandbox: Sandbox, folder: Path, text: str
) -> None:
    (folder / "notes").write_text("hello")
    given = {"text": text.format(folder)}
    refused = await refusal(client, "generate", model="sandbox/speak", input=given)
    assert "write the words themselves" in refused
    assert "is not recognised" not in refused
    assert sandbox.counts["submit"] == 0


async def test_the_apis_own_files_are_taken(client: Client, sandbox: Sandbox) -> None:
    made = await call(client, "generate", model="sandbox/paint", input={"prompt": "a cat"})
    assert not (await edit(client, made["outputs"])).is_error
    assert (await edit(client, [f"{sandbox.url}/api/v3/balance"])).is_error


async def test_everything_that_is_wrong_is_told_at_once(
    client: Client, sandbox: Sandbox, folder: Path
) -> None:
    (folder / "empty.png").touch()
    given = {
        "images": ["gs://b/a.png", f"@{folder}/none.png", f"@{folder}/empty.png"],
        "resolution": "9k",
        "sede": 1,
    }
    text = await refusal(client, "generate", model="sandbox/edit", input=given)
    parts = ["gs://b/a.png", "There is no file", "is empty", "resolution", "sede", "prompt is required"]
    assert [part for part in parts if part not in text] == []
    assert sandbox.counts["upload_ticket"] == 0


LOCAL = ["photo 1.png", "d\u00e9j\u00e0.png", "it's.png", "a'b\"c.png", "x#y?z%.png", "back\\slash.png"]


@pytest.mark.parametrize("name", LOCAL)
@pytest.mark.parametrize("written", ["plain", "file", "quoted", "escaped", "spaced"])
async def test_following_the_hint_of_a_bare_path_works(
    client: Client, sandbox: Sandbox, folder: Path, picture: bytes, name: str, written: str
) -> None:
    path = folder / name
    path.write_bytes(picture)
    bare = {
        "plain": str(path),
        "file": path.as_uri(),
        "quoted": f'"{path}"',
        "escaped": re.sub(r"([ '\"#?])", r"\\\1", str(path)),
        "spaced": f" {path}\n",
    }[written]
    refused = text_of(await edit(client, [bare]))
    [hint] = re.findall(r"one is written ('@.*?'|\"@.*?\")(?: |\.|;|$)", refused)
    assert not (await edit(client, [_literal(hint)])).is_error
    assert not (await edit(client, [f"@{bare.strip()}"])).is_error


def _literal(shown: str) -> str:
    import ast

    return str(ast.literal_eval(shown))


async def test_a_bare_path_that_cannot_be_used_either_way_says_so_at_once(
    client: Client, folder: Path
) -> None:
    text = text_of(await edit(client, [f"{folder}/none.png"]))
    assert "There is no file" in text
    assert "outside the directories" in text_of(await edit(client, ["/etc/a.png"]))


class TestFolders:
    """`@DIRECTORY/`, with its slash."""

    @staticmethod
    def fill(folder: Path, picture: bytes, names: list[str]) -> None:
        """Files of different content in the folder."""
        folder.mkdir(exist_ok=True)
        for number, name in enumerate(names):
            (folder / name).write_bytes(picture + bytes([number]))

    async def test_it_is_all_its_pictures_in_natural_order(
        self, client: Client, sandbox: Sandbox, folder: Path, picture: bytes
    ) -> None:
        self.fill(folder / "set", picture, ["img10.png", "IMG2.png", "img1.png", ".hidden.png"])
        (folder / "set" / "notes.txt").write_text("no picture")
        (folder / "set" / "inner").mkdir()
        result = await edit(client, f"@{folder}/set/")
        assert not result.is_error
        names = [url.rsplit("/", 1)[1] for url in sent(sandbox)["images"]]
        assert [re.sub(r"\W.*", "", name.lower()) for name in names] == ["img1", "img2", "img10"]
        assert "3 image files (1 others left out)" in text_of(result)

    @pytest.mark.parametrize("form", ["in-list", "json", "among"])
    async def test_it_may_stand_in_a_list(
        self, client: Client, sandbox: Sandbox, folder: Path, picture: bytes, form: str
    ) -> None:
        self.fill(folder / "set", picture, ["b.png", "a.png"])
        marker = f"@{folder}/set/"
        given = {"in-list": [marker], "json": json.dumps([marker]), "among": [PICTURE, marker]}[form]
        assert not (await edit(client, given)).is_error
        assert len(sent(sandbox)["images"]) == (3 if form == "among" else 2)

    async def test_its_files_go_up_once_in_24_hours_and_again_when_the_api_may_have_forgotten_them(
        self,
        connect: Connect,
        settings: Settings,
        sandbox: Sandbox,
        folder: Path,
        picture: bytes,
        tmp_path: Path,
    ) -> None:
        """A character is a folder that every shot names, on the same day and weeks later."""
        self.fill(folder / "set", picture, ["a.png", "b.png"])
        for shot, (hours_later, uploaded) in enumerate([(0, 2), (0, 2), (23.9, 2), (0.2, 4), (24 * 8, 6)]):
            if shot:
                with closing(sqlite3.connect(tmp_path / "state" / "ledger.sqlite3")) as ledger:
                    ledger.execute("UPDATE uploads SET uploaded_at = uploaded_at - ?", (hours_later * 3600,))
                    ledger.commit()
            async with connect(settings) as client:
                given = {"prompt": f"shot {shot}", "images": f"@{folder}/set/"}
                await call(client, "generate", model="sandbox/edit", input=given)
            assert sandbox.counts["upload_ticket"] == uploaded
        urls = [one.body["images"] for one in sandbox.submissions if isinstance(one.body, dict)]
        assert urls[0] == urls[1] == urls[2]
        assert not set(urls[2]) & set(urls[3]) and not set(urls[3]) & set(urls[4])

    async def test_more_than_the_list_holds_is_refused_before_anything_is_uploaded(
        self, client: Client, sandbox: Sandbox, folder: Path, picture: bytes
    ) -> None:
        self.fill(folder / "set", picture, [f"{number}.png" for number in range(5)])
        text = text_of(await edit(client, f"@{folder}/set/"))
        assert "at most 4 items, not 5" in text
        assert sandbox.counts["upload_ticket"] == 0

    async def test_a_folder_of_more_than_a_hundred_files_is_refused_whatever_the_list_may_hold(
        self, client: Client, sandbox: Sandbox, folder: Path, picture: bytes
    ) -> None:
        self.fill(folder / "set", picture, [f"{number}.png" for number in range(101)])
        text = text_of(await edit(client, f"@{folder}/set/"))
        assert "holds more than 100 image files" in text
        assert sandbox.counts["upload_ticket"] == 0

    async def test_where_one_file_is_wanted_it_is_refused(
        self, client: Client, sandbox: Sandbox, folder: Path, picture: bytes
    ) -> None:
        self.fill(folder / "set", picture, ["a.png"])
        given = {"image": f"@{folder}/set/"}
        assert "is a directory" in await refusal(client, "generate", model="sandbox/cutout", input=given)

    @pytest.mark.parametrize("place", ["nothing", "none", ".hidden", "photo.png"])
    async def test_a_folder_that_gives_nothing_is_refused(
        self, client: Client, sandbox: Sandbox, folder: Path, picture: bytes, place: str
    ) -> None:
        (folder / "nothing").mkdir()
        self.fill(folder / ".hidden", picture, ["a.png"])
        (folder / "photo.png").write_bytes(picture)
        result = await edit(client, f"@{folder}/{place}/")
        assert result.is_error
        assert "Nothing was submitted" in text_of(result)
        outside = await edit(client, f"@{folder.parent}/")
        assert "outside" in text_of(outside)
        assert sandbox.counts["upload_ticket"] == 0

    async def test_a_picture_in_it_that_cannot_be_read_is_not_passed_over(
        self, client: Client, folder: Path, picture: bytes
    ) -> None:
        self.fill(folder / "set", picture, ["a.png"])
        (folder / "set" / "b.png").touch()
        assert "is empty" in text_of(await edit(client, f"@{folder}/set/"))


def test_the_shell_agrees_about_what_an_escaped_path_means() -> None:
    escaped = re.sub(r"([ '\"#?])", r"\\\1", "a b'c.png")
    assert shlex.split(escaped) == ["a b'c.png"]


async def test_a_run_in_place_of_its_output_is_refused_before_anything_is_bought(
    client: Client, sandbox: Sandbox
) -> None:
    made = await call(client, "generate", model="sandbox/paint", input={"prompt": "a fox"})
    for images in (made["id"], [PICTURE, f" {made['id']} "]):
        said = await edit(client, images)
        assert said.is_error
        assert f"{made['id']} is a run; give the URL of its output instead" in text_of(said)
    assert len(sandbox.submissions) == 1
    assert not (await edit(client, made["outputs"][0])).is_error
