"""Telling the workers that there is work.

A wake-up carries nothing: what there is to do stands in the tables. So a lost wake-up costs time
(until ``settings.SAFETY_NET_TASKS`` run, every minute) and never work, and one that comes twice
costs nothing.
"""

from django.db import transaction
from django_q.tasks import async_task

from core.models import Wakeup


def wake(task: str) -> None:
    """Have ``task`` run soon after the current transaction has committed.

    ``task`` is the dotted path of a function without arguments. Wake-ups that are still waiting
    in the queue are joined by later ones.
    """
    # robust: the change is committed; a wake-up that cannot be queued must not look like a failure
    transaction.on_commit(lambda: _enqueue(task), robust=True)


def answered(task: str) -> None:
    """Say that ``task`` has started: what is committed from now on needs a wake-up of its own.

    The task must call this first, before it looks for work. Run by the safety net it also repairs
    the flag of a wake-up whose place in the queue was lost.
    """
    Wakeup.objects.filter(task=task).update(queued=False)


def _enqueue(task: str) -> None:
    if Wakeup.objects.filter(task=task, queued=True).exists():
        return
    with transaction.atomic():
        Wakeup.objects.bulk_create([Wakeup(task=task)], ignore_conflicts=True)
        if Wakeup.objects.filter(task=task, queued=False).update(queued=True):
            async_task(task)
