"""What the check of the code says by itself, beside the programs it runs."""

from pathlib import Path

from tools import check


def write_lines(path: Path, count: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x\n" * count, encoding="utf-8")


def test_file_of_three_hundred_lines_is_short_enough(tmp_path: Path) -> None:
    write_lines(tmp_path / "app" / "services.py", 300)

    assert check.long_files(tmp_path) == ""


def test_longer_file_is_named_with_its_length(tmp_path: Path) -> None:
    write_lines(tmp_path / "app" / "services.py", 301)

    assert check.long_files(tmp_path) == (
        "app/services.py has 301 lines, more than 300: make it a package of the same name\n"
    )


def test_length_of_what_nobody_writes_by_hand_does_not_count(tmp_path: Path) -> None:
    for folder in ("app/migrations", ".venv/lib", "tests/generated", "staticfiles"):
        write_lines(tmp_path / folder / "long.py", 301)
    write_lines(tmp_path / "uv.lock", 301)

    assert check.long_files(tmp_path) == ""


def test_command_that_fails_is_quoted_and_one_that_succeeds_is_silent() -> None:
    fine = check.Command(words=("sh", "-c", "echo noise"))
    broken = check.Command(words=("sh", "-c", "echo what is wrong; exit 3"))
    mute = check.Command(words=("sh", "-c", "exit 3"))

    assert fine() == ""
    assert broken() == "what is wrong\n"
    assert mute() == "exit code 3"


def test_steps_see_a_database_that_is_not_kept() -> None:
    step = check.Command(words=("sh", "-c", 'echo "$DATABASE_URL $ENV_FILE"; exit 1'))

    assert step() == "sqlite://:memory: /dev/null\n"
