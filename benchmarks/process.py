"""What a process and its children have used, as Linux counts it."""

from __future__ import annotations

import os
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def cpu_seconds(pid: int) -> float:
    """Processor time of the process and of its children, running and ended, in seconds (steps of 10 ms)."""
    total = 0
    for one in _tree(pid):
        fields = (PROC / str(one) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        # utime, stime and those of children already waited for: fields 14 to 17 of proc(5).
        total += sum(int(ticks) for ticks in fields[11:15])
    return total / TICKS_PER_SECOND


def peak_mb(pid: int) -> float:
    """The most memory the processes ever held in RAM (VmHWM), in MB of 10^6 bytes."""
    return sum(_status_kib(one, "VmHWM") for one in _tree(pid)) * 1024 / 1e6


def resident_mb(pid: int) -> float:
    """The memory the processes hold in RAM now (VmRSS), in MB of 10^6 bytes."""
    return sum(_status_kib(one, "VmRSS") for one in _tree(pid)) * 1024 / 1e6


def _status_kib(pid: int, name: str) -> int:
    for line in (PROC / str(pid) / "status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def _tree(pid: int) -> list[int]:
    """The process and everything below it."""
    found = [pid]
    for one in found:
        for task in (PROC / str(one) / "task").iterdir():
            children = (task / "children").read_text(encoding="utf-8").split()
            found += [int(child) for child in children]
    return found
