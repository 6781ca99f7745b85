"""What a query asks for: tasks, media turned into each other, and the words left over."""

import math
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from .index import Index
from .tasks import tasks
from .vocabulary import (
    ADD,
    ALTER,
    ANIMATE,
    CAUSED,
    CHEAP,
    FINER,
    FROM,
    GIVEN,
    GIVEN_BY,
    LETTERS,
    MAKE,
    MEDIUM,
    MINE,
    OWN,
    PLAIN,
    QUICK,
    SCENE,
    SUBJECTS,
    SYNONYMS,
    TURN,
    UNITS,
)
from .words import PAIR, STOP, corrected, stem

# How much a wish counts beside the others.
TURNED = 3.5
MADE = 3.0
ABOUT = 2.0
VERSION = 2.2
INCIDENTAL = 0.3
# A task of less weight says how, and does not push another aside.
MAIN = 2.0
PER_WORD = 0.5
# What a word in a description is worth beside one in a name; a version beside its family (2 and 2.1).
MENTION = 0.35
FAMILY = 0.25


@dataclass(slots=True)
class Want:
    """One thing asked for: the tags and words that meet it, each with how well it does (0 to 1).

    `named` is 2 for a family of models and 1 for other parts of a name beside it: no other models are meant.
    `how` is for a task that says how rather than what.
    """

    weight: float
    tags: dict[str, float] = field(default_factory=dict)
    names: dict[str, float] = field(default_factory=dict)
    texts: dict[str, float] = field(default_factory=dict)
    named: int = 0
    how: bool = False


@dataclass(slots=True)
class _Structure:
    """The parts of a query that say what is to be done, and the stems that said it."""

    words: list[str]
    stems: list[str]
    tasks: list[Want]
    turned: Want | None
    explained: set[str]


def understand(index: Index, words: list[str]) -> tuple[list[Want], bool]:
    """The wants of a query, and whether it asks for little money."""
    said = _structure(_without_scene(_spelled(index, words, names_only=True)))
    if not said.tasks and not said.turned:
        said = _structure(_without_scene(_spelled(index, words, names_only=False)))
    wants = list(said.tasks)
    explained = said.explained
    if said.turned:
        wants.append(said.turned)
    elif any(not want.how for want in wants):
        wants.append(_about(index, said.stems, wants))
    elif made := _given(said.words) or _made(said.stems):
        wants.append(made)
        explained |= MAKE
    if wants:
        explained |= MEDIUM.keys()
    wants.extend(_leftover(index, said, explained, bool(wants)))
    if wants and _is_scene(index, said, wants):
        wants = [Want(MADE, tags={"text>image": 1.0})]
    return wants, bool(CHEAP.intersection(said.stems))


def _structure(words: list[str]) -> _Structure:
    stems = [stem(word) for word in words]
    turned, turning = _turned(words, stems)
    found, explained = _tasks(stems, turning)
    if turned and any(want.weight >= MADE + PER_WORD for want in found):
        turned.weight *= 0.5
    return _Structure(words, stems, found, turned, explained | turning)


def _without_scene(words: list[str]) -> list[str]:
    """`make a video of a dog surfing` asks for a video; the rest is a prompt."""
    for place, word in enumerate(words):
        mine = (place + 1 < len(words) and words[place + 1] in MINE) or words[place - 1] == "out"
        if word not in SCENE or mine:
            continue
        before = {stem(earlier) for earlier in words[:place]}
        if before & MAKE and before & (MEDIUM.keys() - SUBJECTS):
            return words[:place] + [word for word in words[-1:] if word in CAUSED]
    return words


def _spelled(index: Index, words: list[str], *, names_only: bool) -> list[str]:
    """Shorthands taken apart, joined words split, slips corrected: to names, or to the words of tasks too."""
    spelled: list[str] = []
    joined = ""
    for word, after in pairwise([*words, ""]):
        if word == joined:
            joined = ""
        elif (
            after.isalpha()
            and stem(word + after) in index.names
            and not MEDIUM.keys() & {stem(word), stem(after)}
        ):
            spelled.append(word + after)
            joined = after
        elif pair := PAIR.fullmatch(word):
            source, target = (LETTERS.get(side, side) for side in pair.groups())
            spelled += [source, "into", target]
        elif word == "2" and spelled and {stem(spelled[-1]), stem(after)} <= MEDIUM.keys():
            spelled.append("into")
        elif after == "ai" and (provider := f"{word}-ai") in index.families:
            spelled.append(provider)
        elif word in STOP or word in SYNONYMS or _known(index, stem(word)):
            spelled.append(word)
        elif word in index.joins:
            spelled += index.joins[word]
        elif parts := _compound(index, word):
            spelled += parts
        else:
            known = index.brands if names_only else index.brands | _task_words() | MEDIUM.keys()
            meant = corrected(stem(word), known) or corrected(word, index.joins) or word
            spelled += index.joins.get(meant, [meant])
    return spelled


