"""Amounts of time and of money as people and models write them."""

from __future__ import annotations

import re

UNIT_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
SECONDS_FORMS = "seconds, such as 60, 60s, 2 min or 1h"
DOLLARS_FORMS = "USD, such as 0.20, $0.20 or 20 cents"
_COUNTED = "one two three four five six seven eight nine ten eleven twelve"
WORDS = {word: count for count, word in enumerate(_COUNTED.split(), 1)}
_NUMBERS = {"a": 1, "an": 1, **WORDS}
_UNIT = r"s(?:ecs?|econds?)?|m(?:ins?|inutes?)?|h(?:rs?|ours?)?|d(?:ays?)?|w(?:eeks?)?"
_PART = re.compile(
    rf"((?:half an?|{'|'.join(_NUMBERS)})(?=[ -])|\d+(?:[.,]\d+)?|\.\d+)[ -]?({_UNIT})(?![a-z])"
)
_HALF_MORE = re.compile(rf"(\w+) ({_UNIT}) and a half\b")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)")
_AT_MOST = re.compile(r"^(?:under|below|less than|at most|up to|no more than|max(?:imum)?\.?|<=?|≤)\s*")
_DOLLAR = r"us\$|\$|usd|us dollars?|dollars?|bucks?"
_MONEY = re.compile(
    rf"(?:{_DOLLAR})?\s*(\d[\d.,]*|\.\d+|{'|'.join(_NUMBERS)})\s*({_DOLLAR}|us cents?|cents?|ct|c|¢)?"
)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+\.\d+|[1-9]\d{0,2}(?:\.\d{3})+,\d+")


def seconds(text: str) -> float:
    """`90`, `90s`, `1.5 min`, `1h30m`, `1:30`, `half an hour`: seconds, never below 0.

    Raises:
        ValueError: it is no such time.
    """
    given = " ".join(text.lower().split())
    if given[:1] in "+.0123456789" and "_" not in given:
        try:
            return float(given)
        except ValueError:
            pass
    if clock := _CLOCK.fullmatch(given):
        return int(clock[1] or 0) * 3600.0 + int(clock[2]) * 60.0 + int(clock[3])
    rest = re.sub(r"^(?:for|pt(?=\d))\s*", "", _HALF_MORE.sub(r"\1 \2 half a \2", given))
    parts = list(_PART.finditer(rest))
    between = re.sub(r"\band\b|[\s,]", "", _PART.sub("", rest))
    if not parts or between:
        raise ValueError(f"must be {SECONDS_FORMS}")
    return sum(_number(one[1]) * UNIT_SECONDS[one[2][0]] for one in parts)


def dollars(text: str) -> float:
    """`0.2`, `$0.20`, `0,20 USD`, `20 cents`, `under $1`: USD.

    Raises:
        ValueError: it is no such amount, or it may be either of two.
    """
    given = _AT_MOST.sub("", " ".join(text.lower().split()))
    found = _MONEY.fullmatch(given)
    if not found:
        raise ValueError(f"must be {DOLLARS_FORMS}")
    if _THOUSANDS.fullmatch(found[1]):
        point = max(found[1].rfind("."), found[1].rfind(","))
        number = float(re.sub(r"[.,]", "", found[1][:point]) + "." + found[1][point + 1 :])
    elif re.fullmatch(r"[1-9]\d{0,2},\d{3}", found[1]) or len(re.findall(r"[.,]", found[1])) > 1:
        raise ValueError(f"must be {DOLLARS_FORMS}, with a point before the cents")
    else:
        number = _number(found[1])
    return round(number / 100, 6) if (found[2] or "$")[:4] in CENTS else number


CENTS = {"c", "ct", "¢", "cent", "us c"}


def _number(word: str) -> float:
    if word.startswith("half"):
        return 0.5
    return _NUMBERS[word] if word in _NUMBERS else float(word.replace(",", "."))
