"""Changes to a JSON text that leave every other character as it was."""

from __future__ import annotations

import json
import re
from typing import Any

from .jsonc import COMMENT, Node, parse

_ASIDE = re.compile(r"[ \t]*(?://[^\r\n]*|/\*[^\r\n]*?\*/)")
_INDENT = re.compile(r"\n([ \t]+)\S")


class NotAnObject(Exception):
    """A member on the way is no object (or no array), so nothing can be put into it."""


def with_member(text: str, path: tuple[str, ...], value: Any, *, comments: bool = False) -> str:
    """`text` with the member at `path` set to `value`; objects missing on the way are made.

    Raises:
        BrokenJson: `text` is no JSON.
        NotAnObject: something on the way is no object.
    """
    node, depth = parse(text, comments=comments), 0
    for name in path:
        if not isinstance(node.value, dict):
            raise NotAnObject(_named(path[:depth]))
        if name not in node.members:
            break
        node, depth = node.members[name], depth + 1
    missing = path[depth:]
    if not missing:
        return text if _same(node.value, value) else _replaced(text, node, value, depth)
    for name in reversed(missing[1:]):
        value = {name: value}
    return _added(text, node, depth, value, missing[0])


def with_item(text: str, path: tuple[str, ...], item: Any, *, comments: bool = False) -> str:
    """`text` with `item` at the end of the array at `path`, which is made if it is missing.

    Raises:
        BrokenJson: `text` is no JSON.
        NotAnObject: something on the way is no object, or the end of it no array.
    """
    node = parse(text, comments=comments)
    for depth, name in enumerate(path):
        if name not in node.members:
            return with_member(text, path, [item], comments=comments)
        node = node.members[name]
        if not isinstance(node.value, list if depth == len(path) - 1 else dict):
            raise NotAnObject(_named(path[: depth + 1]))
    return _added(text, node, len(path), item)


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: in Python, 1 and True are."""
    return json.dumps(one) == json.dumps(other)


def _named(path: tuple[str, ...]) -> str:
    return f"`{'.'.join(path)}` is not what it should be" if path else "the file holds no object"


def _replaced(text: str, node: Node, value: Any, depth: int) -> str:
    return text[: node.start] + _written(text, value, depth) + text[node.end :]


def _added(text: str, node: Node, depth: int, value: Any, name: str | None = None) -> str:
    """`text` with a new last member (or item) of `node`, on a line of its own."""
    full = bool(node.members or node.items)
    at = _after_comma(text, node) if node.comma else node.last
    comma = "," if full and not node.comma else ""
    end = _end_of_line(text, at)
    new = _newline(text) + _indent(text) * (depth + 1)
    new += "" if name is None else json.dumps(name, ensure_ascii=False) + ": "
    new += _written(text, value, depth + 1)
    # A trailing comma stays one: people who write them want the next line to need none.
    new += "," if node.comma else ""
    rest = text[end:]
    if "\n" not in text[end : node.end]:
        new += _newline(text) + _indent(text) * depth
        rest = rest.lstrip(" \t")
    return text[:at] + comma + text[at:end].rstrip(" \t") + new + rest


def _after_comma(text: str, node: Node) -> int:
    """The end of the comma that follows the last child: the first one outside a comment."""
    at = node.last
    while text[at] != ",":
        comment = COMMENT.match(text, at)
        at = comment.end() if comment else at + 1
    return at + 1


def _end_of_line(text: str, at: int) -> int:
    """Past the comments that follow on the same line: they belong to what stands before them."""
    while found := _ASIDE.match(text, at):
        at = found.end()
    return at


def _written(text: str, value: Any, depth: int) -> str:
    indent = _indent(text)
    lines = json.dumps(value, indent=indent, ensure_ascii=False).split("\n")
    return (_newline(text) + indent * depth).join(lines)


def _indent(text: str) -> str:
    found = _INDENT.search(text)
    return found.group(1) if found else "  "


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
