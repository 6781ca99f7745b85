"""Changes to a YAML text that leave every other character as it was.

ruamel.yaml says where each value stands; the text itself is cut and joined, never written anew.
"""

from __future__ import annotations

import copy
import json
import re
from functools import lru_cache
from typing import Any

from .syntax import NotAnObject, Unreadable

_PLAIN = re.compile(r"[A-Za-z_][\w-]*\Z")
_BREAK_BEFORE = re.compile(r"\r?\n\Z")
_BREAK = re.compile(r"\r?\n")
_ALIAS = re.compile(r"\*[^\s,\[\]{}]+")
_REST_OF_LINE = re.compile(r"[^\r\n]*")
_STEP = 2
Pair = tuple[Any, Any]


class YamlText:
    """YAML, as Goose reads it: one document, a mapping."""

    def read(self, text: str) -> dict[str, Any]:
        """See `Syntax.read`."""
        found = copy.deepcopy(_parsed(text)[1])
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise NotAnObject("the file holds no mapping")
        return found

    def put(self, text: str, path: tuple[str, ...], value: Any) -> str:
        """See `Syntax.put`."""
        mapping, pair, depth = _parsed(text)[0], None, 0
        while depth < len(path):
            if not _is_mapping(mapping):
                break
            found = _pair(mapping, path[depth])
            if found is None:
                break
            pair, mapping, depth = found, found[1], depth + 1
        if depth == len(path) and pair is not None:
            if self._value(text, path) == value:
                return text
            written = f"{_key(path[-1])}: {_flow(value)}"
            return text[: pair[0].start_mark.index] + written + text[_pair_end(text, pair) :]
        for name in reversed(path[depth + 1 :]):
            value = {name: value}
        return _added(text, mapping, pair, path[:depth], path[depth], value)

    def take_out(self, text: str, path: tuple[str, ...], before: str | None) -> str:
        """See `Syntax.take_out`."""
        text = _cut(text, path)
        known = self._known(before)
        for depth in range(len(path) - 1, 0, -1):
            if self._value(text, path[:depth]):
                break
            if known is not None and not _has(known, path[:depth]):
                text = _cut(text, path[:depth])
            else:
                text = _emptied(text, path[:depth], before if known is not None else None)
        return before if before is not None and not before.strip() and not text.strip() else text

    def _value(self, text: str, path: tuple[str, ...]) -> Any:
        return _value_of(self.read(text), path)

    def _known(self, before: str | None) -> dict[str, Any] | None:
        try:
            return None if before is None else self.read(before)
        except (Unreadable, NotAnObject):
            return None


