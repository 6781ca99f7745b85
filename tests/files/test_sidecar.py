"""What made an output is kept beside it, and read back."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from wavespeed_mcp_server.files.sidecar import Sidecar, read_sidecar, sidecar_of, write_sidecar

MADE = Sidecar(
    id="6488c2754f6f4dfea924382fa14d11bd",
    model="sandbox/paint",
    input={"prompt": "a cat \u2028 in space", "seed": 7},
    price=0.018,
    created_at="2026-11-26T08:30:00Z",
    output="https://cdn.example/cat.png",
    parents=("45b392b22c3b449f",),
    project="film",
)


def test_a_sidecar_stands_beside_its_output_and_reads_as_it_was_written(tmp_path: Path) -> None:
    cat = tmp_path / "cat.png"
    written = write_sidecar(cat, MADE)
    assert written == sidecar_of(cat) == tmp_path / "cat.png.json"
    found = read_sidecar(written)
    assert found is not None
    assert found.file == "cat.png"
    assert {**vars(found), "file": ""} == vars(MADE)
    assert [path.name for path in tmp_path.iterdir()] == ["cat.png.json"]


def test_outputs_that_differ_only_in_their_ending_have_sidecars_of_their_own(tmp_path: Path) -> None:
    assert sidecar_of(tmp_path / "cat.png") != sidecar_of(tmp_path / "cat.jpg")
    assert sidecar_of(tmp_path / "cat.json") != tmp_path / "cat.json"


def test_a_file_of_the_persons_is_not_overwritten(tmp_path: Path) -> None:
    theirs = tmp_path / "cat.png.json"
    theirs.write_text('{"notes": "mine"}', encoding="utf-8")
    assert write_sidecar(tmp_path / "cat.png", MADE) is None
    assert theirs.read_text(encoding="utf-8") == '{"notes": "mine"}'


def test_an_older_sidecar_is_replaced(tmp_path: Path) -> None:
    write_sidecar(tmp_path / "cat.png", MADE)
    write_sidecar(tmp_path / "cat.png", Sidecar(id="other-run", model="m", input={}))
    found = read_sidecar(tmp_path / "cat.png.json")
    assert found is not None
    assert found.id == "other-run"


def test_a_directory_that_cannot_be_written_costs_the_note_alone(tmp_path: Path) -> None:
    assert write_sidecar(tmp_path / "gone" / "cat.png", MADE) is None


def test_an_input_that_holds_a_file_does_not_make_the_sidecar_as_large(tmp_path: Path) -> None:
    big = Sidecar(id="a-run", model="m", input={"image": ["data:image/png;base64," + "A" * 3_000_000]})
    written = write_sidecar(tmp_path / "cat.png", big)
    assert written is not None
    assert written.stat().st_size < 2000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("file", "id", "model", "input", "price", "created_at", "parents", "output", "project")


@given(st.dictionaries(st.sampled_from(FIELDS), json_values) | json_values)
@example({"file": "cat.png", "id": "a-run", "model": "m", "input": {}, "price": 10**400})
@example({"file": "cat.png", "id": "a-run", "model": "m", "input": {}, "price": float("nan")})
def test_no_json_of_somebody_elses_breaks_the_reader(document: object) -> None:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "cat.png.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        found = read_sidecar(path)
    assert found is None or (isinstance(found.input, dict) and found.price in (None, found.price))
