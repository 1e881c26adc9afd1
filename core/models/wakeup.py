"""Whether a background task has already been told that there is work."""

from typing import Any, ClassVar

from django.db import models


class Wakeup(models.Model):
    """One row per task; ``queued`` keeps a thousand commits from queueing a thousand tasks.

    Until ``attended_until`` a worker is waiting for this very work, and need only be called.
    """

    task = models.CharField(max_length=100, primary_key=True)
    queued = models.BooleanField(default=False)
    attended_until = models.DateTimeField(null=True)

    objects: ClassVar[Any] = models.Manager()

    def __str__(self) -> str:
        return self.task
