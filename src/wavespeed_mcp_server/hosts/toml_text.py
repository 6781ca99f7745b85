"""Changes to a TOML text that leave every other character as it was.

A table is added as lines at the end, and taken out as the statements that belong to it, so that the rest is
never written anew. tomlkit writes the values, and changes what lies inside an inline table: it is shown that
one statement alone, because in a whole document it brings tables together that stood apart.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .syntax import NotAnObject, Unreadable

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'|"
    r"#[^\n]*|[\[\]{}]|\n|[^\"'#\[\]{}\n]+",
    re.DOTALL,
)
_KEY = re.compile(r'\s*("(?:\\.|[^"\\])*"|' + r"'[^']*'|[A-Za-z0-9_-]+)\s*([.=\]]?)")
_SPACE_AT_END = re.compile(r"\s*\}\Z")
_BREAK = r"\r?\n"
_BLANK_LINE_BEFORE = re.compile(rf"{_BREAK}{_BREAK}\Z")
_BREAK_BEFORE = re.compile(rf"{_BREAK}\Z")


@dataclass(frozen=True)
class _Statement:
    """A line that says something, or several: a header, or a key and its value.

    It is about `path`, and what follows it about the table of its first `table` parts; it begins at `start`,
    and ends at `end`, or with the comment beside it at `line_end`.
    """

    path: tuple[str, ...]
    header: bool
    table: int
    start: int
    end: int
    line_end: int


class TomlText:
    """TOML, as Codex reads it."""

    def read(self, text: str) -> dict[str, Any]:
        """See `Syntax.read`."""
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise Unreadable(str(error)) from error

    def put(self, text: str, path: tuple[str, ...], value: Any) -> str:
        """See `Syntax.put`."""
        present, found = 0, self.read(text)
        for name in path:
            if not isinstance(found, dict):
                raise NotAnObject(f"`{'.'.join(path[:present])}` is not what it should be")
            if name not in found:
                break
            present, found = present + 1, found[name]
        if present == len(path) and found == value:
            return text
        changed = _set(text, path, value)
        if changed is None or not self._says(changed, path, value):
            raise NotAnObject(f"`{'.'.join(path)}` stands where it cannot be changed")
        return changed

    def take_out(self, text: str, path: tuple[str, ...], before: str | None) -> str:
        """See `Syntax.take_out`."""
        for start, end in reversed(list(_spans(text, path))):
            text = text[:start] + text[end:]
        inline = next(_around(text, path), None)
        if inline is not None:
            text = _inside(text, inline, path, None)
        return before if before is not None and not before.strip() and not text.strip() else text

    def _says(self, text: str, path: tuple[str, ...], value: Any) -> bool:
        try:
            found: Any = self.read(text)
            for name in path:
                found = found[name]
        except (Unreadable, KeyError, TypeError):
            return False
        return bool(found == value)


def _set(text: str, path: tuple[str, ...], value: Any) -> str | None:
    """`text` with the value at `path` set where it is written or belongs; None if that is nowhere."""
    statements = list(_statements(text))
    own = next((one for one in statements if one.path == path and not one.header), None)
    if own is not None:
        equals = re.compile(r"=[ \t]*").search(text, _end_of_key(text, own.start))
        return text[: equals.end()] + _written(value) + text[own.end :] if equals else None
    inline = next(_around(text, path), None)
    if inline is not None:
        return _inside(text, inline, path, value)
    if isinstance(value, dict):
        return _with_lines(text, _table(path, value))
    after = _last_beside(statements, path)
    if after is None:
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f"{_dotted(path[after.table :])} = {_written(value)}"
    return text[: after.line_end] + newline + line + text[after.line_end :]


def _last_beside(statements: list[_Statement], path: tuple[str, ...]) -> _Statement | None:
    """The last statement of the table in which `path` belongs: below its header or, where it has none, of its
    dotted keys."""
    table, below = path[:-1], False
    last = dotted = None
    for one in statements:
        below = one.path == table if one.header else below
        last = one if below else last
        dotted = one if not one.header and one.path[: len(table)] == table else dotted
    return last or dotted


def _around(text: str, path: tuple[str, ...]) -> Iterator[_Statement]:
    """The statement whose inline table holds `path`."""
    for one in _statements(text):
        inner = path[len(one.path) :]
        if not one.header and inner and one.path == path[: len(one.path)]:
            yield one


def _inside(text: str, inline: _Statement, path: tuple[str, ...], value: Any) -> str:
    """`text` with one value set inside an inline table, or (None) taken out of it."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document: Any = tomlkit.parse(text[inline.start : inline.end])
        table = document
        for name in _names(text[inline.start : inline.end]):
            table = table[name]
        inner = path[len(inline.path) :]
        for name in inner[:-1]:
            table = table[name]
        if value is None:
            table.pop(inner[-1], None)
        else:
            table[inner[-1]] = tomlkit.parse(f"v = {_written(value)}")["v"]
        # tomlkit leaves white space behind where the last one was taken out.
        ending = _SPACE_AT_END.search(text[: inline.end])
        written = _SPACE_AT_END.sub(ending.group() if ending else "}", tomlkit.dumps(document))
        return text[: inline.start] + written + text[inline.end :]
    except (TOMLKitError, KeyError, TypeError, AttributeError) as error:
        raise NotAnObject(f"`{'.'.join(path)}` stands where it cannot be changed") from error


