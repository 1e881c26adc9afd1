"""Whether a background task has already been told that there is work."""

from typing import Any, ClassVar

from django.db import models


class Wakeup(models.Model):
    """One row per task; ``queued`` keeps a thousand commits from queueing a thousand tasks."""

    task = models.CharField(max_length=100, primary_key=True)
    queued = models.BooleanField(default=False)

    objects: ClassVar[Any] = models.Manager()

    def __str__(self) -> str:
        return self.task
