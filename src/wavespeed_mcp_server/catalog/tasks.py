"""What a model is for, and the everyday words for it."""

from .model import Model

TASKS: tuple[str, ...] = ()
TYPE_TAGS: dict[str, str] = {}


def tags_of(model: Model) -> tuple[set[str], set[str]]:
    return {f"type:{model.type}"}, set()