def _has(data: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(data, dict) or name not in data:
            return False
        data = data[name]
    return True


def _value_of(data: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        data = data[name] if isinstance(data, dict) and name in data else None
    return data


@lru_cache(maxsize=4)
def _parsed(text: str) -> tuple[Any, Any]:
    """The node of a text, and what it says; neither is to be changed. A long text takes seconds to scan."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        yaml = YAML(typ="safe", pure=True)
        node = yaml.compose(text)
        # Merges (`<<`) are written into the nodes that are read, and copying those takes as long as the scan.
        read = copy.deepcopy(node) if "<<" in text else node
        return node, None if read is None else yaml.constructor.construct_document(read)
    except (YAMLError, ValueError) as error:
        raise Unreadable(" ".join(str(error).split())) from error


def _is_mapping(node: Any) -> bool:
    return node is not None and node.tag == "tag:yaml.org,2002:map" and isinstance(node.value, list)


def _is_nothing(node: Any) -> bool:
    return node is None or node.tag == "tag:yaml.org,2002:null"


def _pair(mapping: Any, name: str) -> Pair | None:
    return next((pair for pair in mapping.value if pair[0].value == name), None)


def _found(text: str, path: tuple[str, ...]) -> tuple[Any, Pair]:
    """The pair at `path`, which is there, and the mapping it stands in."""
    mapping = _parsed(text)[0]
    for name in path[:-1]:
        mapping = _pair(mapping, name)[1]  # type: ignore[index]
    pair = _pair(mapping, path[-1])
    if pair is None:
        raise NotAnObject(f"`{'.'.join(path)}` stands where it cannot be changed")
    return mapping, pair


def _end(text: str, node: Any) -> int:
    """Where what a value is written in ends, without the line breaks and comments that follow."""
    end = int(node.end_mark.index)
    if isinstance(node.value, list):
        if not node.value or node.flow_style:
            return end
        end = int(node.start_mark.index)
        for one in node.value if node.tag != "tag:yaml.org,2002:map" else node.value[-1:]:
            end = _pair_end(text, one) if isinstance(one, tuple) else _item_end(text, one, end)
        return end
    if node.start_mark.index == end:
        return len(text[:end].rstrip())
    written = text[node.start_mark.index : end]
    if not written.startswith(("|", ">")):
        return end
    ending = _BREAK_BEFORE.search(written)
    keeps = "+" in written.split("\n", 1)[0]
    kept = (ending.start() if ending else len(written)) if keeps else len(written.rstrip())
    return int(node.start_mark.index) + kept


def _ends_in_block_scalar(node: Any) -> bool:
    while isinstance(node.value, list) and node.value and not node.flow_style:
        node = node.value[-1][1] if isinstance(node.value[-1], tuple) else node.value[-1]
    return getattr(node, "style", None) in ("|", ">")


def _pair_end(text: str, pair: Pair) -> int:
    """Where a key and its value end; of a key without a value, after the colon."""
    key, value = pair
    if value.start_mark.index < key.start_mark.index:
        return _item_end(text, value, key.end_mark.index)
    if value.start_mark.index < value.end_mark.index:
        return _end(text, value)
    colon = re.compile(r"[ \t]*:").match(text, key.end_mark.index)
    return colon.end() if colon else int(key.end_mark.index)


def _item_end(text: str, node: Any, after: int) -> int:
    """Where a value ends that follows `after`: an alias stands for a node from further up."""
    alias = _ALIAS.search(text, after) if node.start_mark.index < after else None
    return alias.end() if alias else _end(text, node)


def _line_end(text: str, at: int) -> int:
    found = _REST_OF_LINE.match(text, at)
    return found.end() if found else at


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _added(text: str, mapping: Any, pair: Pair | None, path: tuple[str, ...], name: str, value: Any) -> str:
    """`text` with one more pair in `mapping`, which is the value of `pair` (of none: the whole document)."""
    if _is_mapping(mapping) and mapping.flow_style:
        return _added_in_flow(text, mapping, name, value)
    newline = _newline(text)
    if _is_mapping(mapping):
        at, indent = _line_end(text, _end(text, mapping)), mapping.value[0][0].start_mark.column
        if at == len(text) and _ends_in_block_scalar(mapping):
            # A line after it would end its last line, which is part of what it says.
            at = mapping.value[-1][0].start_mark.index - indent
            return text[:at] + newline.join([*_block(name, value, indent), ""]) + text[at:]
    elif pair is not None and _is_nothing(mapping) and text[mapping.start_mark.index : _end(text, mapping)]:
        return text[: mapping.start_mark.index] + _flow({name: value}) + text[_end(text, mapping) :]
    elif _is_nothing(mapping) and pair is not None:
        at, indent = _line_end(text, pair[0].end_mark.index), pair[0].start_mark.column + _STEP
    elif _is_nothing(mapping):
        ending = _BREAK_BEFORE.search(text)
        at, indent = ending.start() if ending else len(text), 0
    else:
        raise NotAnObject(
            f"`{'.'.join(path)}` is not what it should be" if path else "the file holds no mapping"
        )
    lines = newline.join(_block(name, value, indent))
    return text[:at] + newline + lines + text[at:] if text else lines + newline


def _added_in_flow(text: str, mapping: Any, name: str, value: Any) -> str:
    """`text` with one more pair between the brackets of `mapping`."""
    at, comma = mapping.start_mark.index + 1, ""
    if mapping.value:
        last = mapping.value[-1]
        empty = last[1].start_mark.index == last[1].end_mark.index
        at, comma = mapping.end_mark.index - 1 if empty else _pair_end(text, last), ", "
    return text[:at] + comma + _flow({name: value})[1:-1] + text[at:]


def _cut(text: str, path: tuple[str, ...]) -> str:
    """`text` without the pair at `path`, and without the line break or the comma before it."""
    mapping, pair = _found(text, path)
    start, end = pair[0].start_mark.index, _pair_end(text, pair)
    if mapping.flow_style:
        index = next(at for at, one in enumerate(mapping.value) if one is pair)
        if index:
            return text[: text.rindex(",", 0, start)] + text[end:]
        if len(mapping.value) > 1:
            return text[:start] + text[mapping.value[1][0].start_mark.index :]
        return text[:start] + text[end:]
    start, end = text.rfind("\n", 0, start) + 1, _line_end(text, end)
    found = _BREAK_BEFORE.search(text, 0, start)
    if found:
        return text[: found.start()] + text[end:]
    following = _BREAK.match(text, end)
    return text[:start] + text[following.end() if following else end :]


def _emptied(text: str, path: tuple[str, ...], before: str | None) -> str:
    """`text` with what stood in the place of a value that is empty now, or else an empty mapping."""
    _, pair = _found(text, path)
    start, end = pair[0].end_mark.index, _pair_end(text, pair)
    written = ": {}" if _is_nothing(pair[1]) else text[start:end]
    if before is not None:
        _, was = _found(before, path)
        if not was[1].value or _is_nothing(was[1]):
            written = before[was[0].end_mark.index : _pair_end(before, was)]
    return text[:start] + written + text[end:]


def _block(name: str, value: Any, indent: int) -> list[str]:
    """The lines of a pair in block style."""
    if not isinstance(value, dict) or not value:
        return [f"{' ' * indent}{_key(name)}: {_flow(value)}"]
    lines = [f"{' ' * indent}{_key(name)}:"]
    for part, inner in value.items():
        lines += _block(part, inner, indent + _STEP)
    return lines


def _key(name: str) -> str:
    return name if _PLAIN.match(name) else _flow(name)


def _flow(value: Any) -> str:
    """A value on one line. What JSON writes is YAML, but for characters that YAML takes for line breaks."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in text)
