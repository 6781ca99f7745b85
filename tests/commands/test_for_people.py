"""What the command line does for people: the exit status, files of runs, and the words it speaks."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import anyio
import pytest

from wavespeed_mcp_server.commands.inputs import BadInput, typed_inputs
from wavespeed_mcp_server.commands.terminal import fitting
from wavespeed_mcp_server.commands.wording import for_people
from wavespeed_mcp_server.grammar import parser
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.media.png import card

from .conftest import Type

PAINT = ("generate", "a cat", "--model", "sandbox/paint")
UNKNOWN_ID = "sandbox0123456789abcdef"


async def test_the_exit_status_is_0_only_where_what_was_asked_for_was_done(
    type_: Type, sandbox: Sandbox
) -> None:
    assert (await type_("status", UNKNOWN_ID)).code == 1
    assert (await type_("download", UNKNOWN_ID)).code == 1
    assert (await type_("generate", "x", "--model", "sandbox/flaky")).code == 1
    sandbox.run_seconds = lambda _model, _inputs: None
    begun = await type_(*PAINT, "--timeout", "0.2", "--json")
    assert begun.code == 3
    assert (await type_("status", begun.facts["id"], "--timeout", "0.2")).code == 3
    sandbox.finish(begun.facts["id"])
    assert (await type_("status", begun.facts["id"], "--timeout", "30")).code == 0


@pytest.mark.parametrize("lines", [True, False])
async def test_a_file_of_requests_is_run_and_each_is_told(type_: Type, tmp_path: Path, lines: bool) -> None:
    requests = [
        {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "vary": {"seed": [1, 2]}},
        {"model": "sandbox/paint", "input": {"prompt": "a dog"}},
    ]
    text = "\n".join(map(json.dumps, requests)) if lines else json.dumps(requests)
    (tmp_path / "runs.json").write_text(text, encoding="utf-8")
    said = await type_("batch", str(tmp_path / "runs.json"), "--json")
    assert said.code == 0, said.err
    assert [one["prompt"] for one in said.facts["predictions"]] == ["a cat", "a cat", "a dog"]
    assert said.facts["price"] == pytest.approx(3 * 0.018)


async def test_runs_of_one_prompt_are_told_apart_by_what_differs(type_: Type, tmp_path: Path) -> None:
    request = {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "vary": {"seed": [1, 2]}}
    (tmp_path / "runs.json").write_text(json.dumps(request), encoding="utf-8")
    said = await type_("batch", str(tmp_path / "runs.json"))
    assert [line[-6:] for line in said.out.splitlines() if "a cat" in line] == ["seed=1", "seed=2"]


async def test_a_file_that_is_no_list_of_requests_is_refused(type_: Type, tmp_path: Path) -> None:
    (tmp_path / "runs.json").write_text('[{"modle": "sandbox/paint"}]', encoding="utf-8")
    said = await type_("batch", str(tmp_path / "runs.json"))
    assert said.code == 1
    assert "request 1 names no model" in said.err


async def test_a_model_is_shown_with_the_command_that_runs_it(type_: Type) -> None:
    said = await type_("show", "sandbox/paint")
    assert "num_images: moves the price" in said.out
    assert "generate --model sandbox/paint -i" in said.out


async def test_outputs_are_saved_under_a_name_and_downloaded_by_id(type_: Type, tmp_path: Path) -> None:
    made = (await type_(*PAINT, "--save-as", "hero", "--json")).facts
    assert [Path(path).name for path in made["saved"]] == ["hero.png"]
    said = await type_("download", made["id"])
    assert said.code == 0
    assert Path(said.out.strip()).is_file()


async def test_outputs_are_downloaded_under_names_and_by_time(type_: Type) -> None:
    made = [(await type_(*PAINT, "--again", "--json")).facts["id"] for _ in range(2)]
    said = await type_("download", *made, "--save-as", "hero", "--save-as", "villain")
    assert [Path(path).name for path in said.out.split()] == ["hero.png", "villain.png"]
    for every in (("--since", "today"), ("--all",)):
        assert len((await type_("download", *every)).out.splitlines()) == 2
    for wrong in (
        ["download"],
        ["download", *made, "--since", "today"],
        ["download", *made, "--save-as", "x"],
    ):
        assert (await type_(*wrong)).code == 1


async def test_a_price_limit_holds_for_models_and_for_runs(type_: Type, sandbox: Sandbox) -> None:
    found = (await type_("models", "--max-price", "0.001", "--json")).facts
    assert all(one["base_price"] <= 0.001 for one in found["models"])
    said = await type_(*PAINT, "--max-price", "0.0001")
    assert said.code == 1
    assert "--max-price" in said.err
    assert not sandbox.submissions


async def test_a_prompt_is_the_one_text_that_the_model_needs(
    type_: Type, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "lines.txt").write_text("good morning\n", encoding="utf-8")
    lines = await type_("batch", str(tmp_path / "lines.txt"), "--model", "speak")
    assert lines.code == 0, lines.err
    assert [dict(one.body or {})["text"] for one in sandbox.submissions] == ["good morning"]
    sandbox.submissions.clear()
    said = await type_("generate", "Hello dear shop", "--model", "speak", "-i", "voice_id=Ada")
    assert said.code == 0, said.err
    assert [one.body for one in sandbox.submissions] == [
        {"text": "Hello dear shop", "voice_id": "Sandbox_Ada", "enable_sync_mode": False}
    ]


def test_the_words_of_a_text_file_stand_for_a_text_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("\ufeffHello,\nshop.\n", encoding="utf-8")
    (tmp_path / "a.png").write_bytes(card(8, 8, bytes(32)))
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")

    def inputs(*pairs: str) -> dict[str, object]:
        flags = [word for pair in pairs for word in ("-i", pair)]
        return typed_inputs(parser().parse_args(["generate", "--model", "m", *flags]))

    notes, picture = tmp_path / "notes.txt", tmp_path / "a.png"
    assert inputs(f"text=@{notes}") == {"text": "Hello,\nshop."}
    assert inputs(f"negative_prompt=@'{notes}'") == {"negative_prompt": "Hello,\nshop."}
    assert inputs(f"image=@{notes}") == {"image": f"@{notes}"}
    assert inputs(f"prompt=@{picture}", "text=@anna see you") == {
        "prompt": f"@{picture}",
        "text": "@anna see you",
    }
    with pytest.raises(BadInput, match="cannot be read as text"):
        inputs(f"text=@{tmp_path}/latin.txt")


def test_people_are_told_of_commands_and_never_of_tools() -> None:
    told = for_people(
        'Still running: call check_status with ids ["abcd"], not generate again. See list_predictions at '
        "https://x/get_model; again: true buys another."
    )
    assert told == (
        'Still running: run `status` with "abcd". See `history` at https://x/get_model; --again buys another.'
    )


@pytest.mark.parametrize("columns", [40, 60, 79])
def test_an_id_is_never_cut(columns: int) -> None:
    bar, prediction = "[" + "." * 24 + "] ", "6488c2754f6f4dfea924382fa14d11bd"
    line = fitting(bar, f"processing, 125 s, usually 300 s ({prediction})", columns)
    assert prediction in line
    assert len(line) <= columns


FILM = "sandbox/film-2.1/text-to-video"


def commands_in(said: str) -> list[tuple[float, str]]:
    """Price and command of every way out in what was printed."""
    lines = said.splitlines()
    return [
        (float(line.strip().partition("$")[2].partition(",")[0]), lines[at + 1].strip())
        for at, line in enumerate(lines)
        if line.startswith("  $")
    ]


async def test_the_ways_out_of_a_limit_are_commands_that_run_as_printed(
    type_: Type, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Quotes, white space, what looks like JSON and options of the refused command come along."""
    words = ("generate", "5", "--model", FILM, "-i", "duration=10", "-i", "resolution=1080p")
    options = ("--max-price", "0.4", "--save-as", "it's $HOME.mp4")
    refused = await type_(*words, *options)
    assert refused.code == 1 and "generate {" not in refused.err
    found = commands_in(refused.err)
    assert found
    for _, command in found:
        program, *typed = shlex.split(command)
        assert program == "wavespeed-mcp-server" and set(options) <= set(typed)
        assert typed_inputs(parser().parse_args(typed))["prompt"] == "5"
    price, command = found[0]
    sandbox.run_seconds = lambda _model, _inputs: 0.0
    balance = sandbox.balance
    made = await type_(*shlex.split(command)[1:], "--json")
    assert made.code == 0, made.err
    assert balance - sandbox.balance == pytest.approx(price)
    assert made.facts["saved"]


