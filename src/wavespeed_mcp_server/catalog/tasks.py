"""What a model is for, and the everyday words for it.

A task has two sides: how people ask for it, and how one tells from a catalog entry that a model does it.
Types alone are too coarse (`ai-remover` erases watermarks, objects and backgrounds), names alone too fine.

The tables hold one block for each task, led by its tag in brackets and its weight (3 if none is given, less
for a wish that says how rather than what). Lines of one block:

    asked   words that must all be in a query, in any order, each with its alternatives; {PIC} stands for a
            list of them
    kind    pattern for a model's type
    name    pattern for a model's id
    text    pattern for a model's description
    takes   inputs whose presence speaks for the task

Lines of the same kind add up. Type and id together make a model right for the task; one of the others makes
it possible.
"""

import re
from dataclasses import dataclass, field
from functools import cache

from . import tasks_heard, tasks_seen
from .model import Model
from .schema import media_inputs, must_be_given, properties
from .vocabulary import FINER, MEDIUM
from .words import stem

TABLES = (tasks_seen.TABLE, tasks_heard.TABLE)
WEIGHT = 3.0

WORDS = {
    "MOVE": "remove/erase/delete/clean/eliminate/rid/strip/cut/take/clear/wipe/hide",
    "MAKE": "make/create/generate/generator/generation/produce/write/compose/build/creator/maker",
    "PIC": "image/picture/photo/pic/portrait/selfie/photograph/img/headshot/face/screenshot/chart/diagram",
    "VID": "video/clip/movie/footage/film/vid",
    "VOX": "voice/voices/speaker",
    "LOOK": "anime/cartoon/comic/painting/watercolor/pixar/toy/figurine/figure/clay/lego",
    "TALK": "speech/recording/podcast/meeting/interview/lecture/call",
    "LANG": "language/languages/spanish/english/french/german/italian/portuguese/russian/chinese"
    "/mandarin/japanese/korean/hindi/arabic/turkish/polish/dutch",
    "LOOKS": "hair/hairstyle/haircut/hairdo/bald/beard/mustache/makeup/lipstick/glasses/sunglasses"
    "/wrinkles/teeth/skin/smile/younger/aging/tattoo/expression/eyes/eye",
    "SPEAK": "talk/talking/speak/speaking/sing/singing/sings/talks/speaks",
}

# What goes in and what comes out, by type: certain, and plausible.
TYPE_PAIRS: dict[str, tuple[str, str]] = {
    "speech-to-text": ("audio>text", ""),
    "llm": ("text>text", ""),
    "video-dubbing": ("video>audio", "video>video"),
    "reference-to-video": ("image>video", ""),
    "digital-human": ("audio>video", "image>video"),
    "motion-control": ("", "image>video video>video"),
    "video-effects": ("", "image>video"),
    "image-effects": ("", "image>image"),
    "video-extend": ("", "video>video"),
}
_TYPE_NAME = re.compile(r"(text|image|video|audio)-to-(text|image|video|audio|3d)")
_ID_PAIR = re.compile(r"([a-z]+)-to-(3d|[a-z]+)")
_ID_MEDIUM = MEDIUM | {"reference": "reference"}
_SHORT_NAME = re.compile(r"\b([tiv])2([iv])\b")
_VIDEO_FAMILY = re.compile(r"^(?!.*image).*(?:video|i2v|t2v|wan-|ltx)")
_LETTER = {"t": "text", "i": "image", "v": "video"}


@dataclass(slots=True)
class Task:
    """One block of the tables; `asked` holds, for each way to ask, the stems that meet each of its words."""

    tag: str
    weight: float
    asked: list[tuple[frozenset[str], ...]] = field(default_factory=list)
    kind: str = ""
    name: str = ""
    text: str = ""
    takes: frozenset[str] = frozenset()


@cache
def tasks() -> tuple[Task, ...]:
    """Every task of the tables."""
    found: list[Task] = []
    for line in "\n".join(TABLES).splitlines():
        key, _, value = line.partition(" ")
        if key.startswith("["):
            found.append(Task(key.strip("[]"), float(value or WEIGHT)))
        elif key == "asked":
            found[-1].asked.append(tuple(_alternatives(group) for group in value.split()))
        elif key == "takes":
            found[-1].takes |= frozenset(value.split())
        elif key:
            before = getattr(found[-1], key)
            setattr(found[-1], key, f"{before}|{value}" if before else value)
    return tuple(found)


def _alternatives(group: str) -> frozenset[str]:
    for name, words in WORDS.items():
        group = group.replace(f"{{{name}}}", words)
    return frozenset(map(stem, group.split("/")))


def tags_of(model: Model) -> tuple[set[str], set[str]]:
    """The tags a model certainly has, and those it may have: tasks, types and media pairs."""
    sure = {f"type:{model.type}"}
    maybe: set[str] = set()
    inputs = set(properties(model.schema))
    for task in tasks():
        kind = bool(task.kind and re.search(task.kind, model.type))
        name = bool(task.name and re.search(task.name, model.model_id))
        taken = not task.takes.isdisjoint(inputs)
        if (name and (kind or not task.kind)) or (kind and (taken or not task.name)):
            sure.add(task.tag)
        elif kind or name or taken or (task.text and re.search(task.text, model.description, re.IGNORECASE)):
            maybe.add(task.tag)
    certain, plausible = _pairs(model)
    sure |= {f"{pair}:{task}" for pair in certain for task in FINER.get(pair, {}).values() if task in sure}
    if "audio" in media_inputs(model).values():
        maybe.add("works:audio")
    sure |= (
        certain
        | {f"works:{_works_on(model)}"}
        | {f"gives:{pair.split('>')[1]}" for pair in certain | plausible}
    )
    return sure, maybe | plausible


def _pairs(model: Model) -> tuple[set[str], set[str]]:
    """Pairs such as `text>video`: by the type, else by the id, else by what must be given."""
    if named := _TYPE_NAME.fullmatch(model.type):
        return {f"{named[1]}>{named[2]}"} | _pairs_in(model.model_id), set()
    if model.type in TYPE_PAIRS:
        certain, plausible = TYPE_PAIRS[model.type]
        return set(certain.split()), set(plausible.split())
    if model.type == "training":
        return set(), {f"text>{_family(model)}"}
    works = _works_on(model)
    if model.type != "lora-support":
        return set(), {f"{works}>{works}"}
    if told := _pairs_in(model.model_id):
        return set(), told
    if short := _SHORT_NAME.search(model.model_id):
        return set(), {f"{_LETTER[short[1]]}>{_LETTER[short[2]]}"}
    return set(), {f"{works}>{_family(model)}"}


def _pairs_in(model_id: str) -> set[str]:
    """What an id says is turned into what, in any words: `video-to-music`."""
    return {
        f"{_ID_MEDIUM[source]}>{MEDIUM[target]}"
        for source, target in _ID_PAIR.findall(model_id)
        if source in _ID_MEDIUM and target in MEDIUM
    }


def _family(model: Model) -> str:
    return "video" if _VIDEO_FAMILY.search(model.model_id) else "image"


def _works_on(model: Model) -> str:
    """What a model is mainly given: the medium in its own name, else the weightiest it needs."""
    if named := _TYPE_NAME.fullmatch(model.type):
        return named[1]
    if model.type in ("upscaler", "ai-remover", "portrait-transfer"):
        for medium in ("video", "image"):
            if re.search(rf"\b{medium}\b", model.model_id):
                return medium
    media = media_inputs(model)
    needed = {media[key] for key in must_be_given(model.schema) if key in media}
    for medium in ("video", "image", "audio"):
        if medium in needed:
            return medium
    return "text"
