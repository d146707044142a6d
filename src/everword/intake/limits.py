"""What a process that reads a stranger's bytes may use: memory, time, no files, no children, the lowest priority."""

import os
import sys

MEMORY_BYTES = 1536 * 1024 * 1024
_OPEN_FILES = 64


def confine(cpu_s: int) -> None:
    """Give up what this process does not need; there is no way back.

    Everything it needs must be imported before. On systems without resource limits (Windows) only the parent's
    watchdog and the caps inside the parsers hold.
    """
    if sys.platform == "win32":
        return
    import resource

    os.nice(15)
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_NPROC, 0),
    ):
        _, hard = resource.getrlimit(limit)
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(limit, (most, most))
        except (ValueError, OSError):  # macOS knows RLIMIT_AS and refuses to set it
            continue
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
