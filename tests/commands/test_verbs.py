"""The verbs for people: for eyes, and with --json for pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import anyio
import pytest

from viewing import opening, put_viewer
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.media.png import card

from .conftest import Type, typed

PAINT = ("generate", "a cat in space", "--model", "sandbox/paint")


async def test_generate_prints_the_outputs(type_: Type, sandbox: Sandbox) -> None:
    said = await type_(*PAINT, "-i", "num_images=2", "-i", "seed=7")
    assert said.code == 0, said.err
    assert said.out.count(sandbox.url) == 2
    assert "completed" in said.out
    assert sandbox.submissions[0].body == {
        "prompt": "a cat in space",
        "num_images": 2,
        "seed": 7,
        "enable_sync_mode": False,
    }


async def test_generate_as_json_is_the_tools_own_result(type_: Type) -> None:
    said = await type_(*PAINT, "--json")
    assert said.code == 0, said.err
    assert said.facts["status"] == "completed"
    assert said.facts["outputs"]
    assert said.err == ""


async def test_generate_saves(type_: Type, tmp_path: Path) -> None:
    said = await type_(*PAINT, "--save", "--json")
    (path,) = said.facts["saved"]
    assert Path(path).parent == (tmp_path / "out").resolve()


async def test_generate_with_sync_lets_the_api_hold_the_answer(type_: Type, sandbox: Sandbox) -> None:
    said = await type_(*PAINT, "--sync", "--json")
    assert said.facts["status"] == "completed"
    body = sandbox.submissions[0].body
    assert isinstance(body, dict)
    assert body["enable_sync_mode"] is True
    assert sandbox.counts["poll"] == 0


async def test_generate_gives_up_waiting_and_status_picks_it_up(type_: Type, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    begun = await type_(*PAINT, "--timeout", "0", "--json")
    assert begun.code == 0
    prediction = begun.facts["id"]
    looked = await type_("status")
    assert prediction in looked.out
    sandbox.finish(prediction)
    done = await type_("status", prediction, "--json")
    assert done.facts["predictions"][0]["outputs"]


async def test_generate_uploads_a_file_named_relative_to_the_shell(type_: Type, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "photo.png"
    path.write_bytes(card(64, 64, bytes(32)))
    said = await type_("generate", "--model", "sandbox/cutout", "-i", f"image=@{path}", "--json")
    assert said.facts["status"] == "completed"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("generate", "x", "--model", "sandbox/pant"), "sandbox/paint"),
        (("generate", "--model", "sandbox/paint", "-i", "promt=x"), "did you mean prompt"),
        (("generate", "--model", "sandbox/paint", "-i", "prompt"), "KEY=VALUE"),
        (("generate", "x", "--model", "sandbox/flaky"), "moderation"),
        (("generate", "x", "--model", "sandbox/paint", "--max-price", "0.001"), "WAVESPEED_MAX_PRICE"),
        (("generate", "x", "--model", "sandbox/paint", "--confirm-above", "0"), "WAVESPEED_CONFIRM_ABOVE"),
        (("price", "--model", "sandbox/paint", "-i", "num_images=99"), "num_images"),
        (("upload", "/etc/passwd"), "WAVESPEED_ALLOWED_DIRS"),
    ],
)
async def test_what_goes_wrong_is_one_line_on_stderr(type_: Type, words: tuple[str, ...], told: str) -> None:
    said = await type_(*words)
    assert said.code == 1
    assert told in said.err
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert said.out == ""


async def test_models_lists_what_fits(type_: Type) -> None:
    said = await type_("models", "text", "to", "speech", "--limit", "3")
    assert said.code == 0
    assert said.out.startswith("sandbox/speak ")
    as_json = (await type_("models", "--type", "llm", "--json")).facts
    assert [model["model_id"] for model in as_json["models"]] == ["sandbox/write"]


async def test_upload_prints_a_url(type_: Type, sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / "photo.png"
    path.write_bytes(card(64, 64, bytes(32)))
    said = await type_("upload", str(path))
    assert said.out.strip().startswith(sandbox.url)
    again = (await type_("upload", str(path), "--json")).facts
    assert again["cached"] is True
    for way in (f"'{path}'", path.as_uri(), f"@{path}", f'"{path.as_uri()}"'):
        assert (await type_("upload", way, "--json")).facts["url"] == again["url"]


async def test_usage_draws_its_days_as_bars(type_: Type) -> None:
    assert (await type_(*PAINT)).code == 0
    said = await type_("usage")
    (bar,) = [line for line in said.out.splitlines() if "####" in line]
    assert bar.endswith("$0.02")


async def test_balance_and_usage_and_price(type_: Type) -> None:
    assert (await type_("price", "a cat", "--model", "sandbox/paint")).out.strip() == "$0.018"
    price = (await type_("price", "a cat", "--model", "sandbox/paint", "--json")).facts
    assert price["price"] == pytest.approx(0.02)
    assert (await type_("balance")).out.strip() == "$10.00"
    await type_(*PAINT)
    assert (await type_("balance", "--json")).facts["balance"] == pytest.approx(9.982)
    usage = await type_("usage")
    assert "$0.018 in 7 days, 1 runs" in usage.out
    assert (await type_("usage", "--days", "1", "--json")).facts["summary"]["total_requests"] == 1


async def test_history_and_delete(type_: Type, sandbox: Sandbox) -> None:
    made = (await type_(*PAINT, "--json")).facts
    assert made["id"] in (await type_("history")).out
    found = (await type_("history", "--model", "sandbox/paint", "--json")).facts
    assert [one["id"] for one in found["predictions"]] == [made["id"]]
    assert "  deleted" in (await type_("delete", made["id"])).out
    again = await type_("delete", made["id"], "--json")
    assert (again.code, again.facts["deleted"]) == (1, [])
    assert not sandbox.predictions


async def test_a_verb_runs_on_the_embedded_sandbox_without_a_key(bare: dict[str, str]) -> None:
    said = await typed(bare, *PAINT, "--sandbox", "--json")
    assert said.code == 0, said.err
    assert said.facts["status"] == "completed"


async def test_without_a_key_a_verb_says_where_to_get_one(bare: dict[str, str]) -> None:
    said = await typed(bare, "balance")
    assert said.code == 1
    assert "https://wavespeed.ai/accesskey" in said.err


async def test_the_version_is_the_packages(bare: dict[str, str]) -> None:
    from wavespeed_mcp_server import __version__

    assert (await typed(bare, "--version")).out.strip() == __version__


@pytest.mark.parametrize(
    "words",
    [
        ("generate", "x", "--model", "sandbox/paint", "--timeout", "nan"),
        ("generate", "x", "--model", "sandbox/paint", "--timeout=-1"),
        ("models", "--limit", "0"),
    ],
)
async def test_a_number_that_makes_no_sense_is_refused_before_anything_is_bought(
    type_: Type, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    said = await type_(*words)
    assert said.code == 2
    assert words[-1].partition("=")[0] in said.err
    assert not sandbox.submissions


async def test_files_in_lists_are_named_relative_to_the_shell_too(
    type_: Type, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    paths = [tmp_path / "in" / name for name in ("one.png", "two.png")]
    for index, path in enumerate(paths):
        path.write_bytes(card(64, 64, bytes([index] * 32)))
    edit = ("generate", "a hat", "--model", "sandbox/edit", "--json")
    shown = [os.path.relpath(path) for path in paths]
    twice = await type_(*edit, "-i", f"images=@{shown[0]}", "-i", f"images=@{shown[1]}")
    assert twice.code == 0, twice.err
    listed = await type_(*edit, "-i", f'images=["@{shown[0]}"]')
    assert listed.code == 0, listed.err
    lengths = [len(one.body["images"]) for one in sandbox.submissions if isinstance(one.body, dict)]
    assert lengths == [2, 1]


@pytest.mark.parametrize("value", ["@nope.png", '["@nope.png"]', "@nope", ""])
async def test_what_names_no_file_is_refused_before_anything_is_bought(
    type_: Type, sandbox: Sandbox, value: str
) -> None:
    said = await type_("generate", "--model", "sandbox/caption", "-i", f"image={value}")
    assert said.code == 1
    assert not sandbox.submissions


async def test_a_run_that_goes_on_says_how_to_look(type_: Type, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    said = await type_(*PAINT, "--timeout", "0")
    made = sandbox.submissions[0].prediction
    assert f"status {made} --timeout" in said.out


@pytest.mark.parametrize("verb", ["generate", "status", "install"])
async def test_the_help_of_a_verb_is_short_and_points_to_the_settings(
    bare: dict[str, str], verb: str
) -> None:
    said = await typed(bare, verb, "--help")
    assert "--daily-budget" not in said.out
    assert "wavespeed-mcp-server --help" in " ".join(said.out.split())
    assert len(said.out.splitlines()) < 40


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals in Python")
@pytest.mark.parametrize("columns", [40, 80, 0])
async def test_progress_keeps_to_one_line_of_the_terminal(
    environment: dict[str, str], sandbox: Sandbox, columns: int
) -> None:
    import fcntl
    import pty
    import struct
    import termios

    sandbox.run_seconds = lambda _model, _inputs: 0.2
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-m", "wavespeed_mcp_server", *PAINT]
    with anyio.fail_after(90):
        await anyio.run_process(command, env=environment, stderr=theirs, stdin=subprocess.DEVNULL)
    os.close(theirs)
    written = os.read(ours, 65536).decode()
    os.close(ours)
    lines = [line for line in written.split("\r\x1b[K") if line]
    assert lines
    assert max(map(len, lines)) <= (columns or 80) - 1


@pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="the viewer of these systems is not a program"
)
async def test_view_opens_the_saved_file_in_the_systems_viewer(
    environment: dict[str, str], tmp_path: Path
) -> None:
    pipe = put_viewer(tmp_path / "bin")
    here = {**environment, "PATH": f"{pipe.parent}{os.pathsep}{environment['PATH']}"}
    made = (await typed(here, "generate", "a cat", "--model", "sandbox/paint", "--json")).facts
    said, opened = await opening(pipe, partial(typed, here, "view", made["id"], "--json"))
    assert (said.code, said.facts["opened"]) == (0, True)
    assert opened == said.facts["path"]
    assert Path(said.facts["path"]).read_bytes().startswith(b"\x89PNG")


async def test_view_of_what_cannot_be_opened_fails_and_names_the_saved_file(
    environment: dict[str, str], tmp_path: Path
) -> None:
    here = {**environment, "PATH": str(tmp_path / "none")}
    made = (await typed(here, "generate", "a cat", "--model", "sandbox/paint", "--json")).facts
    for arguments, word in (
        ((made["id"],), "is saved"),
        ((made["id"], "--index", "7"), "counted from 0"),
        (("nope",), "nope"),
    ):
        said = await typed(here, "view", *arguments)
        assert said.code != 0
        assert word in said.err
