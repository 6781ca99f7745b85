"""The grammar of the command line. Loaded after the first answers of a session are out, see `cli.main`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from . import __version__
from .amounts import UNIT_SECONDS, seconds
from .setting_names import HTTP_MEANINGS, KEY, MEANINGS, SECRETS

PREFIX = "WAVESPEED_"
HOST_NAMES = (
    "claude-desktop",
    "claude-code",
    "cursor",
    "vscode",
    "codex",
    "gemini-cli",
    "copilot-cli",
    "opencode",
    "windsurf",
    "zed",
    "goose",
    "kiro",
    "cline",
)


def read_arguments(words: Sequence[str]) -> argparse.Namespace:
    """What was asked for; `given` are the settings among it, by the names of their environment variables."""
    arguments = parser().parse_args(words)
    names = [name for name in (*MEANINGS, *HTTP_MEANINGS) if name not in SECRETS]
    values = {name: getattr(arguments, _attribute(name), None) for name in names}
    arguments.given = {name: value for name, value in values.items() if value is not None}
    return arguments


class Whole(argparse.ArgumentParser):
    """Takes options by their whole names only: a part of one may be meant as another."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given, allow_abbrev=False)


def parser() -> argparse.ArgumentParser:
    """The whole grammar."""
    root: argparse.ArgumentParser = Whole(
        prog="wavespeed-mcp-server",
        description="Serve the WaveSpeedAI catalog to MCP clients on standard input and output, "
        "or use it from a terminal.",
    )
    root.add_argument("--version", action="version", version=__version__)
    _common(root, top=True)
    verbs = root.add_subparsers(dest="command", metavar="COMMAND")
    verbs.add_parser("demo", help="show the main job end to end on the sandbox; no key, no cost")
    sandbox = verbs.add_parser("sandbox", help="run the stand-in for the API alone, on this machine")
    sandbox.add_argument("--port", type=number(0, 65535), default=8787, help="0: any free one (8787)")
    sandbox.add_argument("--catalog", type=Path, help="serve this catalog answer instead of its own models")
    sandbox.add_argument("--key", default=None, help="the only key it takes (any)")
    _serving(verbs)
    _verb(verbs, "doctor", "check key, network and directories")
    _installing(verbs)
    _people(verbs)
    return root


def _common(command: argparse.ArgumentParser, *, top: bool = False) -> None:
    default = None if top else argparse.SUPPRESS
    command.add_argument(
        "--sandbox",
        action="store_true",
        default=False if top else argparse.SUPPRESS,
        help="use the embedded stand-in: no key, no cost",
    )
    group = command.add_argument_group("settings (each also an environment variable, WAVESPEED_...)")
    for name, meaning in MEANINGS.items():
        if name != KEY:
            shown = meaning if top else argparse.SUPPRESS
            group.add_argument(_flag(name), dest=_attribute(name), default=default, metavar="X", help=shown)
    if not top:
        command.epilog = "Every setting that `wavespeed-mcp-server --help` lists is an option here, too."


def _settings_of_http(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("settings over HTTP (each also an environment variable)")
    for name, meaning in HTTP_MEANINGS.items():
        if name not in SECRETS:
            group.add_argument(_flag(name), dest=_attribute(name), metavar="X", help=meaning)


def _flag(name: str) -> str:
    return "--" + name.removeprefix(PREFIX).lower().replace("_", "-")


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, meaning: str
) -> argparse.ArgumentParser:
    command = verbs.add_parser(name, help=meaning, description=meaning)
    command.add_argument("--json", action="store_true", help="print the result as JSON")
    _common(command)
    return command


