"""Everything that can be said about the code without running its tests."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools import environment

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 300
SHOWN_LINES = 80
CODE = (".py", ".html", ".js", ".css", ".sh")
# Not ours to keep short: what is installed, generated or made by Django.
NOT_READ = frozenset(("generated", "migrations", "node_modules", "staticfiles", "var"))
MANAGE = (sys.executable, "manage.py")
# What a production installation looks like; nothing is reached under these names.
PRODUCTION = {
    "HTTPS_ONLY": "true",
    "BEHIND_TLS_PROXY": "true",
    "PUBLIC_URL": "https://patchbay.example",
    "ALLOWED_HOSTS": "patchbay.example",
    "LOG_FORMAT": "json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to look at: it is silent when all is well, and else says what to correct."""

    name: str
    look: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program that exits with 0 when all is well."""

    words: tuple[str, ...]
    variables: dict[str, str] = field(default_factory=dict)

    def __call__(self) -> str:
        ended = subprocess.run(
            self.words,
            cwd=ROOT,
            env=_environment() | self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return (ended.stdout or f"exit code {ended.returncode}") if ended.returncode else ""


def _environment() -> dict[str, str]:
    """Return an environment that no ``.env`` has a say in, with a database that is not kept."""
    own = {"DATABASE_URL": "sqlite://:memory:", "ENV_FILE": os.devnull, "DEBUG": "false"}
    return os.environ | environment.fresh() | own


def long_files(root: Path = ROOT) -> str:
    """Return a line for each file of code that is too long to read in one go."""
    found = ((path.relative_to(root), len(path.read_bytes().splitlines())) for path in _code(root))
    return "".join(
        f"{path} has {lines} lines, more than {MAX_LINES}: make it a package of the same name\n"
        for path, lines in found
        if lines > MAX_LINES
    )


def _code(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - NOT_READ - {f for f in folders if f.startswith(".")})
        yield from (Path(folder) / name for name in sorted(names) if name.endswith(CODE))


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _ruff(*words: str) -> Command:
    return Command(words=(_program("ruff"), *words, "--output-format=concise", "."))


STEPS = (
    Step(name="locked dependencies", look=Command(words=(".tools/bin/uv", "lock", "--check"))),
    Step(name="format", look=_ruff("format", "--check")),
    Step(name="lint", look=_ruff("check")),
    Step(name="length of files", look=long_files),
    Step(name="direction of imports", look=Command(words=(_program("lint-imports"),))),
    Step(
        name="migrations complete",
        look=Command(words=(*MANAGE, "makemigrations", "--check", "--dry-run")),
    ),
    Step(
        name="migrations in one line",
        look=Command(
            words=(*MANAGE, "check", "--tag", "models"), variables={"LINT_MIGRATIONS": "true"}
        ),
    ),
    Step(
        name="deployment",
        look=Command(
            words=(*MANAGE, "check", "--deploy", "--fail-level", "WARNING"), variables=PRODUCTION
        ),
    ),
    Step(name="types", look=Command(words=(_program("mypy"), "."))),
)


def _shortened(complaint: str) -> str:
    lines = complaint.rstrip().splitlines()
    left_out = len(lines) - SHOWN_LINES
    if left_out > 0:
        half = SHOWN_LINES // 2
        lines[half:-half] = [f"… {left_out} more lines …"]
    return "\n".join(lines)


def main() -> int:
    """Take every step, print how it ended and how long it took; return 0 when all is well."""
    failed = []
    for step in STEPS:
        started = time.monotonic()
        complaint = step.look()
        mark = "FAILED" if complaint else "ok"
        print(f"{mark:>6}  {time.monotonic() - started:5.1f} s  {step.name}", flush=True)
        if complaint:
            print(_shortened(complaint), flush=True)
            failed.append(step.name)
    if failed:
        print(f"\n== check failed: {', '.join(failed)}")
        return 1
    print("\n== check passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
