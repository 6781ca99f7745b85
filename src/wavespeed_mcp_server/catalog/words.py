"""Words as they are compared: split, stemmed, without filler, forgiving of small slips."""

import re
from collections.abc import Iterable

_PIECE = re.compile(r"[a-z]*\d+(?:\.\d+)*[a-z]*|[a-z]+")
_NUMBERED = re.compile(r"([a-z]*?)(v?)(\d+(?:\.\d+)*)([a-z]*)")
_SIDE = (
    "[tivsa]|txt|img|vid|text|prompt|image|photo|picture|pic|sketch|video|clip|audio|speech|voice|music|song"
)
PAIR = re.compile(rf"({_SIDE})2({_SIDE}|3d)")

_STOP = """
a an the i im we you he she it its they my our your me us this that these those which what who how when is
are be am was were do does did can could will would should shall may might must have has had need want
wanna like please help get give find show let lets looking search use using used of for in on at by and or
but so if then than very just some any one ones all also good really there here where about out up off
model models ai tool tools api app generic able way best top great nice new newest latest popular
recommended available something someone anything stuff thing things work works option options possible
super most more other existing given own different make makes making made turn
with under below less than while single kind type s t re ve ll d high higher better mine yours
"""
STOP = frozenset(_STOP.split())

_ENDINGS = "ization ation ating izing ator izer ized ated ate ize ing ed er"
_SUFFIXES = tuple(_ENDINGS.split())
# Words that only look as if they had one of these.
_UNBENT = """
video audio speed need feed wedding king ring sing thing anime matting presentation same
colorize colorise colourize colourise colorized colorizing colorizer colorization
"""
_WHOLE = frozenset(_UNBENT.split())


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
    if word.endswith("cement"):
        word = word[:-4]
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


def corrected(term: str, known: Iterable[str]) -> str | None:
    """The known word that `term` most likely means: one slip away, or two in a long word ending alike."""
    if len(term) < 4 or any(character.isdigit() for character in term):
        return None
    allowed = 1 if len(term) < 7 else 2
    close = (word for word in known if word[0] == term[0] and abs(len(word) - len(term)) <= allowed)
    distance, best = min(((slips(term, word), word) for word in close if len(word) > 3), default=(9, ""))
    return best if distance <= (allowed if best[-1:] == term[-1] else 1) else None


def slips(one: str, other: str) -> int:
    """How many letters are missing, extra, wrong, or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i] + [0] * len(other)
        for j, wanted in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                row[j] = min(row[j], earlier[j - 2] + 1)
    return row[-1]


def _split(piece: str) -> list[str]:
    if piece.isalpha() or PAIR.fullmatch(piece) or piece in ("mp3", "mp4"):
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
