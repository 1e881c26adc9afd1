"""How fast the peers are: Celery with a task per delivery, and the django-webhook package.

They run in an environment of their own, on the same PostgreSQL server and against the same nginx.
"""

import time

from bench.assignments import PeerBacklog, as_json
from bench.figures import Measured
from bench.processes import ROOT, Program, run_to_end, running
from bench.servers import redis
from bench.sizes import EVENT_BYTES, PROCESSES
from bench.stage import Stage, wait_until

FOLDER = ROOT / "bench" / ".venv"
PYTHON = FOLDER / "bin" / "python"
REQUIREMENTS = ROOT / "bench" / "peers" / "requirements.txt"
INSTALLED = FOLDER / "installed.txt"
UV = ROOT / ".tools" / "bin" / "uv"
# A queue of no use, so that the workers stand by until they are given the one with the backlog.
IDLE_QUEUE = "idle"
LIMIT_SECONDS = 600.0
PLAIN_DONE = "SELECT count(*) FROM plain_delivery WHERE state = 'delivered'"
PACKAGED_DONE = "SELECT count(*) FROM django_webhook_webhookevent WHERE status = 'SUCCESS'"


def install() -> None:
    """Make the peers' environment, unless it holds what is asked for already."""
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if INSTALLED.is_file() and INSTALLED.read_text(encoding="utf-8") == wanted:
        return
    base = str(ROOT / ".venv" / "bin" / "python")
    run_to_end((str(UV), "venv", "--clear", "--quiet", "--python", base, str(FOLDER)))
    words = (str(UV), "pip", "install", "--quiet", "--python", str(PYTHON))
    run_to_end((*words, "--requirements", str(REQUIREMENTS)))
    INSTALLED.write_text(wanted, encoding="utf-8")


def celery(stage: Stage) -> Measured:
    """Measure a Celery task per delivery."""
    return {"celery.deliveries_per_s": _deliveries_per_s(stage, "plain", PLAIN_DONE)}


def django_webhook(stage: Stage) -> Measured:
    """Measure the django-webhook package."""
    return {"django_webhook.deliveries_per_s": _deliveries_per_s(stage, "packaged", PACKAGED_DONE)}


def _deliveries_per_s(stage: Stage, peer: str, done: str) -> float:
    count = stage.sizes.peer_deliveries
    backlog = PeerBacklog(deliveries=count, urls=tuple(stage.nginx.urls()), event_bytes=EVENT_BYTES)
    with stage.postgresql.new() as database, redis(stage.folder) as broker:
        variables = {
            "PEER_DATABASE_URL": database.url,
            "PEER_BROKER_URL": broker,
            "DJANGO_SETTINGS_MODULE": "bench.peers.settings",
        }
        words = (str(PYTHON), "-m", "bench.peers", peer, as_json(backlog))
        with (
            running("Celery", _workers(), stage.folder / "celery.log", variables),
            running(
                f"backlog of {peer}", words, stage.folder / "peer.log", variables, talking=True
            ) as queued,
        ):
            queued.wait_until_ready()
            database.settle()
            before = stage.nginx.requests()
            started = time.perf_counter()
            queued.begin()
            _wait(stage, queued, before + count)
            wait_until(f"{peer}: the record", lambda: database.number(done) == count, LIMIT_SECONDS)
            return count / (time.perf_counter() - started)


def _workers() -> tuple[str, ...]:
    return (
        *(str(PYTHON), "-m", "celery", "--app", "bench.peers.app", "worker"),
        *("--pool", "prefork", "--concurrency", str(PROCESSES), "--queues", IDLE_QUEUE),
    )


def _wait(stage: Stage, queued: Program, requests: int) -> None:
    def arrived() -> bool:
        return stage.nginx.requests() >= requests

    wait_until(f"{queued.name}: the arrival of every request", arrived, LIMIT_SECONDS)
