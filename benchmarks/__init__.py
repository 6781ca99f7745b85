"""This server and the official one, side by side: the same stand-in, the same client, one run.

`python -m benchmarks` prints the table of docs/performance.md.
"""
