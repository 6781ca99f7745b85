"""Files of requests for `batch`: every form that people have, and words for what is none."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wavespeed_mcp_server.catalog import takes_prose
from wavespeed_mcp_server.commands.inputs import BadInput, absolute, typed
from wavespeed_mcp_server.commands.request_files import read_requests
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.media.png import card

from .conftest import Type

PAINT = "sandbox/paint"


def read(path: Path, content: bytes | str, model: str = "") -> list[tuple[str, str, dict[str, Any]]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(place, one.model, one.input) for place, one in read_requests(str(path), model)]


TWO: list[tuple[str, dict[str, Any]]] = [
    (PAINT, {"prompt": "a cat", "seed": 1}),
    (PAINT, {"prompt": "a dog; big"}),
]


@pytest.mark.parametrize(
    ("name", "content", "places"),
    [
        (
            "runs.json",
            '[{"model": "sandbox/paint", "input": {"prompt": "a cat", "seed": 1}}, '
            '{"input": {"prompt": "a dog; big"}}]',
            ["request 1", "request 2"],
        ),
        (
            "runs.jsonl",
            '{"input": {"prompt": "a cat", "seed": 1}}\n\n{"input": {"prompt": "a dog; big"}}\n',
            ["line 1", "line 3"],
        ),
        ("runs.csv", "prompt,seed\na cat,1\na dog; big,\n", ["line 2", "line 3"]),
        (
            "runs.csv",
            '\ufeffmodel;prompt;seed\r\nsandbox/paint;a cat;1\r\n;"a dog; big";\r\n',
            ["line 2", "line 3"],
        ),
        ("runs.txt", 'seed,"prompt"\r\n1,a cat\r\n,a dog; big\r\n', ["line 2", "line 3"]),
        ("-.out", "prompt\tseed\na cat\t1\na dog; big\t\n", ["line 2", "line 3"]),
        ("runs.tsv", "seed\tprompt\n1\ta cat\n\ta dog; big\n", ["line 2", "line 3"]),
    ],
)
def test_requests_are_read_in_every_form(tmp_path: Path, name: str, content: str, places: list[str]) -> None:
    found = read(tmp_path / name, content, PAINT)
    assert [(model, inputs) for _, model, inputs in found] == TWO
    assert [place for place, _, _ in found] == places


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16"])
def test_lines_are_prompts_of_one_model(tmp_path: Path, code: str) -> None:
    found = read(tmp_path / "prompts.txt", "a café\n\n  two cats \n".encode(code), PAINT)
    assert found == [
        ("line 1", PAINT, {"prompt": "a café"}),
        ("line 3", PAINT, {"prompt": "two cats"}),
    ]


@pytest.mark.parametrize(("name", "content"), [("p.txt", "true\n2024\n"), ("p.json", '["true", "2024"]')])
def test_a_bare_prompt_has_the_models_own_name(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    found = read_requests(str(tmp_path / name), "sandbox/speak", "text")
    assert [one.input for _, one in found] == [{"text": "true"}, {"text": "2024"}]


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["prompt", "seed", "images", "size"]),
            st.text(min_size=1).filter(
                lambda text: text == text.strip() and text[0] != "@" and "\0" not in text
            )
            | st.integers()
            | st.lists(st.integers(), min_size=1),
            min_size=1,
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([",", ";", "\t"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_spreadsheet_writes_is_read_as_it_was(
    tmp_path: Path, rows: list[dict[str, Any]], separator: str
) -> None:
    kept = io.StringIO(newline="")
    table = csv.DictWriter(kept, ["prompt", "seed", "images", "size"], delimiter=separator)
    table.writeheader()
    table.writerows({key: typed(value) for key, value in row.items()} for row in rows)
    try:
        content = kept.getvalue().encode()
    except UnicodeEncodeError:
        return
    found = read(tmp_path / "runs.csv", content, PAINT)
    # A number where words are wanted is one of them.
    assert [inputs for _, _, inputs in found] == [
        {
            key: str(value) if isinstance(value, int) and takes_prose(key) else value
            for key, value in row.items()
        }
        for row in rows
    ]


@pytest.mark.parametrize(
    ("name", "content", "model", "told"),
    [
        ("runs.txt", "a cat\na dog\n", "", "--model MODEL"),
        ("runs.md", "| prompt | seed |\n|---|---|\n| a cat | 1 |\n", PAINT, "in Markdown"),
        ("runs.txt", "prompt,seed\na cat,1,2\n", PAINT, "line 2, has more cells"),
        ("runs.txt", '{"input": {}}\na dog\n', PAINT, "line 2, is no JSON"),
        ("runs.csv", "", PAINT, "holds no requests"),
        ("runs.csv", "prompt\n", PAINT, "holds no requests"),
        ("runs.csv", "prompt,seed\na cat,1,2\n", PAINT, "line 2, has more cells"),
        ("runs.csv", "prompt\na cat\n", "", "line 2 names no model"),
        ("runs.json", '"a cat"', PAINT, "no list of requests"),
        ("runs.json", '[{"model": "sandbox/paint"}, 7]', PAINT, "request 2 is no request"),
        ("runs.json", '["a cat"]', "", "request 1 is no request"),
        ("runs.xlsx", b"\xff\x00\xd8", PAINT, "save a copy as CSV"),
        ("runs.csv", "prompt\ncaf\u00e9\n".encode("latin-1"), PAINT, "no text in UTF-8"),
    ],
)
def test_what_is_no_request_is_named_by_its_place(
    tmp_path: Path, name: str, content: bytes | str, model: str, told: str
) -> None:
    with pytest.raises(BadInput) as refused:
        read(tmp_path / name, content, model)
    assert told in str(refused.value)


@pytest.mark.parametrize("name", ["runs.csv", "runs.json"])
async def test_a_wrong_row_is_named_and_nothing_is_submitted(
    type_: Type, sandbox: Sandbox, tmp_path: Path, name: str
) -> None:
    rows = [{"prompt": "a cat", "num_images": 1}, {"prompt": "a dog", "num_images": 9}]
    text = (
        "prompt,num_images\na cat,1\na dog,9\n"
        if name == "runs.csv"
        else json.dumps([{"input": one} for one in rows])
    )
    (tmp_path / name).write_text(text, encoding="utf-8")
    said = await type_("batch", str(tmp_path / name), "--model", PAINT)
    assert said.code == 1
    assert ("line 3: " if name == "runs.csv" else "request 2: ") in said.err
    assert "num_images" in said.err
    assert "Nothing was submitted" in said.err
    assert not sandbox.submissions


async def test_a_folder_is_named_as_the_shell_knows_it(type_: Type, sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "My Character"
    folder.mkdir(parents=True)
    for number in (1, 2):
        (folder / f"shot {number}.png").write_bytes(card(64, 64, bytes([number] * 32)))
    said = await type_("generate", "x", "--model", "sandbox/edit", "-i", f"images=@{folder}/")
    assert said.code == 0, said.err
    body = sandbox.submissions[0].body
    assert isinstance(body, dict)
    assert len(body["images"]) == 2


@pytest.mark.parametrize("path", ["My Set/", "./My Set/", "'My Set/'"])
def test_a_stroke_at_the_end_of_a_path_is_kept(path: str) -> None:
    assert absolute(path) == str(Path.cwd() / "My Set") + "/"


@pytest.mark.parametrize(
    "text",
    [
        "https://x.test/a.png",
        "file:///in/a.png",
        "sandbox:/mnt/data/a.png",
        pytest.param("C:\\in\\a.png", marks=pytest.mark.skipif(os.name == "nt", reason="there it is a path")),
    ],
)
def test_what_is_no_path_of_this_shell_is_left_as_it_is(text: str) -> None:
    assert absolute(text) == text
