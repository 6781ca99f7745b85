"""Runs answered by a task: the Tasks extension, over the sandbox."""
