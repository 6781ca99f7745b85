"""What is put into a configuration and taken out again leaves every byte of it as it was.

The texts are drawn: any nesting, any indent, comments wherever the language allows them, either line end,
with and without a last one, with and without other servers.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wavespeed_mcp_server.hosts import HOSTS, Host, Launch, Server, changes, entry_of, started, without
from wavespeed_mcp_server.hosts.syntax import NotAnObject, Unreadable, syntax_named

SERVER = Server(Launch("/opt/Jürgen's/wavespeed-mcp-server"), {"WAVESPEED_MAX_PRICE": "0.5"})
TOML_VALUES = (
    '"a # b"',
    "'c\"'",
    '"""\n[mcp_servers.wavespeed]\nx = 1\n"""',
    "[1, # c\n 2]",
    "{ a = { b = 1 } }",
    "'''x'''''",
    "1979-05-27",
    "nan",
    "0x1F",
    '"\\u00e9\\\\"',
    "[[1], []]",
    '"""q\\""""',
)
# {i} is the indent of what belongs to the key.
YAML_VALUES = (
    "x",
    '"a: # b"',
    "'it''s'",
    "",
    "|\n{i}lit\n{i}# no comment",
    "|+\n{i}kept\n\n",
    ">-\n{i}folded\n{i}on",
    "[a, {b: c}]",
    "{d: e, f: }",
    "{}",
    "~",
    "12",
    "two\n{i}lines",
    "!!str 5",
)
words = st.text("abcxyz_-0 é\"\\/#'{}[]:,\u2028\U0001f600", max_size=6)
plain = st.from_regex(r"[a-z_][a-z0-9_-]{0,6}", fullmatch=True).filter(
    lambda name: name not in ("y", "n", "no", "on", "yes", "off", "true", "null", "false")
)
scalars = st.none() | st.booleans() | st.integers(-9, 99) | st.just(1.5) | words
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def json_texts(draw: st.DrawFn, host: Host) -> str:
    """A configuration of `host`, laid out as somebody may have done."""
    comments = host.syntax == "jsonc"
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    spaces = ["", "", " ", newline, newline + "  ", "\t"]
    if comments:
        spaces += [f' // c, "x": {{  {newline}', " /* a, } */ ", f"{newline}  /* b{newline} */{newline}"]
    space = st.sampled_from(spaces)

    def written(value: Any) -> str:
        if not isinstance(value, (dict, list)):
            return json.dumps(value, ensure_ascii=draw(st.booleans()))
        opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
        parts = (
            [f"{json.dumps(name)}{draw(space)}:{draw(space)}{written(one)}" for name, one in value.items()]
            if isinstance(value, dict)
            else [written(one) for one in value]
        )
        body = ",".join(f"{draw(space)}{part}{draw(space)}" for part in parts)
        trailing = "," if parts and comments and draw(st.booleans()) else ""
        return f"{opening}{body}{trailing}{draw(space)}{closing}"

    data = draw(st.dictionaries(words, trees, max_size=3))
    if draw(st.booleans()):
        data[host.section] = draw(st.dictionaries(words, trees, max_size=3))
    if draw(st.booleans()):
        data["inputs"] = draw(st.lists(trees, max_size=2))
    return draw(space) + written(data) + draw(space)


@st.composite
def toml_texts(draw: st.DrawFn) -> str:
    """A configuration of Codex, laid out as somebody may have done."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    noise = st.sampled_from(["", "# a [b] = {", '  # "', "   ", "\t"])
    values = st.sampled_from(TOML_VALUES)
    headers = st.sampled_from(
        ["[a]", "[ b . 'c d' ]", "[[d]]", '["e"]', "[mcp_servers.x]", "[mcp_servers.y.env]", "[mcp_servers]"]
    )
    lines: list[str] = []
    names = (f"{kind}{number}" for number in range(99) for kind in ("k", '"q.r"-'[:0] + "m", "z.w"))

    def pairs() -> None:
        for _ in range(draw(st.integers(0, 3))):
            lines.append(draw(noise))
            lines.append(f"{next(names)} = {draw(values)}{draw(st.sampled_from(['', ' # c', '  ']))}")

    pairs()
    for header in draw(st.lists(headers, max_size=4, unique=True)):
        lines.append(draw(noise))
        lines.append(header + draw(st.sampled_from(["", " # c"])))
        pairs()
    lines.append(draw(noise))
    ending = draw(st.sampled_from(["", "\n", "\n\n\n"]))
    return ("\n".join(lines) + ending).replace("\n", newline)


