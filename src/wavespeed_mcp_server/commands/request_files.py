"""Files of requests for `batch`: JSON, JSON lines, tables, and lines that are prompts."""

from __future__ import annotations

import codecs
import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..tools.generate import Request
from .inputs import BadInput, marked, value_of

Found = tuple[str, Any]
"""Where in the file a request stands, and what stands there."""

TABLES = {".csv": ",;\t", ".tsv": "\t", ".tab": "\t"}
WANTED = (
    'Write a list of {"model": ..., "input": {...}}, one such object a line, a table with the inputs as its '
    "head (.csv, .tsv), or one prompt a line with --model MODEL"
)
MOST_BYTES = 10_000_000


def read_requests(name: str, model: str, prompt: str = "prompt") -> list[tuple[str, Request]]:
    """The requests of a file ("-": stdin), each with its place in it. `model` is for those that name none.

    `prompt` is the input of that model which a plain line is.

    Raises:
        BadInput: it cannot be read, or one of them is no request.
    """
    found = list(_found(name, _text(name), model, prompt))
    if not found:
        raise BadInput(f"{name} holds no requests. {WANTED}.")
    return [(place, _request(place, one, model)) for place, one in found]


def _text(name: str) -> str:
    try:
        if name == "-":
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(name).expanduser().open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise BadInput(f"{name} is over {MOST_BYTES // 1_000_000} MB, too long for a list of requests.")
        # Spreadsheets write their "Unicode text" so.
        wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return content.decode("utf-16" if wide else "utf-8-sig")
    except (OSError, RuntimeError) as error:
        raise BadInput(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{name} is no text in UTF-8; of a spreadsheet, save a copy as CSV (UTF-8)."
        ) from error


def _found(name: str, text: str, model: str, prompt: str) -> Iterator[Found]:
    separators = TABLES.get(Path(name).suffix.lower()) or _separators_of(text, {"model", prompt})
    if separators:
        yield from _rows(name, text, separators)
        return
    try:
        whole = json.loads(text)
    except ValueError:
        yield from _lines(name, text, model, prompt)
        return
    listed = whole.get("requests", [whole]) if isinstance(whole, dict) else whole
    if not isinstance(listed, list):
        raise BadInput(f"{name} is no list of requests. {WANTED}.")
    for number, one in enumerate(listed, 1):
        bare = isinstance(one, str) and model and not one.lstrip().startswith("{")
        yield f"request {number}", {"input": {prompt: one}} if bare else one


def _separators_of(text: str, heads: set[str]) -> str:
    """What separates the cells of a table whose first line names one of these; "" where it is none."""
    head = text.partition("\n")[0]
    cells = {
        separator: {cell.strip(' "\r') for cell in head.split(separator)} for separator in TABLES[".csv"]
    }
    return next((one for one, found in cells.items() if len(found) > 1 and found & heads), "")


def _line_by_line(text: str) -> io.StringIO:
    """Ended by what ends a line in a file: other characters that break lines may stand in a prompt."""
    return io.StringIO(text, newline="")


def _lines(name: str, text: str, model: str, prompt: str) -> Iterator[Found]:
    written = [(number, line.strip()) for number, line in enumerate(_line_by_line(text), 1) if line.strip()]
    if len(written) > 1 and all(line.startswith("|") for _, line in written):
        raise BadInput(f"{name} is a table in Markdown. {WANTED}.")
    if any(line.startswith(("{", "[")) for _, line in written):
        for number, line in written:
            try:
                yield f"line {number}", json.loads(line)
            except ValueError as error:
                raise BadInput(f"{name}, line {number}, is no JSON: {error}.") from error
    elif model:
        yield from ((f"line {number}", {"input": {prompt: line}}) for number, line in written)
    elif written:
        raise BadInput(f"{name} is no JSON, and prompts need a model. {WANTED}.")


def _rows(name: str, text: str, separators: str) -> Iterator[Found]:
    head = text.partition("\n")[0]
    separator = max(separators, key=head.count)
    rows = csv.DictReader(_line_by_line(text), delimiter=separator, strict=True)
    try:
        for row in rows:
            place = f"line {rows.line_num}"
            if None in row:
                raise BadInput(f"{name}, {place}, has more cells than the head of the table.")
            cells = {str(key).strip(): text.strip() for key, text in row.items() if text and text.strip()}
            if cells:
                model = {"model": cells.pop("model")} if "model" in cells else {}
                yield place, {**model, "input": {key: value_of(cell, key) for key, cell in cells.items()}}
    except csv.Error as error:
        raise BadInput(f"{name}, line {rows.line_num}, cannot be read as a table: {error}.") from error


def _request(place: str, found: Any, model: str) -> Request:
    filled = {"model": model, **found} if model and isinstance(found, dict) else found
    if not isinstance(filled, dict) and not str(filled).lstrip().startswith("{"):
        raise BadInput(f"{place} is no request. {WANTED}. Nothing was submitted.")
    if isinstance(filled, dict) and not {"model", "model_id"} & filled.keys():
        raise BadInput(f"{place} names no model, and no --model is given for those. Nothing was submitted.")
    try:
        one = Request.model_validate(filled)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        part = ".".join(str(part) for part in first["loc"])
        what = f"{place}: {part}: {first['msg']}" if part else f"{place}: {first['msg']}"
        raise BadInput(
            f"{what}. A request is {{model, input, vary, again}}. Nothing was submitted."
        ) from error
    one.input, one.vary = marked(one.input), marked(one.vary)
    return one
