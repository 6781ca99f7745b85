"""Outputs that are files in the form of text."""

import base64
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.files import FileRefused, PathPolicy, is_inline, take_out_inline, write_inline

from .storage import PNG
from .test_media import MEDIA

NAKED = base64.b64encode(PNG).decode()
BIG = PNG + bytes(4 << 20)


@pytest.mark.parametrize("name", sorted(MEDIA))
def test_naked_base64_of_media_is_a_file(name: str) -> None:
    content = MEDIA[name][0] + bytes(range(256)) * 8
    if content.isascii():
        return
    if name in ("gltf", "stl as text", "obj", "ply"):
        content = MEDIA[name][0] + b"# " * 600
    text = base64.b64encode(content).decode()
    assert is_inline(text)
    assert is_inline(base64.encodebytes(content).decode())


@pytest.mark.parametrize(
    "text",
    [
        "data:image/png;base64," + NAKED,
        "DATA:image/png;charset=utf-8;BASE64," + NAKED,
        "data:text/plain,hello",
        "data:,hello",
    ],
)
def test_a_data_uri_is_a_file(text: str) -> None:
    assert is_inline(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A cat sits on a mat.",
        "data: the numbers are these",
        "data:image/png is a media type",
        "https://cdn/x.png",
        "iVBORw0KGgoAAAAN",
        "R0lGODlh",
        "/9j/4AAQSkZJRgABAQ",
        NAKED + "\n\nHere is your picture, as base64.",
        base64.b64encode(b"secret words that somebody asked a text model to encode " * 40).decode(),
        "deadbeef" * 100,
        "x" * 5000,
    ],
)
def test_a_text_models_answer_is_not_a_file(text: str) -> None:
    assert not is_inline(text)


@given(st.text(min_size=1))
def test_no_ordinary_text_is_a_file(text: str) -> None:
    assert not is_inline(text) or text.lower().startswith("data:")


@given(st.lists(st.from_regex(r"\A[a-zA-Z]{1,12}[.,!?]?\Z"), min_size=2, max_size=400))
def test_no_prose_is_a_file(words: list[str]) -> None:
    assert not is_inline(" ".join(words))
    assert not is_inline("\n".join(words))


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
async def test_a_large_picture_is_written_to_the_output_directory(
    policy: PathPolicy, tmp_path: Path, prefix: str
) -> None:
    saved = await write_inline(policy, "abcd", prefix + base64.b64encode(BIG).decode())
    assert saved.path == tmp_path / "out" / "abcd.png"
    assert saved.path.read_bytes() == BIG
    assert (saved.size_bytes, saved.url) == (len(BIG), None)


@pytest.mark.parametrize("text", [NAKED.rstrip("="), base64.encodebytes(PNG).decode()])
async def test_missing_padding_and_line_breaks_do_not_matter(policy: PathPolicy, text: str) -> None:
    saved = await write_inline(policy, "abcd", text)
    assert saved.path.read_bytes() == PNG


async def test_what_cannot_be_decoded_is_kept_as_it_came(policy: PathPolicy) -> None:
    text = "data:image/png;base64," + NAKED + "%%%"
    saved = await write_inline(policy, "abcd", text)
    assert saved.path.suffix == ".txt"
    assert saved.path.read_text(encoding="utf-8") == text


async def test_a_data_uri_that_claims_to_be_a_program_gets_no_such_ending(policy: PathPolicy) -> None:
    program = base64.b64encode(b"MZ\x90\0").decode()
    saved = await write_inline(policy, "abcd", "data:application/x-msdownload;base64," + program)
    assert saved.path.suffix == ".bin"
    percent = await write_inline(policy, "page", "data:text/html,%3Cscript%3E")
    assert percent.path.suffix == ".bin"
    assert percent.path.read_bytes() == b"<script>"


async def test_paths_take_the_place_of_files_and_of_nothing_else(policy: PathPolicy, tmp_path: Path) -> None:
    outputs: list[Any] = [NAKED, "text", "https://x/y.png", {"image": NAKED, "score": 1}, None, [NAKED]]
    replaced, saved = await take_out_inline(policy, "abcd", outputs)
    out = tmp_path / "out"
    # As it is called where all of them are saved.
    paths = [str(out / "abcd-0.png")] * 3
    assert replaced == [
        paths[0],
        "text",
        "https://x/y.png",
        {"image": paths[1], "score": 1},
        None,
        [paths[2]],
    ]
    assert [str(one.path) for one in saved] == paths
    assert outputs[0] == NAKED


async def test_an_unwritable_output_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileRefused, match="WAVESPEED_OUTPUT_DIR"):
        await write_inline(PathPolicy((), tmp_path / "file"), "abcd", NAKED)


async def test_equal_names_at_once_make_a_file_for_each_content(policy: PathPolicy, tmp_path: Path) -> None:
    async with anyio.create_task_group() as group:
        for number in range(20):
            text = f"data:text/plain,{number % 10}"
            group.start_soon(write_inline, policy, "abcd", text)
    files = sorted((tmp_path / "out").iterdir())
    assert sorted(file.read_bytes() for file in files) == [b"%d" % number for number in range(10)]