def _with_lines(text: str, lines: list[str]) -> str:
    """`text` with `lines` after a blank line at its end, and a last line that ends or not, as before."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if not text:
        return newline.join(lines) + newline
    ending = _BREAK_BEFORE.search(text)
    at = ending.start() if ending else len(text)
    return text[:at] + newline * 2 + newline.join(lines) + text[at:]


def _table(path: tuple[str, ...], value: dict[str, Any]) -> list[str]:
    """The lines of a table and of the tables in it."""
    lines = [f"[{_dotted(path)}]"]
    lines += [_line(name, part) for name, part in value.items() if not isinstance(part, dict)]
    for name, part in value.items():
        if isinstance(part, dict):
            lines += ["", *_table((*path, name), part)]
    return lines


def _line(name: str, value: Any) -> str:
    return f"{_dotted((name,))} = {_written(value)}"


def _dotted(path: tuple[str, ...]) -> str:
    import tomlkit

    return ".".join(tomlkit.key(name).as_string() for name in path)


def _written(value: Any) -> str:
    """A value on one line."""
    import tomlkit

    if isinstance(value, dict):
        inner = ", ".join(_line(name, part) for name, part in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    written: str = tomlkit.item(value).as_string()
    return written


def _spans(text: str, path: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The characters of all that belongs to the table at `path`, with the line breaks before it."""
    run: list[_Statement] = []
    for statement in [*_statements(text), None]:
        if statement is not None and statement.path[: len(path)] == path:
            run.append(statement)
        elif run:
            yield _widened(text, run[0], run[-1].line_end)
            run = []


def _widened(text: str, first: _Statement, end: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, first.start) + 1
    blank = _BLANK_LINE_BEFORE.search(text, 0, start) if first.header else None
    found = blank or _BREAK_BEFORE.search(text, 0, start)
    if found:
        return found.start(), end
    following = re.compile(_BREAK).match(text, end)
    return start, following.end() if following else end


def _statements(text: str) -> Iterator[_Statement]:
    """Every statement of a text that is TOML, in order, with the path of what it is about."""
    table: tuple[str, ...] = ()
    for start, end, line_end in _lines_that_say_something(text):
        written = text[start:end]
        header = written.startswith("[")
        names = _names(written.lstrip("[") if header else written)
        if header:
            table = names
        path = names if header else table + names
        yield _Statement(path, header, len(table), start, end, line_end)


def _lines_that_say_something(text: str) -> Iterator[tuple[int, int, int]]:
    """Where each statement begins, and where it ends without and with the comment beside it."""
    start: int | None = None
    end = line_end = depth = 0
    for found in _TOKEN.finditer(text):
        token = found.group()
        if token == "\n" and depth == 0:
            if start is not None:
                yield start, end, line_end
            start = None
        elif start is None and (token.startswith("#") or not token.strip()):
            continue
        elif token.strip():
            start = found.start() + len(token) - len(token.lstrip()) if start is None else start
            line_end = found.start() + len(token.rstrip())
            end = end if token.startswith("#") else line_end
            depth += (token in "[{") - (token in "]}")
    if start is not None:
        yield start, end, line_end


def _end_of_key(text: str, at: int) -> int:
    """Where the dotted key that begins at `at` ends."""
    while (found := _KEY.match(text, at)) and found.group(2) == ".":
        at = found.end()
    return found.end(1) if found else at


def _names(written: str) -> tuple[str, ...]:
    """The parts of the dotted key that `written` begins with."""
    names: list[str] = []
    at = 0
    while found := _KEY.match(written, at):
        (name,) = tomllib.loads(f"{found.group(1)} = 0")
        names.append(name)
        at = found.end()
        if found.group(2) != ".":
            break
    return tuple(names)
