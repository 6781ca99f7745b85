"""Words as they are compared: split, stemmed, without filler, forgiving of small slips."""

import re
from collections.abc import Container, Iterator

_PIECE = re.compile(r"[a-z]*\d+(?:\.\d+)*[a-z]*|[a-z]+")
_NUMBERED = re.compile(r"([a-z]*?)(v?)(\d+(?:\.\d+)*)([a-z]*)")
_SHORTHAND = re.compile(
    r"(?:t|i|v|s|a|txt|img|vid|text|image|video|audio)2(?:t|i|v|a|txt|img|vid|text|image|video|audio|3d)"
)

_STOP = """
a an the i im we you he she it its they my our your me us this that these those which what who how when is
are be am was were do does did can could will would should shall may might must have has had need want
wanna like please help get give find show let lets looking search use using used of for in on at by and or
but so if then than very just some any one ones all also good really there here where about out up off
model models ai tool tools api app generic able way best top great nice new newest latest popular
recommended available something someone anything stuff thing things work works option options possible
super most more other existing given own single kind type s t re ve ll d high higher better mine yours
"""
STOP = frozenset(_STOP.split())

_SUFFIXES = (
    "ization",
    "ation",
    "ating",
    "izing",
    "ator",
    "izer",
    "ized",
    "ated",
    "ate",
    "ize",
    "ing",
    "ed",
    "er",
)
_WHOLE = frozenset(
    ("video", "audio", "speed", "need", "feed", "wedding", "king", "ring", "sing", "thing", "anime")
)


def pieces(text: str) -> list[str]:
    """Lower-case words and numbers: `kling-v2.6-pro` is kling, 2.6, pro; `hunyuan3d` is hunyuan, 3d."""
    found: list[str] = []
    for piece in _PIECE.findall(text.lower().replace("'s ", " ")):
        found.extend(_split(piece))
    return found


def stem(word: str) -> str:
    """The part that word forms share: remover, removal, removing and removed are all remov."""
    if len(word) < 4 or any(character.isdigit() for character in word) or word in _WHOLE:
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith("es") and word[-4:-2] in ("ch", "sh", "ss"):
        word = word[:-2]
    elif word.endswith("s") and word[-2] not in "sui":
        word = word[:-1]
    if word.endswith("val"):
        return word[:-2]
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            return word
    if word.endswith("tor") and len(word) > 5:
        return word[:-2]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def terms(text: str) -> list[str]:
    """The stems of the words of a text, stop words left out."""
    return [stem(piece) for piece in pieces(text) if piece not in STOP]


def slips(word: str) -> Iterator[str]:
    """Every string one small slip away: a letter missing, doubled, swapped or wrong."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    for left, right in splits:
        if right:
            yield left + right[1:]
        if len(right) > 1:
            yield left + right[1] + right[0] + right[2:]
        for letter in letters:
            if right:
                yield left + letter + right[1:]
            yield left + letter + right


def corrected(word: str, known: Container[str]) -> str | None:
    """The known word that `word` most likely means: one slip away, or two in a longer word."""
    if len(word) < 5 or any(character.isdigit() for character in word):
        return None
    first = [slip for slip in slips(word) if slip in known]
    if first:
        return max(first, key=lambda slip: (slip[:1] == word[:1], len(slip)))
    if len(word) < 7:
        return None
    # Two slips: two letters dropped or swapped covers most, without trying every pair.
    for once in {slip for slip in slips(word) if len(slip) <= len(word)}:
        for index in range(len(once)):
            if (shorter := once[:index] + once[index + 1 :]) in known:
                return shorter
    return None


def _split(piece: str) -> list[str]:
    if piece.isalpha() or _SHORTHAND.fullmatch(piece) or piece in ("mp3", "mp4"):
        return [piece]
    match = _NUMBERED.fullmatch(piece)
    if match is None:
        return [piece]
    name, _, digits, unit = match.groups()
    if len(name) == 1 and name != "v":
        return [piece]
    value = plain_number(digits) + unit
    return [name, value] if name else [value]


def plain_number(digits: str) -> str:
    """`3.0` and `03` are 3, as people write versions."""
    parts = [str(int(part)) for part in digits.split(".")]
    while len(parts) > 1 and parts[-1] == "0":
        parts.pop()
    return ".".join(parts)