def _compound(index: Index, word: str) -> list[str]:
    """`backgroundremover` in its two words."""
    splits = ([word[:place], word[place:]] for place in range(4, len(word) - 3))
    return next((parts for parts in splits if all(_known(index, stem(part)) for part in parts)), [])


def _known(index: Index, term: str) -> bool:
    if term in index.names or term in MEDIUM or term in _task_words():
        return True
    return len(index.texts.get(term, ())) > 1


@cache
def _task_words() -> frozenset[str]:
    return frozenset(word for task in tasks() for groups in task.asked for group in groups for word in group)


def _tasks(stems: list[str], turning: set[str]) -> tuple[list[Want], set[str]]:
    """The tasks a query names. Of two that rest on the same telling words, the one resting on more words.

    `turning` are words that tell of media turned into each other, and so of nothing else.
    """
    said = set(stems)
    met: dict[str, tuple[frozenset[str], frozenset[str], float]] = {}
    for task in tasks():
        used: frozenset[str] = frozenset()
        for groups in task.asked:
            if not any(group.isdisjoint(said) for group in groups):
                used = used.union(*groups) & said
        if used:
            met[task.tag] = (used - PLAIN - turning, used, task.weight)
    if any(telling for telling, _, _ in met.values()):
        met = {tag: found for tag, found in met.items() if found[0]}
    best: dict[frozenset[str], dict[str, float]] = {}
    for tag, (telling, used, weight) in met.items():
        rivals = [other for name, other in met.items() if name != tag and other[2] >= MAIN]
        rests_on_less = (telling < rival[0] or (telling == rival[0] and used < rival[1]) for rival in rivals)
        if weight >= MAIN and any(rests_on_less):
            continue
        if telling or not turning:
            best.setdefault(used, {})[tag] = weight
    wants = [
        Want(
            max(tags.values()) + PER_WORD * len(used),
            tags=dict.fromkeys(tags, 1.0),
            how=max(tags.values()) < MAIN,
        )
        for used, tags in best.items()
    ]
    return wants, {word for used in best for word in used}


def _turned(words: list[str], stems: list[str]) -> tuple[Want | None, set[str]]:
    """One medium turned into another (`text to video`, `video from a photo`), and the words that say so."""
    media = [(place, word) for place, word in enumerate(stems) if word in MEDIUM]
    head = ""
    for (at, source), (until, target) in pairwise(media):
        between = stems[at + 1 : until]
        if TURN.intersection(between) and not ADD.intersection(stems[:at]):
            return _pair(source, target), {source, target} | TURN
        if FROM.intersection(between) or ("with" in between and target in GIVEN):
            return _pair(target, head or source), {source, target}
        head = source if "with" in between else ""
    moving = ANIMATE.intersection(stems)
    first = next((MEDIUM[word] for _, word in media if word not in ANIMATE), "image")
    if (moving or _caused(words)) and first == "image":
        explained = {word for _, word in media if MEDIUM[word] in ("image", "video")}
        tags = {"image>video": 1.0} if moving else {"image>video": 1.0, "type:video-effects": 0.9}
        return Want(TURNED, tags=tags, names=dict.fromkeys(moving, 1.0)), explained | moving
    return None, set()


def _caused(words: list[str]) -> bool:
    """`make my logo spin`: a still picture is to move, whatever it shows."""
    at = next((place for place, word in enumerate(words) if word in ("make", "let", "have")), len(words))
    return not CAUSED.isdisjoint(words[at + 2 :])


def _pair(source: str, target: str) -> Want:
    pair = f"{MEDIUM[source]}>{MEDIUM[target]}"
    finer = FINER.get(pair, {})
    task = finer.get(source) or finer.get(target)
    return Want(TURNED, tags={f"{pair}:{task}": 1.0, task: 0.7, pair: 0.6} if task else {pair: 1.0})


def _given(words: list[str]) -> Want | None:
    """`the video`, `my old photo`, `make my dog ...`: what one has, to be worked on or asked about."""
    for place, word in enumerate(words):
        medium = MEDIUM.get(stem(word))
        if medium not in ("image", "video", "audio") or stem(word) in SUBJECTS:
            continue
        before, after = words[max(0, place - 3) : place], words[place + 1 : place + 3]
        has = not GIVEN_BY.isdisjoint(before) or before[-1:] == ["the"] or after == ["of", "my"]
        if has and MAKE.isdisjoint(map(stem, after[:1])):
            return Want(MADE, tags={f"{medium}>{medium}": 0.9, f"edit-{medium}": 1.0, f"{medium}>text": 0.6})
    if any(verb in ALTER and whose in OWN for verb, whose in pairwise(words)):
        return Want(MADE, tags={"image>image": 0.9, "edit-image": 1.0})
    return None


