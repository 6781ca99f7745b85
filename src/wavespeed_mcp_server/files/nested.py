"""Texts inside inputs and outputs, at any depth of lists and objects."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def texts_in(value: object) -> Iterator[str]:
    """Every text in `value`, in its order; the keys of objects are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)


def with_texts(value: Any, replaced: Callable[[str], Any]) -> Any:
    """A copy of `value` with `replaced(text)` in place of each text; the original is not touched."""
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, Mapping):
        return {key: with_texts(item, replaced) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_texts(item, replaced) for item in value]
    return value
