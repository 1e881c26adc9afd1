"""What processes note for their supervisor, and what it sees of them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django_q.queues import Queue

from core.worker import stopping
from core.worker.board import Board, take_part
from core.worker.cluster import StartNote, StopNote, WatchedEvent, WatchedQueue, WatchedResults
from core.worker.processes import descendants, find, is_stopped
from tests.sinks import wait_until

FORK = multiprocessing.get_context("fork")
PATIENCE_SECONDS = 20.0
# A process with a child; both wait, each in a session of its own.
FAMILY = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
print(child.pid, flush=True)
input()
"""


def in_child(work: Callable[[], None]) -> int | None:
    """Do ``work`` in a forked process; return its exit code."""
    child = FORK.Process(target=work)
    child.start()
    child.join(PATIENCE_SECONDS)
    return child.exitcode


def test_notes_of_a_child_are_seen_at_once() -> None:
    board = Board(2)
    queue: Any = Queue()
    pushing = WatchedQueue(queue, board.pusher)
    working = WatchedQueue(queue, board.workers[1])

    def take_both() -> None:
        assert [working.get(), working.get()] == ["first", "second"]

    pushing.put("first")
    pushing.put("second")
    exit_code = in_child(take_both)

    assert exit_code == 0
    assert (board.pusher.sent, board.pusher.busy) == (2, 0)
    assert (board.workers[1].received, board.workers[1].busy) == (2, 1)
    assert (board.workers[0].received, board.workers[0].busy) == (0, 0)


def test_worker_is_busy_from_its_task_until_it_hands_in_the_result() -> None:
    seat = Board(1).workers[0]
    tasks: Any = Queue()
    results: Any = Queue()
    tasks.put({"name": "any"})

    task = WatchedQueue(tasks, seat).get()
    busy_with_task = seat.busy
    WatchedResults(results, seat).put(task)

    assert (busy_with_task, seat.busy) == (1, 0)
    assert (seat.received, seat.sent) == (1, 1)
    assert results.get() == {"name": "any"}


def test_result_that_cannot_be_pickled_becomes_a_failure() -> None:
    seat = Board(1).workers[0]
    results: Any = Queue()

    WatchedResults(results, seat).put({"name": "any", "success": True, "result": lambda: None})

    handed_in = results.get()
    assert (handed_in["name"], handed_in["success"]) == ("any", False)
    assert handed_in["result"].startswith("The result cannot be kept: ")
    assert seat.sent == 1


def test_pusher_is_seen_to_go_round() -> None:
    seat = Board(1).pusher
    event = WatchedEvent(threading.Event(), seat)

    asked = [event.is_set() for _ in range(3)]

    assert asked == [False, False, False]
    assert seat.turns == 3


def test_start_and_stop_are_known_to_every_process() -> None:
    board = Board(1)
    started, stopped = StartNote(board), StopNote(board)
    before = (board.started, stopped.wait(0.01))

    def start_and_stop() -> None:
        started.set()
        board.ask_to_stop()

    exit_code = in_child(start_and_stop)
    asked_at = time.monotonic()
    waited = stopped.wait(30)

    assert exit_code == 0
    assert before == (False, False)
    assert (started.is_set(), stopped.is_set(), waited) == (True, True, True)
    assert time.monotonic() - asked_at < 10


def test_task_knows_that_its_worker_shall_end(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(1)
    outside = stopping()

    def be_asked() -> None:
        take_part(board)
        known = [stopping()]
        board.ask_to_stop()
        os._exit(int([*known, stopping()] != [False, True]))

    assert outside is False
    assert in_child(be_asked) == 0
    assert stopping() is False


def test_processes_are_known_by_their_seats() -> None:
    board = Board(2)
    board.sentinel.process, board.monitor.process, board.workers[1].process = 11, 12, 13

    assert board.processes == [11, 12, 13]
    assert board.seat_of(13) is board.workers[1]
    assert board.seat_of(11) is None
    assert board.seat_of(14) is None


def test_family_of_a_process_is_found_whatever_session_it_is_in() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        family = descendants(parent.pid)
        mine = descendants(os.getpid())
        parent.communicate(b"\n")

    assert family == [child]
    assert {parent.pid, child} <= set(mine)
    assert descendants(parent.pid) == []


def test_process_stopped_by_a_signal_is_told_from_one_that_waits() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        waiting = is_stopped(process.pid)
        process.send_signal(signal.SIGSTOP)
        wait_until(lambda: is_stopped(process.pid))
        process.send_signal(signal.SIGCONT)
        wait_until(lambda: not is_stopped(process.pid))
        process.communicate(b"\n")

    assert waiting is False
    assert find(process.pid) is None
    assert is_stopped(process.pid) is False
