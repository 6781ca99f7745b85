"""Which models fit a wish, best first.

A query becomes a few wants: tasks it names, media it turns into each other, and the words left over. A model's
fit is the share of the wants it meets; `sort_order` decides between equals, and what fits much worse than the
best is left out.
"""

import math
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from . import tasks
from .index import Index, Postings
from .words import STOP, corrected, pieces, stem

KEEP = 0.72
MAIN = 3.0
PROMINENCE = 0.08
CHEAPNESS = 0.25
HINT = 0.55
FAMILY = 0.25
MENTION = 0.35

_MEDIA_WORDS = {
    "image": "image picture photo pic img portrait selfie drawing sketch illustration art artwork wallpaper photograph "
    "painting poster logo icon thumbnail headshot still photography",
    "video": "video clip movie film footage vid animation gif reel cinematic cinema",
    "audio": "audio voice speech sound song music mp3 wav recording podcast track narration",
    "text": "text prompt word script description sentence txt lyric comment message",
    "3d": "3d mesh glb obj fbx stl",
}
_MEDIUM = {stem(word): medium for medium, words in _MEDIA_WORDS.items() for word in words.split()}
_TURN = frozenset(("to", "into", "as"))
_ANIMATE = frozenset(
    map(stem, ("animate", "animated", "alive", "animating", "animation", "move", "moving", "life"))
)
_PLAIN = frozenset(
    map(stem, ("image", "picture", "photo", "pic", "img", "video", "clip", "movie", "film", "footage", "vid"))
) | frozenset(
    map(stem, ("text", "prompt", "description", "script", "word", "words", "sentence", "audio", "sound", "3d"))
) | frozenset(map(stem, ("make", "create", "generate", "produce")))
_FINE: dict[str, dict[str, str]] = {
    "text>audio": dict.fromkeys(map(stem, ("speech", "voice", "narration", "podcast")), "speech")
    | dict.fromkeys(map(stem, ("song", "music", "track", "lyric", "lyrics")), "music")
    | dict.fromkeys(map(stem, ("sound",)), "sound-effects"),
    "video>audio": dict.fromkeys(map(stem, ("song", "music", "track")), "video-music"),
    "audio>audio": dict.fromkeys(map(stem, ("speech", "voice")), "change-voice"),
    "audio>text": dict.fromkeys(
        map(stem, ("speech", "voice", "audio", "recording", "podcast")), "transcribe"
    ),
}
_MAKE = frozenset(
    map(stem, ("make", "create", "generate", "generator", "generation", "draw", "paint", "render", "produce"))
)
_FAST = ("fast", "turbo", "flash", "lightning", "schnell", "lite", "rapid", "ultra", "mini", "instant")
_SYNONYMS = {
    "fast": _FAST, "quick": _FAST, "quickest": _FAST, "speedy": _FAST, "rapid": _FAST, "fastest": _FAST,
    "instant": _FAST, "realtime": _FAST, "lightweight": _FAST,
    "google": ("google", "veo", "imagen", "gemini"),
    "gemini": ("gemini", "nano"),
    "banana": ("banana",),
    "chatgpt": ("gpt", "openai"),
    "tiktok": ("tiktok", "bytedance"),
    "doubao": ("seedream", "seedance"),
    "jimeng": ("seedream", "dreamina"),
    "kuaishou": ("kwaivgi",),
    "kwai": ("kwaivgi",),
    "tencent": ("hunyuan",),
    "alibaba": ("alibaba", "wan", "qwen"),
    "bfl": ("flux",),
    "runway": ("runwayml",),
    "runwai": ("runwayml",),
    "xai": ("grok",),
    "meta": ("sam",),
    "facebook": ("sam",),
    "eleven": ("eleven", "elevenlab"),
    "11labs": ("elevenlab",),
    "lightrick": ("ltx", "lightrick"),
    "ltxv": ("ltx",),
    "sd": ("stabl", "sdxl"),
    "xl": ("xl", "sdxl"),
    "stabl": ("stabl", "sdxl"),
    "diffus": ("diffus", "sdxl"),
    "leonardo": ("leonardoai",),
    "moonvalley": ("marey",),
    "hyper": ("hyper", "rodin"),
    "tripo": ("tripo",),
    "cartoon": ("cartoon", "comic", "ghibli", "anim"),
    "anime": ("anim", "ghibli", "niji", "lumina"),
    "draft": ("draft", "fast", "turbo"),
    "uncensored": ("spicy",),
    "hd": ("hd", "1080p", "high"),
    "4k": ("4k", "8k"),
    "uhd": ("4k",),
    "fullhd": ("1080p",),
}  # fmt: skip
_CHEAP = frozenset(
    map(
        stem,
        (
            "cheap",
            "cheapest",
            "budget",
            "affordable",
            "inexpensive",
            "cheaper",
            "low-cost",
            "cost",
            "economical",
            "price",
            "free",
        ),
    )
)
_UNITS = frozenset(("second", "seconds", "sec", "minute", "minutes", "min", "hour", "images", "pictures", "people"))


