"""Server processes and commands that start at once, because what they import is imported already.

Importing the SDK is nearly all of what a process of this project costs, and the tests start hundreds. So
each test process has one that has imported everything and does nothing else (`imported`), from which
`open_process` forks. What is forked is a process of its own, with its own environment, words and streams.
With IN_FULL=1, as in one step of `.ci/run`, all start from nothing, and so does whatever cannot fork.
"""

from .forked import open_process, run_process

__all__ = ["open_process", "run_process"]