async def test_the_ways_out_of_a_batch_are_commands_too(
    type_: Type, sandbox: Sandbox, tmp_path: Path
) -> None:
    given = {"prompt": "a \\ b\n'c' %s", "duration": 10, "resolution": "1080p"}
    (tmp_path / "runs.json").write_text(json.dumps([{"model": FILM, "input": given}] * 2), encoding="utf-8")
    refused = await type_("batch", str(tmp_path / "runs.json"), "--max-price", "0.9")
    price, command = commands_in(refused.err)[0]
    printed, _, typed = command.partition(" | ")
    shell = await anyio.run_process(["sh", "-c", printed])
    (tmp_path / "way.json").write_bytes(shell.stdout)
    words = [str(tmp_path / "way.json") if word == "-" else word for word in shlex.split(typed)[1:]]
    sandbox.run_seconds = lambda _model, _inputs: 0.0
    balance = sandbox.balance
    made = await type_(*words)
    assert made.code == 0, made.err
    assert balance - sandbox.balance == pytest.approx(price)


@pytest.mark.parametrize("text", ["a~nobody-of-this-name is back", "@~nobody-of-this-name/x.png"])
def test_the_home_of_a_user_there_is_none_of_ends_nothing(text: str) -> None:
    arguments = parser().parse_args(["generate", "--model", "sandbox/paint", "-i", f"prompt={text}"])
    assert typed_inputs(arguments)["prompt"].endswith(text.removeprefix("@"))
