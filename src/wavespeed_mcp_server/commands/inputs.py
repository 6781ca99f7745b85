"""A model's inputs as they are typed: KEY=VALUE, JSON, and files as the shell knows them."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from ..catalog import prompt_input, takes_prose
from ..files import looks_like_local_path, sniff
from ..files.media import HEAD_BYTES
from ..files.spelling import names_no_place_here, unquoted
from ..runs import Account, RunError

MOST_WORDS = 1_000_000


class BadInput(RunError):
    """An argument of the command line that makes no sense."""


def max_price(account: Account, arguments: argparse.Namespace) -> float | None:
    """The price that --max-price gives this command, USD; it is a setting, too.

    Raises:
        BadInput: it is no amount.
    """
    if getattr(arguments, "set_max_price", None) is None:
        return None
    problem = account.settings.problems.get("WAVESPEED_MAX_PRICE")
    if problem:
        raise BadInput(problem)
    return account.settings.max_price


def typed_inputs(arguments: argparse.Namespace) -> dict[str, Any]:
    """The prompt and every -i as one input."""
    found: dict[str, Any] = {"prompt": arguments.prompt} if arguments.prompt is not None else {}
    for pair in arguments.input:
        name, equals, text = pair.partition("=")
        if not equals:
            raise BadInput(f"-i {pair!r}: write it as KEY=VALUE.")
        value = _words(name, text) or value_of(text, name)
        if name in found and name != "prompt":
            # The same input twice is a list of both: `-i images=@a.png -i images=@b.png`.
            before = found[name]
            value = [*(before if isinstance(before, list) else [before]), value]
        found[name] = value
    return found


async def inputs_for(account: Account, arguments: argparse.Namespace) -> dict[str, Any]:
    """As `typed_inputs`, the prompt under the name that the model has for it.

    Raises:
        UnknownModel: the catalog does not have it.
    """
    found = typed_inputs(arguments)
    name = await prompt_of(account, arguments.model if arguments.prompt is not None else "")
    return found if name in found else {name if key == "prompt" else key: found[key] for key in found}


async def prompt_of(account: Account, model: str) -> str:
    """The input that a prompt is for: `prompt` where nothing else is known.

    Raises:
        UnknownModel: the catalog does not have the model.
    """
    info = await account.catalog.model(model) if model else None
    return prompt_input(info) if info is not None else "prompt"


def _words(name: str, text: str) -> str:
    """The words of the file in `text=@FILE`; "" where that is no text, or words are not what is wanted.

    Raises:
        BadInput: they cannot be read.
    """
    if not text.startswith("@") or not takes_prose(name):
        return ""
    path = Path(absolute(text[1:]))
    if not path.is_file():
        return ""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_WORDS + 1)
        if sniff(content[:HEAD_BYTES], path.stat().st_size):
            return ""
        words = content.decode("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"-i {name}: {path} cannot be read as text: {error}.") from error
    if not words or len(content) > MOST_WORDS:
        raise BadInput(f"-i {name}: {path} {'is too long' if words else 'holds no words'}.")
    return words


def value_of(text: str, name: str = "") -> Any:
    """What is typed behind KEY=: JSON, a file, or the words themselves. A prompt may be `2024` or `true`."""
    if text.startswith("@"):
        return marked(text)
    try:
        value = marked(json.loads(text))
    except (ValueError, RecursionError):
        return text
    return text if takes_prose(name) and not isinstance(value, str | list | dict) else value


def typed(value: Any) -> str:
    """A value as it is typed behind KEY=: what `typed_inputs` reads as that value again."""
    return (
        value
        if isinstance(value, str) and value_of(value) == value
        else json.dumps(value, ensure_ascii=False)
    )


def marked(value: Any) -> Any:
    """A value with the whole path in place of each `@FILE` that this shell knows, or that looks like one."""
    if isinstance(value, list):
        return [marked(item) for item in value]
    if isinstance(value, dict):
        return {key: marked(item) for key, item in value.items()}
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    path = value[1:]
    return "@" + absolute(path) if looks_like_local_path(path) or _exists(path) else value


def _exists(path: str) -> bool:
    try:
        return bool(path) and Path(path).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


def _at_home(path: Path) -> Path:
    """`~` and `~name` as the folders they stand for; of a user that there is none of, the path as it is."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def absolute(path: str) -> str:
    """A path as the person means it in this shell, also in quotes of its own; what is none stays as it is."""
    bare = path if _exists(path) else unquoted(path)
    if names_no_place_here(bare):
        return bare
    whole = _at_home(Path(bare)).absolute()
    # A stroke at the end says that all files of a folder are meant.
    return str(whole / "_")[:-1] if bare.endswith(("/", os.sep)) else str(whole)
