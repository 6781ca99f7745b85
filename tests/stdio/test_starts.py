"""A start after a start: the opening is answered whole, in its order and alike, whatever lies on disk."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from calling import Json
from wavespeed_mcp_server.transports.greeting import record_for

from .opening import INITIALIZED, VERSIONS, enveloped, handshake, line, request

BALANCE: Json = {"name": "get_balance", "arguments": {}}
PROBE = [enveloped("server/discover", "probe"), handshake("2025-11-25", 0), INITIALIZED, request("ping", 1)]
ON = [*PROBE, request("tools/list", 2), request("tools/call", 3, BALANCE)]
TURNED = [
    *PROBE[1:],
    request("tools/list", 2),
    enveloped("server/discover", 0),
    enveloped("tools/list", 4),
    enveloped("tools/call", 5, BALANCE),
]


WATCHED = """
import sys
from wavespeed_mcp_server import cli
from wavespeed_mcp_server.transports.greeting import Record

recorded = Record.answers

def answers(self):
    found = recorded(self)
    assert (found is not None) is {greeted}
    return found

Record.answers = answers
sys.exit(cli.main())
"""


class Starts:
    """Servers of one home, started one after the other."""

    def __init__(self, home: Path, python: Path | str = sys.executable) -> None:
        self.python = str(python)
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
        self.arguments: list[str] = []

    @property
    def record(self) -> Path:
        """Where the next start looks for its first answers."""
        return Path(record_for(self.environment, self.arguments).path)

    def start(self, messages: list[Json], *, greeted: bool) -> list[bytes]:
        """What a new process answers to `messages`, written in one go, until each request has its answer.

        `greeted`: it must answer before it imports anything; else it must import first.
        """
        run = [self.python, "-c", WATCHED.format(greeted=greeted), *self.arguments]
        with subprocess.Popen(
            run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment, cwd="/"
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(b"".join(line(message) + b"\n" for message in messages))
            process.stdin.flush()
            answers = [process.stdout.readline().rstrip(b"\n") for message in messages if "id" in message]
            process.stdin.close()
            assert process.stdout.read() == b""
            assert process.wait(30) == 0
        assert [json.loads(one)["id"] for one in answers] == [one["id"] for one in messages if "id" in one]
        return answers


@pytest.fixture
def starts(tmp_path: Path) -> Starts:
    """An empty home."""
    return Starts(tmp_path)


@pytest.mark.parametrize(
    "given, opening",
    [
        ("", PROBE),
        ("", TURNED),
        ("WAVESPEED_TOOLS=get_balance", ON),
        ("WAVESPEED_TASKS=off", ON),
        ("--sandbox", ON),
        ("--sandbox", TURNED),
    ],
    ids=lambda part: part if isinstance(part, str) else " ".join(one["method"] for one in part),
)
def test_a_later_start_says_the_same_before_it_imports_anything(
    starts: Starts, given: str, opening: list[Json]
) -> None:
    if given.startswith("--"):
        starts.arguments.append(given)
    elif given:
        name, _, value = given.partition("=")
        starts.environment[name] = value
    first = starts.start(opening, greeted=False)
    assert starts.start(opening, greeted=True) == first
    assert all("result" in json.loads(answer) for answer in first)


def test_a_start_that_nobody_asked_for_its_tools_is_enough_for_every_version(starts: Starts) -> None:
    starts.start(PROBE[:1], greeted=False)
    opening = [handshake(VERSIONS[0]), INITIALIZED, request("tools/list", 2)]
    hello, listing = (json.loads(answer)["result"] for answer in starts.start(opening, greeted=True))
    assert hello["protocolVersion"] == VERSIONS[0]
    assert len(listing["tools"]) >= 12


@pytest.mark.parametrize("when", ["damaged", "in the way", "unwritable"])
def test_a_record_that_is_of_no_use_changes_no_answer(starts: Starts, when: str) -> None:
    record = starts.record
    if when == "damaged":
        first = starts.start(ON, greeted=False)
        record.write_bytes(record.read_bytes().replace(b"WaveSpeedAI", b"WaveSpeedBI"))
    elif when == "in the way":
        (record / "x").mkdir(parents=True)
        first = starts.start(ON, greeted=False)
    else:
        record.parents[1].mkdir(parents=True)
        record.parent.touch()
        first = starts.start(ON, greeted=False)
    assert starts.start(ON, greeted=False) == first


def test_a_record_that_says_something_else_is_removed(starts: Starts) -> None:
    """However it came about: the next start does not repeat it."""
    first = starts.start(ON, greeted=False)
    text = starts.record.read_bytes().partition(b"\n")[2].replace(b"WaveSpeedAI", b"WaveSpeedBI")
    starts.record.write_bytes(hashlib.sha256(text).hexdigest().encode() + b"\n" + text)
    assert starts.start(ON, greeted=True) != first
    assert not starts.record.exists()


def test_an_upgrade_in_place_is_noticed_at_the_next_start(
    tmp_path: Path, lacking: Callable[[str], None]
) -> None:
    """Another release of what shapes the answers, put over the one that was there when they were recorded."""
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"

    def install(*packages: str | Path) -> None:
        run = [python, "-m", "pip", "install", "-q", *packages]
        done = subprocess.run(run, capture_output=True, text=True, timeout=400, check=False)
        if done.returncode:
            lacking(f"packages cannot be had: {done.stderr[-300:]}")

    starts = Starts(tmp_path / "home", python)
    install(Path(__file__).parents[2])
    starts.start(ON, greeted=False)
    starts.start(ON, greeted=True)
    install("pydantic<2.14")
    first = starts.start(ON, greeted=False)
    assert starts.start(ON, greeted=True) == first
