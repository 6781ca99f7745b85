"""When to ask next about a task: seldom while it cannot be done, often around the moment it should be."""

from __future__ import annotations

from collections.abc import Sequence

# Never run before: (until this many seconds after the submit, ask every so many seconds).
FIRST_RUN = ((2.0, 0.4), (4.0, 0.5), (8.2, 0.68))
GROWTH = 0.12
LONGEST_GAP = 1.97
SHORTEST_GAP = 0.1
AFTER_EXPECTED = 0.02
SPARSE_GAP = 6.0

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


def gap(elapsed: float, known: Sequence[float] = ()) -> float:
    """Seconds to wait before the next poll, `elapsed` seconds after the submit.

    `known` are run times of this model seen before, in seconds, in any order.
    """
    if not known:
        return _first_run_gap(elapsed)
    earliest, latest = min(known), max(known)
    until_first = earliest + AFTER_EXPECTED - elapsed
    if until_first > 0:
        sparse = max(SPARSE_GAP, earliest / 40)
        return until_first if until_first <= sparse else min(sparse, until_first)
    if elapsed < latest + AFTER_EXPECTED:
        step = min(max((latest - earliest) / 6, SHORTEST_GAP), LONGEST_GAP)
        return min(step, max(latest + AFTER_EXPECTED - elapsed, SHORTEST_GAP))
    overdue = elapsed - latest
    return min(max(SHORTEST_GAP, latest * 0.01) + overdue * 0.15, LONGEST_GAP)


def _first_run_gap(elapsed: float) -> float:
    for until, every in FIRST_RUN:
        if elapsed < until - 0.01:
            return every
    return min(elapsed * GROWTH, LONGEST_GAP)


def run_time(submitted_to_seen: float, submitted_to_unfinished: float, inference_ms: int) -> float:
    """How long a task ran, in seconds, from what two polls and the API's own measure say.

    The end lies between the last poll that found it unfinished and the first that found it done; the
    API's measure is taken where it falls between the two.
    """
    measured = inference_ms / 1000
    if submitted_to_unfinished <= measured <= submitted_to_seen:
        return measured
    return (submitted_to_unfinished + submitted_to_seen) / 2
