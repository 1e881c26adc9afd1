"""What the processes that ask are told: dataclasses that cross over as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Somebody's directory, and the ids of its ``users`` in their order.

    The first ``members`` of them are in its one group.
    """

    base_url: str
    token: str
    users: tuple[str, ...] = ()
    group: str = ""
    members: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """Users to create one by one, and a group that is to have the first of them."""

    users: int
    members: int
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Requests of one kind (``list``, ``filter``, ``add_member``, ``post``), so many at a time.

    ``first`` is the number of the first page or user that they are about.
    """

    kind: str
    first: int
    requests: int
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Requests of all kinds, sent when they are due whether or not those before are answered.

    ``joiners`` and ``newcomers`` are the numbers of the first user to add to the group, and to
    create.
    """

    requests: int
    per_second: float
    joiners: int
    newcomers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What must be true in the end: who joined the group, who left it, how many users there are."""

    joined: int
    left: int
    users: int


Assignment = Filling | Load | Mixture | Verification


def as_json(assignment: Assignment) -> str:
    """Return the fields of an assignment as JSON."""
    return json.dumps(asdict(assignment))


def write(directory: Directory, path: Path) -> None:
    """Write down a directory for the processes to come."""
    path.write_text(json.dumps(asdict(directory)), encoding="utf-8")


def read(path: Path) -> Directory:
    """Return the directory that ``write`` wrote."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    return Directory(**fields | {"users": tuple(fields["users"])})