def _serving(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    meaning = "serve many callers over HTTP, each with a key or a token of their own"
    serve = verbs.add_parser("serve", help=meaning.partition(",")[0], description=meaning)
    serve.add_argument(
        "--transport", choices=["http", "stdio"], default="stdio", help="http, or stdio (stdio)"
    )
    serve.add_argument("--host", default="127.0.0.1", help="listen at this address (127.0.0.1)")
    serve.add_argument(
        "--port",
        type=number(0, 65535),
        default=8000,
        metavar="P",
        help="on this port, 0: any free one (8000)",
    )
    _common(serve)
    _settings_of_http(serve)
    meaning = "issue, list and revoke the tokens that a team calls with"
    tokens = verbs.add_parser("tokens", help=meaning, description=meaning)
    actions = tokens.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = _verb(actions, "add", "issue a token and print it, once")
    add.add_argument("name", metavar="NAME", help="whose it is")
    add.add_argument("--expires", default="", metavar="DATE", help="ISO date (that whole day) or time, UTC")
    add.epilog = "--daily-budget, --max-price, --confirm-above and --tools are the token's own here."
    _verb(actions, "list", "show whose tokens there are")
    revoke = _verb(actions, "revoke", "take a token back")
    revoke.add_argument("name", metavar="NAME", help="whose it is")


def _installing(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    meaning = "write this server into the configuration of a host; settings given here are written with it"
    install = _of_hosts(verbs, "install", meaning, "every host that is found on this machine")
    install.add_argument(
        "--with-key", action="store_true", help=f"write the key too, from {KEY} (else: how to give it)"
    )
    _common(install)
    meaning = "take this server out of the configuration of a host; the rest stays as it was"
    _of_hosts(verbs, "uninstall", meaning, "every host that has it")


def _of_hosts(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str, meaning: str, every: str
) -> argparse.ArgumentParser:
    command = verbs.add_parser(name, help=meaning.partition(";")[0], description=meaning)
    which = command.add_mutually_exclusive_group(required=True)
    which.add_argument("host", nargs="?", choices=HOST_NAMES, metavar="HOST", help=", ".join(HOST_NAMES))
    which.add_argument("--all", action="store_true", help=every)
    if name == "install":
        which.add_argument(
            "--list", action="store_true", help="say where it is installed and whether it starts"
        )
    command.add_argument("--project", type=Path, metavar="DIR", help="in this project's own file")
    command.add_argument("--dry-run", action="store_true", help="show what would be written, write nothing")
    return command


def _people(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    generate = _verb(verbs, "generate", "run a model")
    generate.add_argument("prompt", nargs="?", help="what to make")
    generate.add_argument("--model", required=True, help="a model id, see `models`")
    _inputs(generate)
    generate.add_argument("--sync", action="store_true", help="let the API hold the answer (models that can)")
    generate.add_argument("--timeout", type=period, default=1800.0, metavar="S", help="wait this long (1800)")
    generate.add_argument("--save", action="store_true", help="save the outputs to disk")
    generate.add_argument(
        "--again", action="store_true", help="buy another although an equal run is under way or unseen"
    )
    generate.add_argument("--save-as", default="", metavar="NAME", help="save under this file name")
    batch = _verb(verbs, "batch", "run every request of a file")
    batch.add_argument(
        "file",
        metavar="FILE",
        help="JSON or JSON lines, each {model, input, vary, again}; .csv or .tsv with inputs as its head; "
        "or a prompt a line; - : stdin",
    )
    batch.add_argument("--model", default="", help="for those that name none")
    batch.add_argument("--timeout", type=period, default=1800.0, metavar="S", help="wait this long (1800)")
    batch.add_argument("--save", action="store_true", help="save the outputs to disk")
    batch.add_argument("--again", action="store_true", help="buy all anew, as with `generate`")
    status = _verb(verbs, "status", "status and outputs of runs; without ids, everything open")
    status.add_argument("ids", nargs="*", metavar="ID", help="as `generate` printed it")
    status.add_argument(
        "--timeout", type=period, default=0.0, metavar="S", help="wait for them this long (0)"
    )
    status.add_argument("--save", action="store_true", help="save the outputs to disk")
    models = _verb(verbs, "models", "find models")
    models.add_argument("query", nargs="*", help="what it should do, in a few words")
    models.add_argument("--type", default="", help="only this type, e.g. text-to-image")
    models.add_argument(
        "--sort", choices=("relevance", "price", "cheapest"), default="relevance", help="(relevance)"
    )
    models.add_argument("--limit", type=number(1), default=20, metavar="N", help="so many at most (20)")
    show = _verb(verbs, "show", "inputs, limits and price of a model, and how to run it")
    show.add_argument("model", metavar="MODEL", help="a model id, see `models`")
    upload = _verb(verbs, "upload", "upload a file, print its URL")
    upload.add_argument("file", help="an image, video, audio or 3D file, or a zip")
    download = _verb(verbs, "download", "save the outputs of runs to disk")
    download.add_argument("ids", nargs="*", metavar="ID", help="as `history` prints it")
    download.add_argument(
        "--since", default="", metavar="TIME", help="instead of ids: all completed since, e.g. today"
    )
    download.add_argument("--all", action="store_true", help="instead of ids: every completed run there is")
    download.add_argument(
        "--save-as", action="append", default=[], metavar="NAME", help="a file name, once for each ID"
    )
    download.add_argument("--directory", default="", metavar="DIR", help="here (the output directory)")
    view = _verb(verbs, "view", "save the outputs of a run and open one")
    view.add_argument("id", metavar="ID", help="as `history` prints it")
    view.add_argument("--index", type=number(0), default=0, metavar="N", help="which output, from 0 (0)")
    _verb(verbs, "balance", "what is left to spend")
    usage = _verb(verbs, "usage", "what was spent")
    usage.add_argument("--days", type=days, default=7, metavar="N", help="1 to 31 (7)")
    usage.add_argument(
        "--by", choices=("token", "model", "day"), help="sum by this; token: what a team's tokens spent"
    )
    price = _verb(verbs, "price", "what a run will cost")
    price.add_argument("prompt", nargs="?", help="what to make")
    price.add_argument("--model", required=True, help="a model id, see `models`")
    _inputs(price)
    history = _verb(verbs, "history", "runs of the last 7 days")
    history.add_argument("--model", default="", help="only this model")
    history.add_argument("--status", default="", help="completed, processing, failed, ...")
    history.add_argument("--since", default="", metavar="TIME", help="ISO date or time, UTC")
    history.add_argument("--until", default="", metavar="TIME", help="the same; a date means its whole day")
    history.add_argument("--limit", type=number(1), default=20, metavar="N", help="1 to 100 (20)")
    meaning = "a page of every run, everything saved and what it cost; on this machine only"
    gallery = verbs.add_parser("gallery", help=meaning.partition(";")[0], description=meaning)
    gallery.add_argument(
        "--port", type=number(0, 65535), default=0, metavar="P", help="on this port (any free one)"
    )
    gallery.add_argument("--no-open", action="store_true", help="print the link instead of opening it")
    _common(gallery)
    delete = _verb(verbs, "delete", "delete runs and their outputs for good")
    delete.add_argument("ids", nargs="+", metavar="ID", help="as `history` prints it")


def number(lowest: int, highest: int | None = None) -> Callable[[str], int]:
    """Reads a whole number within these; what is none is an ArgumentTypeError that says so."""

    def read(text: str) -> int:
        value = int(text) if text.strip().lstrip("-").isdecimal() else lowest - 1
        if value < lowest or (highest is not None and value > highest):
            wanted = f"{lowest} or more" if highest is None else f"{lowest} to {highest}"
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number, {wanted}")
        return value

    return read


def period(text: str) -> float:
    """A time in seconds, in any notation; what is none is an ArgumentTypeError that names some."""
    try:
        return seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} {error}") from error


def days(text: str) -> int:
    """As far back as the API goes at once, 1 to 31, also as `7d` or `2 weeks`; else an ArgumentTypeError."""
    exact = period(text) / UNIT_SECONDS["d"] if not text.strip().isdigit() else number(1)(text)
    if not 0 < exact <= 31:
        raise argparse.ArgumentTypeError(f"{text!r} is not within 1 to 31 days, as far back as the API tells")
    return ceil(exact)


def _inputs(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-i",
        "--input",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="an input; VALUE may be JSON, or @FILE to upload one; the same KEY again makes a list",
    )


def _attribute(name: str) -> str:
    return "set_" + name.removeprefix(PREFIX).lower()
