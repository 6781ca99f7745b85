"""The languages in which hosts keep their configuration, behind one interface."""

from __future__ import annotations

from typing import Any, Protocol


class Unreadable(Exception):
    """The text is not what its host reads, so nothing can be put into it; the message names the place."""


class NotAnObject(Exception):
    """A member on the way is no object (or no array), so nothing can be put into it or taken out of it."""


class Syntax(Protocol):
    """Changes to a text that leave every other character as it was. All raise `Unreadable`."""

    def read(self, text: str) -> dict[str, Any]:
        """What `text` says.

        Raises:
            NotAnObject: it is something else than an object.
        """
        ...

    def put(self, text: str, path: tuple[str, ...], value: Any) -> str:
        """`text` with the member at `path` set to `value`; objects missing on the way are made.

        Raises:
            NotAnObject: something on the way is no object.
        """
        ...

    def take_out(self, text: str, path: tuple[str, ...], before: str | None) -> str:
        """`text` without the member at `path`, which is there.

        `before` is a text from before it was put in, if one is known: objects that it does not have, and that
        are empty now, go too, and white space that `put` may have added is as it was there.
        """
        ...


def syntax_named(name: str) -> Syntax:
    """The language of that name: json, jsonc (with comments and trailing commas), toml, yaml."""
    if name == "toml":
        from .toml_text import TomlText

        return TomlText()
    if name == "yaml":
        from .yaml_text import YamlText

        return YamlText()
    from .json_edit import JsonText

    return JsonText(comments=name == "jsonc")
