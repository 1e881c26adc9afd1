"""``python -m bench.scim TASK DIRECTORY JSON``: a process that asks, and says how long it took.

DIRECTORY is the file that says whom. Everything is ready when it says so; it begins when it reads
a line, checks every answer, and prints what came of it as JSON.
"""

import json
import sys
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path

from bench.assignments import Message
from bench.processes import READY
from bench.scim import assignments, requests
from bench.scim.answers import Answer
from bench.scim.assignments import Directory, Filling, Load, Mixture, Verification
from bench.scim.sending import Sender, Sent

Work = Callable[[], Message]


def main() -> int:
    """Return 0 when every answer was right, or when it was never told to begin."""
    task, path, fields = sys.argv[1:]
    work = TASKS[task](assignments.read(Path(path)), json.loads(fields))
    sys.stdout.write(f"{READY}\n")
    sys.stdout.flush()
    if sys.stdin.readline():
        sys.stdout.write(f"{json.dumps(work())}\n")
    return 0


def load(directory: Directory, fields: Message) -> Work:
    """Return the work: requests of one kind."""
    given = Load(**fields)
    sender = Sender(directory, requests.of_load(directory, given))
    return lambda: _figures(sender.at_a_time(given.in_flight))


def mixture(directory: Directory, fields: Message) -> Work:
    """Return the work: requests of all kinds, each when it is due."""
    given = Mixture(**fields)
    sender = Sender(directory, requests.of_mixture(directory, given))
    return lambda: _figures(sender.when_due(given.per_second))


def verification(directory: Directory, fields: Message) -> Work:
    """Return the work: ask whether everything was done."""
    sender = Sender(directory, requests.of_verification(directory, Verification(**fields)))
    return lambda: _figures(sender.at_a_time(1))


def filling(directory: Directory, fields: Message) -> Work:
    """Return the work: create the users, and the group with its members."""
    return partial(fill, directory, Filling(**fields))


def fill(directory: Directory, given: Filling) -> Message:
    """Return the ids of the users, in their order, and of the group."""
    posts = [requests.posting(number) for number in range(given.users)]
    users = tuple(map(_id, Sender(directory, posts).at_a_time(given.in_flight).answers))
    post = requests.group_posting(lambda answer: answer.demand(bool(_id(answer))))
    group = _id(Sender(directory, [post]).at_a_time(1).answers[0])
    members, at_once = users[: given.members], requests.MEMBERS_AT_ONCE
    joining = [
        requests.members_adding(group, members[first : first + at_once])
        for first in range(0, given.members, at_once)
    ]
    Sender(directory, joining).at_a_time(1)
    return {"users": users, "group": group}


def _id(answer: Answer) -> str:
    return str(answer.json(HTTPStatus.CREATED)["id"])


def _figures(sent: Sent) -> Message:
    return {"seconds": sent.seconds, "took_ms": sent.took_ms}


TASKS: dict[str, Callable[[Directory, Message], Work]] = {
    "filling": filling,
    "load": load,
    "mixture": mixture,
    "verification": verification,
}


if __name__ == "__main__":
    sys.exit(main())
