"""demo, doctor and the sandbox alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest
from anyio.streams.buffered import BufferedByteReceiveStream

from .conftest import Type, typed


async def test_the_demo_shows_every_step_and_succeeds(bare: dict[str, str]) -> None:
    said = await typed(bare, "demo")
    assert said.code == 0, said.out + said.err
    for tool in ("list_models", "estimate_price", "generate", "check_status", "get_usage"):
        assert f"   {tool} " in said.out
    assert "Everything worked." in said.out
    assert said.out.count("-> refused: ") == 2


async def test_the_demo_does_not_mind_the_persons_own_limits(bare: dict[str, str]) -> None:
    limits = {"WAVESPEED_MAX_PRICE": "0", "WAVESPEED_TOOLS": "get_balance", "WAVESPEED_CONFIRM_ABOVE": "0"}
    assert (await typed({**bare, **limits}, "demo")).code == 0


async def test_the_doctor_finds_everything_in_order(type_: Type) -> None:
    said = await type_("doctor")
    assert said.code == 0, said.out
    assert "Everything is in order." in said.out
    assert "FAIL" not in said.out
    assert "$10.00" in said.out
    assert "sandbox-key" not in said.out + said.err


async def test_the_doctor_names_what_has_to_be_mended(bare: dict[str, str]) -> None:
    spoiled = {
        "WAVESPEED_BASE_URL": "http://127.0.0.1:1",
        "WAVESPEED_MAX_PRICE": "cheap",
        "WAVESPEED_OUTPUT_DIR": "here",
    }
    said = await typed({**bare, **spoiled}, "doctor")
    assert said.code == 1
    failed = "\n".join(line for line in said.out.splitlines() if line.startswith("FAIL"))
    for named in ("WAVESPEED_MAX_PRICE", "WAVESPEED_OUTPUT_DIR", "WAVESPEED_API_KEY", "limits"):
        assert named in failed


async def test_the_doctor_names_one_cause_once(bare: dict[str, str]) -> None:
    keyless = await typed(bare, "doctor")
    assert "1 to mend." in keyless.out
    unreachable = {"WAVESPEED_API_KEY": "k", "WAVESPEED_BASE_URL": "http://127.0.0.1:1"}
    said = await typed({**bare, **unreachable}, "doctor", "--json")
    assert said.code == 1
    assert [one["name"] for one in said.facts["findings"] if not one["good"]] == ["network"]


async def test_the_doctor_names_a_setting_that_is_misspelled(environment: dict[str, str]) -> None:
    said = await typed({**environment, "WAVESPEED_DAILY_BUGET": "5", "WAVESPEED_OTHER": "x"}, "doctor")
    assert said.code == 1
    assert "did you mean WAVESPEED_DAILY_BUDGET?" in said.out
    assert "WAVESPEED_OTHER" not in said.out


async def test_the_doctor_says_which_key_is_used_and_never_shows_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    assert "from WAVESPEED_API_KEY" in (await typed(environment, "doctor")).out
    path = tmp_path / "config" / "wavespeed-nodejs" / "config.json"
    path.parent.mkdir(parents=True)
    login = {
        "apiKey": environment["WAVESPEED_API_KEY"],
        "baseUrl": environment["WAVESPEED_BASE_URL"] + "/api/v3",
    }
    path.write_text(json.dumps(login), encoding="utf-8")
    kept = ("WAVESPEED_API_KEY", "WAVESPEED_BASE_URL")
    without = {name: value for name, value in environment.items() if name not in kept}
    said = await typed({**without, "XDG_CONFIG_HOME": str(tmp_path / "config")}, "doctor")
    assert f"from `wavespeed login` ({path})" in said.out
    assert f"{environment['WAVESPEED_BASE_URL']} answers" in said.out
    assert environment["WAVESPEED_API_KEY"] not in said.out + said.err
    assert said.code == 0


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("WAVESPEED_API_KEY", "'0f3a9c5d7b1e4862'", "in quotes"),
        ("WAVESPEED_API_KEY", "your-api-key", "placeholder"),
        ("WAVESPEED_TOOLS", "generate_image,list_model", "did you mean list_models?"),
        ("WAVESPEED_DAILY_BUGET", "5", "did you mean WAVESPEED_DAILY_BUDGET?"),
    ],
)
async def test_the_doctor_says_what_to_change(
    environment: dict[str, str], name: str, value: str, told: str
) -> None:
    said = await typed({**environment, name: value}, "doctor")
    assert told in said.out
    assert "0f3a9c5d7b1e4862" not in said.out + said.err
    assert said.code == 1


async def test_the_doctor_names_a_dead_proxy(bare: dict[str, str]) -> None:
    proxy = {"HTTPS_PROXY": "http://somebody:secret@127.0.0.1:9", "WAVESPEED_API_KEY": "0f3a9c5d7b1e4862"}
    said = await typed({**bare, **proxy, "WAVESPEED_BASE_URL": "https://api.example.com"}, "doctor")
    assert "through the proxy http://127.0.0.1:9" in said.out
    assert "secret" not in said.out + said.err


async def test_the_doctor_names_a_key_that_is_refused(environment: dict[str, str]) -> None:
    said = await typed({**environment, "WAVESPEED_API_KEY": "wsk_wrong_key"}, "doctor")
    assert said.code == 1
    assert "top-up" in said.out
    assert "wsk_wrong_key" not in said.out + said.err


async def sandbox_line(words: list[str], bare: dict[str, str]) -> tuple[str, int]:
    """The first line of a stand-in started alone, and the exit code after an interrupt."""
    command = [sys.executable, "-m", "wavespeed_mcp_server", "sandbox", "--port", "0", *words]
    async with await anyio.open_process(
        command, env=bare, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        lines = BufferedByteReceiveStream(process.stdout)
        with anyio.fail_after(60):
            await lines.receive_until(b"\n", 1000)
            settings = (await lines.receive_until(b"\n", 1000)).decode()
        given = dict(word.split("=", 1) for word in settings.split() if word.startswith("WAVESPEED_"))
        said = await typed({**bare, **given}, "models", "--limit", "50")
        if os.name == "nt":
            process.terminate()
        else:
            process.send_signal(signal.SIGINT)
        try:
            with anyio.fail_after(60):
                return said.out.splitlines()[-1], await process.wait()
        finally:
            if process.returncode is None:
                process.kill()


async def test_the_sandbox_alone_serves_until_it_is_interrupted(bare: dict[str, str]) -> None:
    last, code = await sandbox_line([], bare)
    assert last == "15 of 15 models."
    assert code == 130


async def test_the_sandbox_serves_a_recorded_catalog(bare: dict[str, str], catalogs: list[Path]) -> None:
    last, _ = await sandbox_line(["--catalog", str(catalogs[0])], bare)
    shown, total = last.removesuffix(" models.").split(" of ")
    assert int(shown) == 50
    assert int(total) > 200


@pytest.mark.parametrize(
    "words", [("nonsense",), ("generate", "x"), ("--nonsense",), ("usage", "--days", "99")]
)
async def test_a_wrong_command_line_is_explained(bare: dict[str, str], words: tuple[str, ...]) -> None:
    said = await typed(bare, *words)
    assert said.code == 2
    assert "usage: wavespeed-mcp-server" in said.err
