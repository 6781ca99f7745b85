"""What people and agents type into a model search, and what would satisfy them: the lists in `lists/`.

None of their lines is an example of the search itself; a test holds that. A line is

    QUERY :: PATTERN :: CONDITIONS

where the line `TYPE MODEL_ID` of a right answer matches the pattern (NONE: nothing may be found), and all
conditions hold, each read from the raw entry:

    $<=0.05     a base price of at most that          cheap       among the cheapest of what matches
    has:RE      an input whose name matches           val:X       an input that offers this value
    can:A|B     one of these as value, in the id, or a free size
    sec:N       a duration of N seconds is allowed     n:N         N outputs at once
    imgs:N      a list that takes N images             vid         takes a video
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Entry = dict[str, Any]

LISTS = Path(__file__).with_name("lists")


@dataclass(frozen=True)
class Wish:
    """`kind` is the heading that the wish stands under."""

    kind: str
    query: str
    pattern: str
    conditions: tuple[str, ...]

    def right(self, entries: list[Entry]) -> set[str]:
        """The ids of the models that satisfy it."""
        fitting = [one for one in entries if re.search(self.pattern, f"{one['type']} {one['model_id']}")]
        return {
            one["model_id"] for one in fitting if all(_holds(one, cond, fitting) for cond in self.conditions)
        }


def read(name: str) -> list[Wish]:
    """The wishes of one list."""
    return list(_wishes((LISTS / f"{name}.txt").read_text(encoding="utf-8")))


def _wishes(text: str) -> Iterator[Wish]:
    kind = ""
    for line in text.splitlines():
        if line.startswith("# "):
            kind = line[2:]
        elif line.strip():
            query, pattern, *conditions = line.split(" :: ")
            yield Wish(kind, query, pattern, tuple(" ".join(conditions).split()))


def _holds(entry: Entry, condition: str, fitting: list[Entry]) -> bool:
    name, _, wanted = condition.partition(":")
    if condition.startswith("$<="):
        return entry["base_price"] is not None and entry["base_price"] <= float(condition[3:])
    if name == "cheap":
        prices = sorted(one["base_price"] for one in fitting if one["base_price"])
        return bool(entry["base_price"] <= prices[min(len(prices) - 1, max(4, len(prices) // 20))])
    return _CHECKS[name](entry, _properties(entry), wanted)


def _properties(entry: Entry) -> dict[str, Entry]:
    schemas = entry["api_schema"]["api_schemas"]
    return next((one["request_schema"]["properties"] for one in schemas if one["type"] == "model_run"), {})


def _values(rule: Entry) -> list[str]:
    items = rule.get("items") if isinstance(rule.get("items"), dict) else {}
    listed = rule.get("enum") or rule.get("x-enum") or (items or {}).get("enum") or []
    return [str(value).lower() for value in listed]


def _can(entry: Entry, rules: dict[str, Entry], wanted: str) -> bool:
    values = wanted.lower().split("|")
    offered = {
        value for rule in rules.values() for value in [*_values(rule), str(rule.get("default")).lower()]
    }
    free = "size" in rules and not _values(rules["size"]) and any("*" in value for value in values)
    return free or any(value in offered or value in entry["model_id"].lower() for value in values)


def _seconds(_: Entry, rules: dict[str, Entry], wanted: str) -> bool:
    for key, rule in rules.items():
        values, high = _values(rule), rule.get("maximum")
        if "duration" not in key and key != "seconds":
            continue
        if wanted in values:
            return True
        if not values and high is not None and (rule.get("minimum") or 0) <= int(wanted) <= high:
            return True
    return False


def _outputs(_: Entry, rules: dict[str, Entry], wanted: str) -> bool:
    counts = [rules[key] for key in ("num_images", "max_images", "n") if key in rules]
    return any((rule.get("maximum") or 0) >= int(wanted) for rule in counts)


def _images(_: Entry, rules: dict[str, Entry], wanted: str) -> bool:
    lists = [rule for key, rule in rules.items() if rule.get("type") == "array" and "image" in key]
    return any((rule.get("maxItems") or 99) >= int(wanted) for rule in lists)


_CHECKS: dict[str, Callable[[Entry, dict[str, Entry], str], bool]] = {
    "has": lambda _, rules, wanted: any(re.search(wanted, key) for key in rules),
    "val": lambda _, rules, wanted: any(wanted.lower() in _values(rule) for rule in rules.values()),
    "can": _can,
    "sec": _seconds,
    "n": _outputs,
    "imgs": _images,
    "vid": lambda _, rules, __: "video" in rules,
}
