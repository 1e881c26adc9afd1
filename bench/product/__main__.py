"""``python -m bench.product TASK JSON``: do one assignment on the database of the environment.

The process gets everything ready, says so, waits for a line on its standard input, does the work
that is measured, and prints what came of it as JSON.
"""

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module

import django

from bench.assignments import Message
from bench.processes import READY

TASKS = ("bare", "drain", "post", "prepare", "publish")
Work = Callable[[], Message]


def main() -> int:
    """Return 0 when the assignment was done, or was called off before it began."""
    task, fields = sys.argv[1], json.loads(sys.argv[2])
    if task not in TASKS:
        raise SystemExit(f"{task} is not one of {', '.join(TASKS)}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    ready: Callable[[Message], Work] = import_module(f"bench.product.{task}").ready
    work = ready(fields)
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    if sys.stdin.readline():
        sys.stdout.write(f"{json.dumps(work())}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