@st.composite
def yaml_texts(draw: st.DrawFn) -> str:
    """A configuration of Goose, laid out as somebody may have done."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    step = draw(st.sampled_from([2, 4]))
    values = st.sampled_from(YAML_VALUES)
    noise = st.sampled_from(["", "# c: d", "  # e", "\n", "        # deep"])
    lines: list[str] = []

    def mapping(names: list[str], indent: int, depth: int) -> None:
        for name in names:
            lines.append(draw(noise))
            pad = " " * indent
            kind = draw(st.integers(0, 3)) if depth < 3 else 0
            aside = draw(st.sampled_from(["", " # c"]))
            if kind == 1:
                lines.append(f"{pad}{name}:{aside}")
                mapping(draw(st.lists(plain, min_size=1, max_size=2, unique=True)), indent + step, depth + 1)
            elif kind == 2:
                lines.append(f"{pad}{name}:{aside}")
                dash = " " * draw(st.sampled_from([indent, indent + step]))
                lines.extend(f"{dash}- {one}" for one in draw(st.lists(plain, min_size=1, max_size=2)))
            else:
                value = draw(values).replace("{i}", " " * (indent + step))
                lines.append(f"{pad}{name}: {value}" + (aside if "\n" not in value else ""))

    names = draw(st.lists(plain.filter(lambda name: name != "extensions"), max_size=3, unique=True))
    if draw(st.booleans()):
        names.insert(draw(st.integers(0, len(names))), "extensions")
    if draw(st.integers(0, 9)) == 0:
        lines.append("---")
    mapping(names, 0, 0)
    lines.append(draw(noise))
    ending = draw(st.sampled_from(["", "\n", "\n\n"]))
    if not ending:
        # What follows a block scalar that no line end closes would change its value: that is refused.
        lines.append("last: 1")
    return ("\n".join(lines) + ending).replace("\n", newline)


def texts_of(host: Host) -> st.SearchStrategy[str]:
    """Configurations in the host's language."""
    if host.syntax == "toml":
        return toml_texts()
    return yaml_texts() if host.syntax == "yaml" else json_texts(host)


def readable(text: str, host: Host) -> bool:
    """Whether the host could read a drawn text, and it has servers where they belong."""
    try:
        return entry_of(text, host) is None
    except (Unreadable, NotAnObject):
        return False


@pytest.mark.parametrize("name", HOSTS)
@settings(max_examples=25)
@given(data=st.data())
def test_every_byte_is_as_it_was(name: str, data: st.DataObject) -> None:
    """Put in, put in once more, take out: the second time changes nothing, the end is the beginning."""
    host = HOSTS[name]
    before = data.draw(texts_of(host))
    assume(readable(before, host))
    once = changes(before, host, SERVER)
    assert changes(once, host, SERVER) == once
    entry = entry_of(once, host)
    assert entry is not None and started(entry, host).command == SERVER.launch.command
    # The second run of `install` made no backup; one with other settings does.
    more = changes(once, host, Server(SERVER.launch, {"WAVESPEED_DAILY_BUDGET": "5"}))
    assert without(more, host, [once, before]) == before
    assert entry_of(without(once, host), host) is None


@pytest.mark.parametrize("name", HOSTS)
@settings(max_examples=25)
@given(data=st.data())
def test_what_a_person_adds_in_between_stays(name: str, data: st.DataObject) -> None:
    """Another server, put in after ours by the same means, is there as if ours had never been."""
    host = HOSTS[name]
    before = data.draw(texts_of(host))
    assume(readable(before, host))
    syntax = syntax_named(host.syntax)
    other = (host.section, "another")
    ours = changes(before, host, SERVER)
    assume("another" not in (syntax.read(ours).get(host.section) or {}))
    both = syntax.put(ours, other, {host.command: "other"})
    left = without(both, host, [before])
    expected = syntax.read(syntax.put(before, other, {host.command: "other"}))
    assert repr(syntax.read(left)) == repr(expected)
    alone = syntax.take_out(left, other, before)
    assert repr(syntax.read(alone)) == repr(syntax.read(before))


