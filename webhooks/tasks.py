"""What the workers run for webhooks."""

from datetime import timedelta

from django.utils import timezone

from core import wakeups
from core.models import Event
from webhooks import attending, deletion, repair, retention, services
from webhooks.dispatch import DELIVER_TASK
from webhooks.inbound import processing
from webhooks.inbound.reception import PROCESS_TASK
from webhooks.services import REPLAY_TASK

# Well under the timeout of Q_CLUSTER, after which a worker is killed in the middle.
LONGEST_STAY = timedelta(seconds=200)


def deliver() -> int:
    """Send what is due, and stay for what comes; return how many attempts that took."""
    wakeups.answered(DELIVER_TASK)
    return attending.attend(longest=LONGEST_STAY)


def process_messages() -> int:
    """Make events of what endpoints have received; return how many."""
    wakeups.answered(PROCESS_TASK)
    return processing.process()


def replay() -> int:
    """Go on with long replays; return how many deliveries are in the queue again."""
    wakeups.answered(REPLAY_TASK)
    return services.go_on()


def erase_expired() -> int:
    """Erase what tenants no longer want kept; return of how many events."""
    wakeups.answered(retention.ERASE_TASK)
    return retention.erase_expired()


def erase_deleted() -> int:
    """Erase what deleted subscriptions have left behind; return how many deliveries."""
    wakeups.answered(deletion.ERASE_TASK)
    return deletion.erase_deleted()


def repair_lanes() -> int:
    """Make up for lanes that are missing or know less than the deliveries; return how many."""
    return repair.repair_lanes(timezone.now())


def mail_staff(event_id: str) -> int:
    """Tell a tenant's staff of an event of a subscription; return how many mails were sent."""
    event = Event.objects.filter(pk=event_id).select_related("tenant").first()
    return 0 if event is None else services.mail_staff(event)
