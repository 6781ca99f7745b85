"""When to ask next about a task: seldom while it cannot be done, often around the moment it should be."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import NamedTuple

# A gap between polls is never longer, so that no end goes unnoticed for 2 s (known models: near the end).
LONGEST_GAP = 1.96

# Never run before: (until this many seconds after the submit, ask every so many), then ever more seldom. An
# early look is paid by every run and a late one only by those that are still running: hence ever denser.
FIRST_RUN = ((2.0, 0.7), (5.0, 0.55), (8.2, 0.4))
GROWTH_FROM = 5.0
GROWTH = 0.25

# Known before: how much earlier and later than seen an end is looked for, and in how many steps.
MARGIN = 0.03
MARGIN_SHARE = 0.01
LONGEST_MARGIN = 1.0
AFTER_LATEST = 0.01
EARLIER_SHARE = 0.85
FIRST_LOOK = 0.65
FINE_STEP = 0.1
FEWEST_STEPS = 2
SCATTERED_STEPS = 1.1
OVERDUE_SHARE = 0.01
LONGEST_OVERDUE = 0.4
OVERDUE_GROWTH = 0.2

# Before the end can be near: a look now and then, in case this run is unlike the others.
APPROACH_FROM = 8.0
APPROACH_SHARE = 0.81
SPARSE_GAP = 12.0
SPARSE_SHARE = 1 / 30

# Of a long run, this share before and after the time in which its end is expected is searched evenly.
NEAR_SHARE = 0.1
NEAR_GAP = 1.0

# Median run times by type in seconds, from the desktop client's estimator over 681 models.
TYPICAL_SECONDS = {
    "content-moderation": 2,
    "image-to-text": 5,
    "llm": 10,
    "speech-to-text": 12,
    "text-to-image": 14,
    "video-to-text": 14,
    "audio-to-audio": 16,
    "text-to-audio": 20,
    "upscaler": 24,
    "image-to-image": 26,
    "video-dubbing": 30,
    "image-effects": 35,
    "ai-remover": 41,
    "lora-support": 50,
    "portrait-transfer": 65,
    "image-to-video": 88,
    "text-to-video": 100,
    "video-effects": 130,
    "video-to-video": 163,
    "video-extend": 185,
    "digital-human": 230,
    "motion-control": 236,
    "image-to-3d": 297,
    "text-to-3d": 313,
    "training": 1051,
}


class Span(NamedTuple):
    """What was seen of one run: it ended between these two moments, in seconds since its submit.

    `after` is the last poll that found it running, 0.0 where the first poll found it done.
    """

    after: float
    before: float

    @property
    def middle(self) -> float:
        """The best single guess, seconds."""
        return (self.after + self.before) / 2

    @classmethod
    def around(cls, seconds: float) -> Span:
        """The span of a run of which only the middle was kept."""
        slack = 0.05 + 0.05 * seconds
        return cls(max(0.0, seconds - slack), seconds + slack)


class _Window(NamedTuple):
    """When an end is expected, and how often to ask then; seconds. `look` is one look before, if not 0."""

    look: float
    start: float
    end: float
    step: float


def gap(elapsed: float, known: Sequence[Span] = ()) -> float:
    """Seconds from the last poll, which was sent `elapsed` seconds after the submit, to the next.

    `known` are the last runs of this model, oldest first.
    """
    if not known:
        return _first_run_gap(elapsed)
    window = _window(known)
    if elapsed < window.end - 0.2 * window.step:
        return _until_expected(elapsed, window)
    first = min(max(FINE_STEP, OVERDUE_SHARE * window.end), LONGEST_OVERDUE)
    overdue = first + OVERDUE_GROWTH * max(0.0, elapsed - window.end)
    near = window.end > APPROACH_FROM and elapsed < window.end * (1 + NEAR_SHARE)
    return min(overdue, NEAR_GAP if near else LONGEST_GAP)


def _first_run_gap(elapsed: float) -> float:
    for until, every in FIRST_RUN:
        if elapsed < until - 0.01:
            return every
    return min(GROWTH * (elapsed - GROWTH_FROM), LONGEST_GAP)


def _until_expected(elapsed: float, window: _Window) -> float:
    look, start, end, step = window
    sparse = max(SPARSE_GAP, SPARSE_SHARE * start)
    if elapsed < look - 0.01 and look < start + step:
        return min(look - elapsed, sparse)
    if start > APPROACH_FROM:
        approach = APPROACH_SHARE * start
        if elapsed < approach:
            return min(sparse, approach - elapsed + 0.01)
        if elapsed < start:
            near = elapsed >= start * (1 - NEAR_SHARE)
            return min(NEAR_GAP if near else LONGEST_GAP, start + step - elapsed)
    # The grid stays where it is when a poll comes late; a poll just made stands for the nearest point.
    passed = max(0, floor((elapsed - start) / step + 0.2))
    return min(start + (passed + 1) * step, end) - elapsed


def _window(known: Sequence[Span]) -> _Window:
    """The shortest time that meets every span, with a margin that shrinks as more runs are known.

    Where one run time explains all spans that is what they have in common; else it reaches from the earliest
    end to the latest start.
    """
    after, before = max(span.after for span in known), min(span.before for span in known)
    scatter = max(0.0, after - before)
    earliest, latest = min(after, before), max(after, before)
    margin = min(MARGIN + MARGIN_SHARE * earliest, LONGEST_MARGIN) + scatter / len(known)
    start, end = max(0.0, earliest - margin), latest + AFTER_LATEST + scatter / len(known)
    look = 0.0
    if not known[-1].after:
        # The last run was done at the first look, how much earlier nobody knows: this time look earlier.
        look, start = FIRST_LOOK * known[-1].before, min(start, EARLIER_SHARE * known[-1].before)
    most = min(2.5 + end / 2, 6.5) * (SCATTERED_STEPS if scatter else 1)
    steps = min(max(round((end - start) / FINE_STEP), FEWEST_STEPS), int(most))
    step = min((end - start) / steps, NEAR_GAP if start > APPROACH_FROM else LONGEST_GAP)
    return _Window(look, start, end, step)
