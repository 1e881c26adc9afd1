"""Run a worker."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from core import schedules, wakeups


class Command(BaseCommand):
    """Start a django-q2 cluster, with the tasks that run by the clock in place."""

    help = "Make sure that the scheduled tasks exist, then run background work until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        tasks = schedules.ensure()
        schedules.catch_up()
        self.stdout.write(f"{len(tasks)} scheduled tasks are in place.")
        for task in settings.SAFETY_NET_TASKS:
            # What a killed worker left behind need not wait for the clock.
            wakeups.answered(task)
            wakeups.wake(task)
        # The cluster forks: a connection must not be shared by two processes.
        connections.close_all()
        call_command("qcluster")