@dataclass(slots=True)
class Want:
    """One thing asked for: each key is a tag or word and how well it would do."""

    weight: float
    tags: dict[str, float] = field(default_factory=dict)
    names: dict[str, float] = field(default_factory=dict)
    texts: dict[str, float] = field(default_factory=dict)


def rank(index: Index, query: str) -> list[int]:
    """The numbers of the models that fit, best first; all of them for a query that says nothing."""
    words = pieces(query[:500])
    wants, cheap = understand(index, words)
    if not wants:
        return list(range(len(index.rows))) if all(word in STOP for word in words) else []
    scores = _scores(index, wants)
    if not scores:
        return []
    best = max(scores.values())
    kept = [(score, number) for number, score in scores.items() if score >= best * KEEP]
    size = len(index.rows)

    def order(pair: tuple[float, int]) -> tuple[float, int]:
        score, number = pair
        bonus = PROMINENCE * (1 - number / size)
        if cheap:
            price = index.rows[number][3]
            bonus += CHEAPNESS * (0.0 if price is None else 1 / (1 + 5 * price))
        return -(score + bonus), number

    return [number for _, number in sorted(kept, key=order)]


def understand(index: Index, words: list[str]) -> tuple[list[Want], bool]:
    """What a query asks for, and whether it asks for little money."""
    words = _spelled(index, words)
    stems = [stem(word) for word in words]
    cheap = bool(_CHEAP & set(stems))
    turned, turning = _turned(stems)
    wants, explained = _tasks(stems, turning)
    if turned:
        turned.weight *= 0.5 if any(want.weight > MAIN for want in wants) else 1.0
        wants.append(turned)
        explained |= turning
    elif wants:
        wants.append(_about(stems, wants))
    elif made := _made(stems):
        wants.append(made)
        explained |= _MAKE
    if wants:
        explained |= set(_MEDIUM)
    wants.extend(_leftover(index, words, stems, explained, bool(wants)))
    return wants, cheap


def _spelled(index: Index, words: list[str]) -> list[str]:
    """Shorthands taken apart, joined words split, slips corrected."""
    spelled: list[str] = []
    for word in words:
        left, two, right = word.partition("2")
        if two and {left, right} <= _SHORT.keys():
            spelled += [word, _SHORT[left], "into", _SHORT[right]]
        elif word in STOP or _known(index, stem(word)) or word in _SYNONYMS:
            spelled.append(word)
        elif word in index.joins:
            spelled += index.joins[word]
        else:
            spelled.append(corrected(word, _Known(index)) or word)
    return spelled


_SHORT = {
    "t": "text", "txt": "text", "text": "text", "i": "image", "img": "image", "image": "image", "v": "video",
    "vid": "video", "video": "video", "a": "audio", "audio": "audio", "s": "speech", "3d": "3d",
}  # fmt: skip


