"""The ways out of a refusal over a limit, each as the command to type."""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Iterator
from typing import Any

from ..runs import dollars
from ..runs.ways_out import WayOut
from .inputs import typed

PROGRAM = "wavespeed-mcp-server"
SETTING = "set_"


def commands(ways: list[WayOut], arguments: argparse.Namespace) -> list[str]:
    """Lines with each way out and the command for it; the other options of `arguments` come along."""
    lines = ["Within the limits, already quoted:"] if ways else []
    for way in ways:
        lines += [f"  {dollars(way.price)}, {way.what}:", f"    {_command(way, arguments)}"]
    return lines


def _command(way: WayOut, arguments: argparse.Namespace) -> str:
    if way.tool != "generate":
        requests = json.dumps(way.arguments["requests"], ensure_ascii=False)
        return (
            f"printf %s {shlex.quote(requests)} | {shlex.join([PROGRAM, 'batch', '-', *_options(arguments)])}"
        )
    words = [PROGRAM, "generate", "--model", way.arguments["model"]]
    for key, value in way.arguments["input"].items():
        words += ["-i", f"{key}={typed(value)}"]
    return shlex.join([*words, *_options(arguments)])


def _options(arguments: argparse.Namespace) -> Iterator[str]:
    """The options of the command that was refused, but for what it would run."""
    given: dict[str, Any] = vars(arguments)
    for name in ("sandbox", "sync", "save", "again", "json"):
        if given.get(name):
            yield f"--{name}"
    if given.get("save_as"):
        yield from ("--save-as", given["save_as"])
    for name, value in given.items():
        if name.startswith(SETTING) and value is not None:
            yield from ("--" + name.removeprefix(SETTING).replace("_", "-"), str(value))
