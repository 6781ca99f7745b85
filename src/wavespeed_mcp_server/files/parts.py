"""Which files a prediction's outputs are, and what each is called: the same whoever saves them, and when."""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Literal, NamedTuple

import anyio.to_thread

from .inline import Saved, is_inline, write_bytes, write_inline
from .names import safe_stem
from .nested import texts_in, with_texts
from .path_policy import PathPolicy

_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")
_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)


class Part(NamedTuple):
    """One file's worth of an output. `stem` is its name without an ending.

    `run` is the prediction's id where the file need not have that name: another one of the run with the same
    content will do.
    """

    kind: Literal["url", "inline", "text", "json"]
    content: str
    stem: str = ""
    run: str = ""


def parts_of(prediction_id: str, outputs: list[Any], *, model: str = "", name: str = "") -> list[Part]:
    """What is to be saved of `outputs`, in their order: what URLs lead to, and files in the form of text.

    Plain text and objects are a file only where there is nothing else. They are called `name`, else after
    the run; several are numbered by their index, from 0.
    """
    parts = [part for output in outputs for part in _parts(output)]
    files = [part for part in parts if part.kind in ("url", "inline")] or parts
    called = f"{model.rpartition('/')[2]}-{prediction_id}" if model else prediction_id
    stem = safe_stem(_ENDING.sub("", name) or called)
    run = "" if name else prediction_id
    # What stands there twice is one file.
    single = len(set(files)) == 1
    return [part._replace(stem=stem if single else f"{stem}-{files.index(part)}", run=run) for part in files]


async def write_part(policy: PathPolicy, part: Part, directory: str = "") -> Saved:
    """Write a part that holds its content itself.

    Raises:
        FileRefused: the output directory cannot be written to.
    """
    if part.kind == "inline":
        return await write_inline(policy, part.stem, part.content, directory, run=part.run)
    content, suffix = part.content.encode("utf-8", "replace"), ".txt" if part.kind == "text" else ".json"
    write = partial(write_bytes, policy, part.stem, content, directory, suffix=suffix, run=part.run)
    return await anyio.to_thread.run_sync(write)


async def take_out_inline(
    policy: PathPolicy, prediction_id: str, outputs: list[Any], *, model: str = "", name: str = ""
) -> tuple[list[Any], list[Saved]]:
    """A copy of `outputs` with a path wherever there was a file in the form of text, also inside objects.

    Raises:
        FileRefused: the output directory cannot be written to.
    """
    if not any(is_inline(text) for text in texts_in(outputs)):
        return outputs, []
    parts = parts_of(prediction_id, outputs, model=model, name=name)
    inside = [part for part in parts if part.kind == "inline"]
    saved = [await write_part(policy, part) for part in inside]
    paths = iter([str(one.path) for one in saved])
    return with_texts(outputs, lambda text: next(paths) if is_inline(text) else text), saved


def _parts(output: object) -> Iterator[Part]:
    if isinstance(output, str):
        if _URL.fullmatch(output):
            yield Part("url", output)
        else:
            yield Part("inline" if is_inline(output) else "text", output)
        return
    inner = [text for text in texts_in(output) if _URL.fullmatch(text) or is_inline(text)]
    if inner:
        for text in inner:
            yield from _parts(text)
    elif output is not None:
        yield Part("json", json.dumps(output, ensure_ascii=False, indent=2))