class _Known:
    """Every word a slip may have meant; brands and tasks, not the rare words of descriptions."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __contains__(self, word: object) -> bool:
        return (
            isinstance(word, str)
            and len(word) > 2
            and (_known(self._index, stem(word)) or word in self._index.joins)
        )


def _known(index: Index, term: str) -> bool:
    return (
        term in index.names or term in asked_words() or term in _MEDIUM or len(index.texts.get(term, ())) > 1
    )


@cache
def asked_words() -> frozenset[str]:
    """Every stem that asks for a task."""
    return frozenset(word for phrase in tasks.phrases() for group in phrase.groups for word in group)


def _tasks(stems: list[str], turning: set[str]) -> tuple[list[Want], set[str]]:
    """The tasks a query names. Of two that rest on the same telling words, the one resting on more words."""
    said = set(stems)
    met: dict[str, tuple[frozenset[str], frozenset[str], float]] = {}
    for phrase in tasks.phrases():
        if all(group & said for group in phrase.groups):
            used = frozenset(word for group in phrase.groups for word in group & said)
            if phrase.tag in met:
                used |= met[phrase.tag][1]
            met[phrase.tag] = (used - _PLAIN, used, phrase.weight)
    best: dict[frozenset[str], dict[str, float]] = {}
    for tag, (telling, used, weight) in met.items():
        others = [other for name, other in met.items() if name != tag and other[2] >= MAIN]
        rests_on_less = (telling < other[0] or (telling == other[0] and used < other[1]) for other in others)
        if weight >= MAIN and any(rests_on_less):
            continue
        if telling or not turning:
            best.setdefault(used, {})[tag] = weight
    wants = [
        Want(max(tags.values()) + 0.5 * len(used), tags=dict.fromkeys(tags, 1.0))
        for used, tags in best.items()
    ]
    return wants, {word for used in best for word in used}


def _turned(stems: list[str]) -> tuple[Want | None, set[str]]:
    """One medium turned into another: `text to video`, `video from a photo`, `animate a picture`, `edit a photo`.

    Also the words that say so.
    """
    media = [(place, word) for place, word in enumerate(stems) if word in _MEDIUM]
    used = {word for _, word in media}
    for (at, source), (until, target) in pairwise(media):
        between = stems[at + 1 : until]
        if _TURN & set(between):
            return _pair(source, target), {source, target} | _TURN
        if "from" in between:
            return _pair(target, source), {source, target}
    said = set(stems)
    first = next((_MEDIUM[word] for _, word in media if word not in _ANIMATE), "image")
    if said & _ANIMATE and first == "image":
        return Want(3.0, tags={"image>video": 1.0}), used | (said & _ANIMATE)
    return None, set()


def _pair(source: str, target: str) -> Want:
    """The finer word decides where there is one: text to speech is not text to music."""
    pair = f"{_MEDIUM[source]}>{_MEDIUM[target]}"
    tags = {pair: 1.0}
    if fine := _FINE.get(pair, {}).get(source) or _FINE.get(pair, {}).get(target):
        tags = {fine: 1.0, pair: 0.6}
    return Want(3.5, tags=tags)


def _made(stems: list[str]) -> Want | None:
    """`image generation`, `a video`: made from words first, then from what one already has."""
    media = [_MEDIUM[word] for word in stems if word in _MEDIUM]
    if not media:
        return None
    target = media[-1] if media[0] == "text" else media[0]
    if "text" in media:
        return Want(3.0, tags={f"text>{target}": 1.0})
    return Want(3.0, tags={f"image>{target}": 0.8, f"{target}>{target}": 0.65, f"text>{target}": 1.0})


def _about(stems: list[str], wants: list[Want]) -> Want:
    """The medium a task is about; pictures where nothing is said, as people mostly mean them."""
    said = [_MEDIUM[word] for word in stems if word in _MEDIUM]
    if not said:
        return Want(0.3, tags={"works:image": 1.0, "works:text": 1.0})
    lora = any("lora" in want.tags for want in wants)
    tags = {f"gives:{medium}": 1.0 for medium in said}
    return Want(2.0, tags=tags if lora else tags | {f"works:{medium}": 1.0 for medium in said})


def _leftover(
    index: Index, words: list[str], stems: list[str], explained: set[str], has_task: bool
) -> list[Want]:
    """The words no task explains: names, versions, qualities."""
    wants: list[Want] = []
    for place, (word, term) in enumerate(zip(words, stems, strict=True)):
        if word in STOP or term in explained or term in _CHEAP or word in _TURN or word == "from":
            continue
        if term[0].isdigit() and place + 1 < len(words) and words[place + 1] in _UNITS:
            continue
        want = _word(index, word, term)
        if want is None:
            continue
        if has_task and term in asked_words() and not index.joins.get(word):
            want.weight *= 0.3
        wants.append(want)
    return wants


def _word(index: Index, word: str, term: str) -> Want | None:
    synonyms = _SYNONYMS.get(word) or _SYNONYMS.get(term)
    names = {name: 1.0 for name in synonyms or (term,) if name in index.names}
    if re.fullmatch(r"\d+(\.\d+)?", term):
        family = {name: FAMILY for name in index.names if name.startswith(f"{term}.")}
        return Want(2.2, names=family | names) if names or family else None
    rarity = math.log(len(index.rows) / (1 + sum(len(index.names[name]) for name in names)) + 1)
    if names:
        return Want(1.0 + 0.35 * rarity, names=names, texts={term: MENTION})
    found = len(index.texts.get(term, ()))
    if found:
        return Want(0.4 + 0.12 * math.log(len(index.rows) / found), texts={term: 1.0})
    return None


def _scores(index: Index, wants: list[Want]) -> dict[int, float]:
    """Each model's share of the wants, 0 to 1; models that meet none are absent."""
    total = sum(want.weight for want in wants)
    scores: dict[int, float] = {}
    for want in wants:
        best: dict[int, float] = {}
        _meet(best, index.hints, want.tags, HINT)
        _meet(best, index.texts, want.texts, 1.0)
        _meet(best, index.names, want.names, 1.0)
        _meet(best, index.tags, want.tags, 1.0)
        share = want.weight / total
        for number, strength in best.items():
            scores[number] = scores.get(number, 0.0) + share * strength
    return scores


def _meet(best: dict[int, float], postings: Postings, terms: dict[str, float], factor: float) -> None:
    for term, strength in terms.items():
        value = strength * factor
        for number in postings.get(term, ()):
            if best.get(number, 0.0) < value:
                best[number] = value