def _made(stems: list[str]) -> Want | None:
    """`image generation`, `a video`: made from words first, then from what one already has."""
    media = [MEDIUM[word] for word in stems if word in MEDIUM]
    if not media:
        return None
    if "3d" in media:
        source = next((medium for medium in media if medium != "3d"), "image" if "into" in stems else "")
        return Want(MADE, tags={f"{source}>3d": 1.0} if source else {"image>3d": 1.0, "text>3d": 1.0})
    before = stems[: next(place for place, word in enumerate(stems) if word in MEDIUM)]
    if media[0] == "image" and (FROM | {"with"}).intersection(before):
        tags = {f"image>{medium}": 1.0 for medium in media[1:]}
        return Want(MADE, tags=tags or {"works:image": 1.0})
    target = media[-1] if media[0] == "text" else media[0]
    if not (MEDIUM.keys() - SUBJECTS).isdisjoint(stems[len(before) + 1 : len(before) + 2]):
        target = media[1]  # the head of `portrait video`
    if "text" in media:
        return Want(MADE, tags={f"text>{target}": 1.0})
    return Want(MADE, tags={f"image>{target}": 0.8, f"{target}>{target}": 0.65, f"text>{target}": 1.0})


def _about(index: Index, stems: list[str], wants: list[Want]) -> Want:
    """The medium a task is about; pictures where nothing is said, as people mostly mean them."""
    said = [MEDIUM[word] for word in stems if word in MEDIUM and word not in SUBJECTS]
    # A medium that no model for the main task knows says something else: a voice-over for a video.
    main = max(wants, key=lambda want: want.weight)
    able = {number for tag in main.tags for number in index.tags.get(tag, ())}
    sides = ("gives",) if "lora" in main.tags else ("gives", "works")
    tags = [f"{side}:{medium}" for medium in said for side in sides]
    tags = [tag for tag in tags if not able.isdisjoint(index.tags.get(tag, ()))]
    if not tags:
        return Want(0.3, tags={"works:image": 1.0, "works:text": 1.0})
    return Want(ABOUT, tags=dict.fromkeys(tags, 1.0))


def _leftover(index: Index, said: _Structure, explained: set[str], has_task: bool) -> list[Want]:
    """The words no task explains: names, versions, qualities."""
    wants: list[Want] = []
    by_name = any(_is_brand(index, term) for term in said.stems)
    following = [*said.words, ""][1:]
    for word, term, after in zip(said.words, said.stems, following, strict=True):
        if word in STOP or term in CHEAP or word in TURN or word == "from":
            continue
        telling = term in index.names and (term in ANIMATE or (term not in MEDIUM and term not in PLAIN))
        if term in explained and not (telling and (by_name or len(index.names[term]) == 1)):
            continue
        if term[0].isdigit() and after in UNITS:
            continue
        want = _word(index, word, term)
        if want is None:
            continue
        if by_name:
            want.named = (1 + _is_brand(index, term)) if want.names else 0
        elif has_task and _incidental(index, word, term):
            want.weight *= INCIDENTAL
        wants.append(want)
    return wants


def _is_brand(index: Index, term: str) -> bool:
    """A family of models, told by its name: kling, but not fast or edit."""
    return term in index.brands and term not in MEDIUM and term not in _task_words() and term not in QUICK


def _is_scene(index: Index, said: _Structure, wants: list[Want]) -> bool:
    """`a cat in space`: words that no model's description holds together are a prompt for a picture."""
    if any(want.tags or want.names for want in wants):
        return False
    content = {term for word, term in zip(said.words, said.stems, strict=True) if word not in STOP}
    return not set.intersection(*(set(index.texts.get(term, ())) for term in content))


def _incidental(index: Index, word: str, term: str) -> bool:
    """A word of the scene (a dog surfing) or of the task, not the name of a model or of its variant."""
    if term in _task_words():
        return True
    if any(index.rows[number][1].endswith("-effects") for number in index.names.get(term, ())):
        return False
    return term not in index.families and word not in SYNONYMS and len(index.names.get(term, ())) < 8


def _word(index: Index, word: str, term: str) -> Want | None:
    if re.fullmatch(r"\d+(\.\d+)?", term):
        versions = {name: FAMILY for name in index.names if name.startswith(f"{term}.")}
        if term in index.names:
            versions[term] = 1.0
        return Want(VERSION, names=versions) if versions else None
    names = {
        name: 0.8 if term in index.names else 1.0 for name in SYNONYMS.get(word, ()) if name in index.names
    }
    if term in index.names:
        names[term] = 1.0
    if names:
        found = sum(len(index.names[name]) for name in names)
        return Want(
            1.0 + 0.35 * math.log(len(index.rows) / (1 + found) + 1), names=names, texts={term: MENTION}
        )
    found = len(index.texts.get(term, ()))
    return Want(0.4 + 0.12 * math.log(len(index.rows) / found), texts={term: 1.0}) if found else None
