"""Changes to a JSON text that leave every other character as it was."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from .json_parse import COMMENT, Child, Node, parse, read
from .syntax import NotAnObject, Unreadable

_ASIDE = re.compile(r"[ \t]*(?://[^\r\n]*|/\*[^\r\n]*?\*/)")
_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|' + COMMENT.pattern, re.DOTALL)
_INDENT = re.compile(r"\n([ \t]+)\S")
_LINE_END = re.compile(r"[ \t]*(?:\r?\n|$)")
EMPTY = "{}\n"
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class JsonText:
    """JSON as a host reads it: with comments and trailing commas, or without."""

    comments: bool = False

    def read(self, text: str) -> dict[str, Any]:
        """See `Syntax.read`. A blank text counts as an empty object."""
        value = read(text, comments=self.comments) if text.strip() else {}
        if not isinstance(value, dict):
            raise NotAnObject("the file holds no object")
        return value

    def put(self, text: str, path: Path, value: Any) -> str:
        """See `Syntax.put`. The last part of `path` may be an index: one past the end adds an item."""
        text = text if text.strip() else EMPTY
        node, depth = self._parse(text, path), 0
        while depth < len(path):
            if not isinstance(node.value, _kind(path[depth])):
                raise NotAnObject(_named(path[:depth]))
            child = node.child(path[depth])
            if child is None:
                break
            node, depth = child.node, depth + 1
            if node.value is None:
                # A member that says `null` is one that is not there yet.
                break
        missing = path[depth:]
        if not missing:
            return text if _same(node.value, value) else _replaced(text, node, value, depth)
        inner = missing if node.value is None else missing[1:]
        for name in reversed(inner):
            value = [value] if isinstance(name, int) else {name: value}
        if node.value is None:
            return _replaced(text, node, value, depth)
        return _added(text, node, depth, value, missing[0])

    def take_out(self, text: str, path: Path, before: str | None) -> str:
        """See `Syntax.take_out`."""
        known = self._known(before, path)
        text = self._without(text, path, known, before or "")
        for depth in range(len(path) - 1, 0, -1):
            found = _at(self._parse(text, path), path[:depth])
            if found is None or known is None or text[found.start + 1 : found.end - 1].strip():
                continue
            was = _at(known, path[:depth])
            if was is None:
                text = self._without(text, path[:depth], known, before or "")
            elif was.value is None:
                text = text[: found.start] + "null" + text[found.end :]
        root = self._parse(text, path)
        nothing = not text[root.start + 1 : root.end - 1].strip() and not text[: root.start].strip()
        return before if before is not None and not before.strip() and nothing else text

    def _without(self, text: str, path: Path, known: Node | None, before: str) -> str:
        """`text` without one child; of a name that is there twice, without both."""
        while (container := _at(self._parse(text, path), path[:-1])) is not None:
            child = container.child(path[-1])
            if child is None:
                break
            was_last = child is container.children[-1]
            text = _cut(text, container, child)
            same = _at(known, path[:-1]) if known is not None else None
            now = _at(self._parse(text, path), path[:-1])
            if was_last and same is not None and now is not None:
                text = _with_tail_of(text, now, before, same)
            if isinstance(path[-1], int):
                break
        return text

    def _known(self, before: str | None, path: Path) -> Node | None:
        """The tree of an earlier text; None where it cannot be read."""
        if before is None:
            return None
        try:
            return self._parse(before if before.strip() else EMPTY, path)
        except Unreadable:
            return None

    def _parse(self, text: str, path: Path) -> Node:
        return parse(text, path, comments=self.comments)


def _kind(name: str | int) -> type:
    return list if isinstance(name, int) else dict


def _at(node: Node, path: Path) -> Node | None:
    """The value at `path`, if there is one."""
    for name in path:
        child = node.child(name)
        if child is None:
            return None
        node = child.node
    return node


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: in Python, 1 and True are."""
    return json.dumps(one) == json.dumps(other)


def _named(path: Path) -> str:
    return f"`{'.'.join(map(str, path))}` is not what it should be" if path else "the file holds no object"


def _replaced(text: str, node: Node, value: Any, depth: int) -> str:
    return text[: node.start] + _written(text, value, depth) + text[node.end :]


def _added(text: str, node: Node, depth: int, value: Any, name: str | int) -> str:
    """`text` with a new last child of `node`, on a line of its own."""
    at = _after_comma(text, node.last) if node.comma else node.last
    comma = "," if node.children and not node.comma else ""
    end = _end_of_line(text, at)
    new = _newline(text) + _indent(text) * (depth + 1)
    new += "" if isinstance(name, int) else json.dumps(name, ensure_ascii=False) + ": "
    new += _written(text, value, depth + 1)
    # A trailing comma stays one: people who write them want the next line to need none.
    new += "," if node.comma else ""
    rest = text[end:]
    if "\n" not in text[end : node.end]:
        new += _newline(text) + _indent(text) * depth
        rest = rest.lstrip(" \t")
    return text[:at] + comma + text[at:end] + new + rest


def _cut(text: str, container: Node, child: Child) -> str:
    """`text` without `child`, the white space before it, and the comma that belongs to it."""
    start, end = _start_of_space(text, container.start, child.start), child.node.end
    index = next(at for at, one in enumerate(container.children) if one is child)
    if index + 1 < len(container.children) or container.comma:
        comma = _after_comma(text, end) - 1
        rest = text[end:comma] + text[comma + 1 :]
    else:
        rest = text[end:]
        if index:
            comma = _after_comma(text, container.children[index - 1].node.end) - 1
            text, start = text[:comma] + text[comma + 1 :], start - 1
    if _line_comment_at(text, container.start, start) is not None and not _LINE_END.match(rest):
        rest = _newline(text) + rest
    return text[:start] + rest


def _with_tail_of(text: str, now: Node, before: str, known: Node) -> str:
    """`text` with the white space before a closing bracket as it was, where that is all that differs."""
    start, end = _tail(text, now), now.end - 1
    tail = before[_tail(before, known) : known.end - 1]
    return text[:start] + tail + text[end:] if text[start:end].rstrip() == tail.rstrip() else text


def _tail(text: str, node: Node) -> int:
    """Where what follows the last child begins."""
    return _after_comma(text, node.last) if node.comma else node.last


def _start_of_space(text: str, container: int, at: int) -> int:
    """Where the white space before `at` begins; what ends a line comment is part of the comment."""
    start = len(text[:at].rstrip(" \t\r\n"))
    comment = _line_comment_at(text, container, start)
    return start if comment is None else comment


def _line_comment_at(text: str, container: int, at: int) -> int | None:
    """The end of the line comment whose text, without trailing spaces, ends at `at`, if one does."""
    line = re.compile(r"[^\r\n]*").match(text, at)
    for found in _STRING_OR_COMMENT.finditer(text, container):
        if found.end() >= at:
            is_it = found.start() < at and found.group().startswith("//")
            return found.end() if is_it and line and found.end() == line.end() else None
    return None


def _after_comma(text: str, at: int) -> int:
    """The end of the first comma from `at` on that is outside a comment."""
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
