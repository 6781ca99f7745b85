"""Texts inside inputs and outputs, at any depth of lists and objects."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def texts_in(value: object) -> Iterator[str]:
    """Every text in `value`, in its order; the keys of objects are none."""
    return (text for _, text in placed_texts(value))


def placed_texts(value: object, place: str = "") -> Iterator[tuple[str, str]]:
    """As `texts_in`, each with where it stands (`images[0]`); `place` is where `value` itself does."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from placed_texts(item, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from placed_texts(item, f"{place}[{index}]")


def with_texts(value: Any, replaced: Callable[[str], Any]) -> Any:
    """A copy of `value` with `replaced(text)` in place of each text; the original is not touched."""
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, Mapping):
        return {key: with_texts(item, replaced) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_texts(item, replaced) for item in value]
    return value
