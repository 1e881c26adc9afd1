"""Run a worker."""

import logging
import sys
from typing import Any, ClassVar

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from core import schedules
from core.worker import cluster
from core.worker.limits import Limits
from core.worker.supervisor import supervise

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Start a supervised cluster, with the tasks that run by the clock in place."""

    help = "Make sure that the scheduled tasks exist, then run background work until stopped."
    limits: ClassVar[Limits] = Limits()

    def handle(self, *args: Any, **options: Any) -> None:
        tasks = schedules.ensure()
        cluster.resume()
        logger.info("worker.schedules_ensured", extra={"schedules": len(tasks)})
        # The cluster is forked: a connection must not be shared by two processes.
        connections.close_all()
        if sys.platform != "linux":
            self.stderr.write("Only on Linux is a worker watched: see docs/operations.md.")
            call_command("qcluster")
            return
        sys.exit(supervise(self.limits))
