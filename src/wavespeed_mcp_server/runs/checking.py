"""Step 1 of a run: the input in the model's own form, and everything that is wrong with it told at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..catalog import (
    InputRefused,
    Model,
    check_input,
    list_inputs,
    media_inputs,
    prose_inputs,
    required_inputs,
    restate,
)
from ..files import Media, marked_path, marked_paths, placed_texts
from ..gather import gather_first_error
from ..ledger import Ledger

Problem = tuple[str, str]

MAX_PROBLEMS = 8


@dataclass(frozen=True)
class CheckedInput:
    """`given` is the input as the caller wrote it, with files for folders; `input` is what the model takes.

    `note` says what differs, in sentences, or nothing.
    """

    given: dict[str, Any]
    input: dict[str, Any]
    note: str = ""


async def checked_input(
    model: str,
    info: Model | None,
    inputs: dict[str, Any],
    media: Media,
    ledger: Ledger,
    *,
    whole: bool = True,
) -> CheckedInput:
    """`inputs` in the model's own form. Without `whole`, what is required may be missing.

    Raises:
        InputRefused: with every problem, what the schema refuses and what cannot be fetched or read.
        FileRefused: a folder may not be read, or holds nothing of use.
    """
    kinds = list_inputs(info) if info else {}
    given = await media.expand(inputs, kinds)
    if info is None:
        problems = await _file_problems(given.input, media)
        if problems:
            raise InputRefused(model, problems)
        return CheckedInput(given.input, given.input, given.note)
    restated = restate(info, given.input)
    # A folder may have been in a list that was given as text.
    final = await media.expand(restated.input, kinds)
    problems = list(_schema_problems(info, final.input, whole=whole))
    known = {key for key, _ in problems}
    problems += await _media_problems(info, final.input, media, ledger, known)
    problems += await _words_problems(info, final.input, media)
    told = {key for key, _ in problems}
    problems += [one for one in await _file_problems(final.input, media) if one[0] not in told]
    if problems:
        raise InputRefused(model, list(dict.fromkeys(problems))[:MAX_PROBLEMS])
    note = " ".join(filter(None, (given.note, restated.note, final.note)))
    return CheckedInput(given.input, final.input, note)


def _schema_problems(info: Model, inputs: dict[str, Any], *, whole: bool) -> Iterator[Problem]:
    try:
        check_input(info, inputs)
    except InputRefused as error:
        missing = set() if whole else set(required_inputs(info)) - set(inputs)
        for key, problem in zip(error.keys, error.problems, strict=True):
            if key not in missing:
                yield key, problem


async def _media_problems(
    info: Model, inputs: dict[str, Any], media: Media, ledger: Ledger, known: set[str]
) -> list[Problem]:
    """What the API would take, fail to fetch, and bill or refund."""
    needed = set(required_inputs(info))
    values = [
        (key, place, text)
        for key in media_inputs(info)
        if key not in known
        for place, text in placed_texts(inputs.get(key), key)
        if marked_path(text) is None
    ]

    async def look(value: tuple[str, str, str]) -> str:
        key, place, text = value
        # An empty text is how some clients leave out what is not needed.
        left_out = not text.strip() and place == key and key not in needed
        problem = "" if left_out else await media.source_problem(text)
        if problem and await ledger.by_ids([text.strip()]):
            return f"{text.strip()} is a run; give the URL of its output instead"
        return problem

    reasons = await gather_first_error(look, values)
    return [
        (key, f"{place}: {reason}") for (key, place, _), reason in zip(values, reasons, strict=True) if reason
    ]


async def _words_problems(info: Model, inputs: dict[str, Any], media: Media) -> list[Problem]:
    """What would be drawn or read aloud as the name of the file that it is."""
    return [
        (key, f"{key}: {reason}")
        for key in prose_inputs(info)
        if isinstance(text := inputs.get(key), str) and (reason := await media.words_problem(text))
    ]


async def _file_problems(inputs: dict[str, Any], media: Media) -> list[Problem]:
    """Every local file that cannot be uploaded, found before any of them is."""
    places = marked_paths(inputs)
    reasons = await gather_first_error(media.path_problem, list(places))
    return [
        (place, f"{place}: {reason}")
        for place, reason in zip(places.values(), reasons, strict=True)
        if reason
    ]
