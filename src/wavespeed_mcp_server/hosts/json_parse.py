"""JSON read with the place of every value, so that one member can be changed and the rest stays as it was.

Hosts let people write comments and trailing commas into these files; the standard library reads neither, and
would write the whole file anew.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from .syntax import Unreadable

_SPACE = re.compile(r"\s*")
COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_SCALAR = re.compile(r"-?\d[\d.eE+-]*|[A-Za-z]+")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
MAX_DEPTH = 200


class BrokenJson(Unreadable):
    """The text is no JSON; the message names line and column."""

    def __init__(self, text: str, at: int, what: str) -> None:
        line = text.count("\n", 0, at) + 1
        column = at - text.rfind("\n", 0, at)
        super().__init__(f"line {line}, column {column}: {what}")


@dataclass
class Node:
    """A value, and the half-open range of characters it is written in.

    `children` are an object's members or an array's items, in their order; `last` is where the last of them
    ends (else after the opening bracket) and `comma` whether a comma follows it.
    """

    value: Any
    start: int
    end: int
    children: list[Child] = field(default_factory=list)
    last: int = 0
    comma: bool = False

    def child(self, name: str | int) -> Child | None:
        """The member of that name (of several, the one that counts: the last), or the item of that index."""
        return next((one for one in reversed(self.children) if one.name == name), None)


@dataclass
class Child:
    """A member or an item; it begins at `start`, a member with its name."""

    name: str | int
    start: int
    node: Node


def parse(text: str, path: tuple[str | int, ...] = (), *, comments: bool = False) -> Node:
    """The tree of `text`; only containers on the way along `path` have children, the others just a value.

    Raises:
        BrokenJson: it is no JSON. Comments and trailing commas are allowed if `comments`.
    """
    return _Reader(text, comments).document(path)


def read(text: str, *, comments: bool = False) -> Any:
    """What `text` says. Raises `BrokenJson` as `parse` does."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return parse(text, comments=comments).value


def _refuse(constant: str) -> None:
    raise ValueError(constant)


# Configurations of some megabytes are common (Claude Code keeps its history there).
_DECODER = json.JSONDecoder(parse_constant=_refuse)


class _Reader:
    def __init__(self, text: str, comments: bool) -> None:
        self.text = text
        self.at = 0
        self.comments = comments
        self.depth = 0

    def document(self, path: tuple[str | int, ...]) -> Node:
        node = self.value(path)
        self.skip()
        if self.at < len(self.text):
            raise self.broken("something follows the end of the value")
        return node

    def broken(self, what: str, at: int | None = None) -> BrokenJson:
        return BrokenJson(self.text, self.at if at is None else at, what)

    def skip(self) -> None:
        """Pass over white space and comments."""
        while True:
            self.at = _match(_SPACE, self.text, self.at)
            if not self.text.startswith(("//", "/*"), self.at):
                return
            if not self.comments:
                raise self.broken("a comment, which this host does not allow")
            end = _match(COMMENT, self.text, self.at)
            if end == self.at:
                raise self.broken("a comment without an end")
            self.at = end

    def value(self, path: tuple[str | int, ...] | None) -> Node:
        """The value that comes next; `path` leads from it to what is looked for, None: nothing is."""
        self.skip()
        opening = self.text[self.at : self.at + 1]
        if opening in ("{", "["):
            if path is None and (node := self.whole()) is not None:
                return node
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise self.broken("nested too deep")
            node = self.container(opening, path)
            self.depth -= 1
            return node
        return self.scalar(_STRING if opening == '"' else _SCALAR)

    def scalar(self, pattern: re.Pattern[str]) -> Node:
        start, end = self.at, _match(pattern, self.text, self.at)
        try:
            value = json.loads(self.text[start:end], parse_constant=_refuse)
        except ValueError:
            raise self.broken("a value was expected") from None
        self.at = end
        return Node(value, start, end)

    def whole(self) -> Node | None:
        """A container that is plain JSON, read at once and without its children."""
        start = self.at
        try:
            value, self.at = _DECODER.raw_decode(self.text, start)
        except (ValueError, RecursionError):
            return None
        return Node(value, start, self.at)

    def container(self, opening: str, path: tuple[str | int, ...] | None) -> Node:
        mapping = opening == "{"
        node = Node({} if mapping else [], self.at, self.at, last=self.at + 1)
        self.at += 1
        while not self.closes(node, "}" if mapping else "]"):
            start = self.at
            name = self.name() if mapping else len(node.children)
            child = self.value(path[1:] if path and path[0] == name else None)
            node.children.append(Child(name, start if mapping else child.start, child))
            if mapping:
                node.value[name] = child.value
            else:
                node.value.append(child.value)
            node.last, node.comma = child.end, False
        return node

    def closes(self, node: Node, closing: str) -> bool:
        """Whether the container ends here; passes over the comma or the bracket."""
        self.skip()
        first = not node.children
        if not first and self.text.startswith(",", self.at):
            node.comma = True
            self.at += 1
            self.skip()
        elif not first and not self.text.startswith(closing, self.at):
            raise self.broken(f"',' or '{closing}' was expected")
        if not self.text.startswith(closing, self.at):
            return False
        if node.comma and not self.comments:
            raise self.broken("a comma before the closing bracket")
        self.at += 1
        node.end = self.at
        return True

    def name(self) -> str:
        if not self.text.startswith('"', self.at):
            raise self.broken("a name in double quotes was expected")
        name = str(self.scalar(_STRING).value)
        self.skip()
        if not self.text.startswith(":", self.at):
            raise self.broken("':' was expected")
        self.at += 1
        return name


def _match(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