@pytest.mark.parametrize("name", HOSTS)
@settings(max_examples=15)
@given(data=st.data())
def test_the_lines_that_come_in_end_as_those_of_the_file(name: str, data: st.DataObject) -> None:
    host = HOSTS[name]
    text = data.draw(by_hand(host)).replace("\r", "")
    for newline in ("\n", "\r\n"):
        before = text.replace("\n", newline).replace("wavespeed", "anything").replace("pictures", "anything")
        after = changes(before, host, SERVER)
        assert after.replace(newline, "").count("\n") == after.replace(newline, "").count("\r") == 0
        assert len(after) > len(before)
        # The last line ends, or does not, as it did.
        assert after.endswith(newline)
        if not host.syntax.startswith("json"):
            assert not changes(before.rstrip(newline), host, SERVER).endswith(newline)


@st.composite
def by_hand(draw: st.DrawFn, host: Host) -> str:
    """A configuration with an entry of ours at any place among others, each with comments of its own."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    indent = draw(st.sampled_from(["  ", "    "] if host.syntax == "yaml" else ["  ", "    ", "\t"]))
    mark = "//" if host.syntax in ("json", "jsonc") else "#"
    comments = host.syntax != "json"
    count = draw(st.integers(0, 3))
    ours = draw(st.integers(0, count))
    names = [f"other{at}" for at in range(count)]
    names.insert(ours, draw(st.sampled_from([ENTRY, "pictures"])))
    aside = [f" {mark} {name} is kept" if comments and draw(st.booleans()) else "" for name in names]
    above = [f"{mark} above {name}" if comments and draw(st.booleans()) else "" for name in names]
    lines = []
    for at, name in enumerate(names):
        program = "other" if name.startswith("other") else "/x/wavespeed-mcp-server"
        entry = ENTRIES[host.syntax](host, indent, name, program, at + 1 < len(names))
        outside = [indent * (host.syntax != "toml") + above[at]] if above[at] else []
        lines += [*outside, *entry[:-1], entry[-1] + aside[at]]
    first, last = AROUND[host.syntax]
    return newline.join([first.replace("SECTION", host.section), *lines, last]) + newline


def json_entry(host: Host, indent: str, name: str, program: str, comma: bool) -> list[str]:
    command = json.dumps([program] if host.joined else program)
    value = f'{indent * 2}"{host.command}": {command}'
    return [f'{indent}"{name}": {{', value, indent + "}" + "," * comma]


def toml_entry(host: Host, indent: str, name: str, program: str, comma: bool) -> list[str]:
    return [f"[{host.section}.{name}]", f'{indent}command = "{program}"']


def yaml_entry(host: Host, indent: str, name: str, program: str, comma: bool) -> list[str]:
    return [f"{indent}{name}:", f"{indent * 2}{host.command}: {program}"]


ENTRY = "wavespeed"
ENTRIES = {"json": json_entry, "jsonc": json_entry, "toml": toml_entry, "yaml": yaml_entry}
AROUND = {
    "json": ('{"SECTION": {', "}}"),
    "jsonc": ('{ // top\n  "SECTION": { // servers', "  } // end\n}"),
    "toml": ("a = 1 # top [mcp_servers.x]", ""),
    "yaml": ("a: 1\nSECTION: # servers", "z: 2 # end"),
}


@pytest.mark.parametrize("name", HOSTS)
@settings(max_examples=40)
@given(data=st.data())
def test_of_an_entry_written_by_hand_only_its_own_lines_go(name: str, data: st.DataObject) -> None:
    """Each line about another server, each comment above or beside it, is as it was, in the same order."""
    host = HOSTS[name]
    text = data.draw(by_hand(host))
    changed = changes(text, host, Server(SERVER.launch))
    left = without(changed, host)
    assert entry_of(left, host) is None

    def others(text: str) -> list[str]:
        about = ("other", "top", "servers", "end", "#")
        lines = [line for line in text.split("\n") if any(word in line for word in about)]
        lines = [line for line in lines if "pictures" not in line and ENTRY not in line]
        # A comma belongs to who follows; what is empty now has to say so.
        return [line.rstrip("\r").replace("},", "}").replace(": {}", ":") for line in lines]

    assert others(without(text, host)) == others(left) == others(changed) == others(text)


@pytest.mark.parametrize("name", HOSTS)
def test_a_file_that_held_nothing_else_becomes_empty(name: str) -> None:
    host = HOSTS[name]
    for given_settings in ({}, SERVER.settings):
        text = changes("", host, Server(SERVER.launch, given_settings))
        assert without(text, host) == ""
        assert without(text, host, [""]) == ""
