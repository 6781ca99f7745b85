"""Words as they are compared: without accents, split, stemmed, close to one that is known."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

_PIECE = re.compile(r"[a-z]*\d+(?:\.\d+)*[a-z]*|[a-z]+")
_NUMBERED = re.compile(r"([a-z]*?)(v?)(\d+(?:\.\d+)*)([a-z]*)")
_VULGAR = re.compile("[\u00bc-\u00be]")
_LATIN = re.compile(r"[a-z]{2}")
_SIDE = (
    "[tivsa]|txt|img|vid|text|prompt|image|photo|picture|pic|sketch|video|clip|audio|speech|voice|music|song"
)
_LETTERS = {
    "t": "text",
    "i": "image",
    "v": "video",
    "a": "audio",
    "s": "speech",
    "img": "image",
    "vid": "video",
}
_PAIR = re.compile(rf"({_SIDE})2({_SIDE}|3d)")

_ENDINGS = "ization ation ating izing ator izer ized ated ate ize ing ed er"
_SUFFIXES = tuple(_ENDINGS.split())
# Words that only look as if they had one of these.
_UNBENT = """
video audio speed need feed wedding king ring sing thing anime matting presentation same
colorize colorise colourize colourise colorized colorizing colorizer colorization
"""
_WHOLE = frozenset(_UNBENT.split())


def fold(text: str) -> str:
    """Lower case, without accents, on one line."""
    plain = text.lower()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", _VULGAR.sub(r" \g<0>", plain))
        plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(plain.split())


def is_foreign(folded: str) -> bool:
    """Whether a text has words, but none in Latin letters."""
    return not _LATIN.search(folded) and any(ord(letter) > 127 and letter.isalpha() for letter in folded)


def pieces(folded: str) -> list[str]:
    """Words and numbers: `kling-v2.6-pro` is kling, 2.6, pro; `hunyuan3d` is hunyuan, 3d."""
    found: list[str] = []
    for piece in _PIECE.findall(folded.replace("'s ", " ")):
        found += _split(piece)
    return found


def stems(folded: str) -> list[str]:
    """The stems of the pieces of a text."""
    return [stem(piece) for piece in pieces(folded)]


@cache
def stem(word: str) -> str:
    """The part that word forms share: remover, removal, removing and removed are all remov."""
    if len(word) < 4 or not word.isalpha() or word in _WHOLE:
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
    for suffix in _SUFFIXES if word.endswith(_SUFFIXES) else ():
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz" else word
    if word.endswith("tor") and len(word) > 5:
        return word[:-2]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def closest(word: str, known: Iterable[str], likeness: float) -> str | None:
    """The known word that `word` is most probably a slip of."""
    if len(word) < (5 if likeness < 0.85 else 6) or not word.isalpha():
        return None
    import difflib  # only a slip needs it

    near = [other for other in known if other[:1] == word[0] and abs(len(other) - len(word)) <= 2]
    return next(iter(difflib.get_close_matches(word, near, 1, likeness)), None)


@cache
def _split(piece: str) -> tuple[str, ...]:
    if pair := _PAIR.fullmatch(piece):
        return (piece,) if len(piece) == 3 else (_side(pair[1]), "to", _side(pair[2]))
    if piece.isalpha() or piece in ("mp3", "mp4"):
        return (piece,)
    match = _NUMBERED.fullmatch(piece)
    if match is None:
        return (piece,)
    name, _, digits, unit = match.groups()
    if len(name) == 1 and name != "v":
        return (piece,)
    value = plain_number(digits) + unit
    return (name, value) if name else (value,)


def _side(word: str) -> str:
    return _LETTERS.get(word, word)


def plain_number(digits: str) -> str:
    """`3.0` and `03` are 3, as people write versions."""
    parts = [str(int(part)) for part in digits.split(".")]
    while len(parts) > 1 and parts[-1] == "0":
        parts.pop()
    return ".".join(parts)
